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
  public static final int ECHO_REQUEST = 8;
  public static final int V6_ECHO_REQUEST = 128;
  public static final int V6_ECHO_REPLY = 129;

  private Icmp() {}

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
