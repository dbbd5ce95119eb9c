package org.xdp4j.net.wire;

import java.lang.foreign.MemorySegment;

/**
 * An ICMP (RFC 792) or ICMPv6 (RFC 4443) header.
 *
 * <pre>
 *  0  type   1  code   2  checksum   4  depends on the type; for echo: identifier, sequence number
 * </pre>
 */
public final class Icmp {
  public static final int SIZE = 8;
  public static final int ECHO_REPLY = 0;
  public static final int UNREACHABLE = 3;
  public static final int REDIRECT = 5;
  public static final int ECHO_REQUEST = 8;
  public static final int TIME_EXCEEDED = 11;
  public static final int PARAMETER_PROBLEM = 12;

  public static final int NET_UNREACHABLE = 0;
  public static final int HOST_UNREACHABLE = 1;
  public static final int PROTOCOL_UNREACHABLE = 2;
  public static final int PORT_UNREACHABLE = 3;
  public static final int FRAGMENTATION_NEEDED = 4;
  public static final int SOURCE_ROUTE_FAILED = 5;
  public static final int PROHIBITED = 13;

  public static final int V6_ECHO_REQUEST = 128;
  public static final int V6_ECHO_REPLY = 129;

  private Icmp() {}

  /** Whether a type is of a message about another packet, which is then quoted in it. */
  public static boolean isError(int type) {
    return switch (type) {
      case UNREACHABLE, 4, REDIRECT, TIME_EXCEEDED, PARAMETER_PROBLEM -> true;
      default -> false;
    };
  }

  /** Computes the checksum of a message and sets it. */
  public static void seal(MemorySegment memory, long header, int length) {
    Bytes.put16(memory, header + 2, 0);
    Bytes.put16(memory, header + 2, Checksum.of(memory, header, length));
  }

  public static int type(MemorySegment memory, long header) {
    return Bytes.u8(memory, header);
  }

  public static int code(MemorySegment memory, long header) {
    return Bytes.u8(memory, header + 1);
  }

  public static int checksum(MemorySegment memory, long header) {
    return Bytes.u16(memory, header + 2);
  }
}
