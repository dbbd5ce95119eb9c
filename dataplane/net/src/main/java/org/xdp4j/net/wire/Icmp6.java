package org.xdp4j.net.wire;

import java.lang.foreign.MemorySegment;

/** ICMPv6 (RFC 4443) and neighbour discovery (RFC 4861): numbers, and the checksum. */
public final class Icmp6 {
  public static final int UNREACHABLE = 1;
  public static final int PACKET_TOO_BIG = 2;
  public static final int TIME_EXCEEDED = 3;
  public static final int PARAMETER_PROBLEM = 4;
  public static final int ECHO_REQUEST = 128;
  public static final int ECHO_REPLY = 129;
  public static final int ROUTER_SOLICITATION = 133;
  public static final int ROUTER_ADVERTISEMENT = 134;
  public static final int NEIGHBOR_SOLICITATION = 135;
  public static final int NEIGHBOR_ADVERTISEMENT = 136;
  public static final int REDIRECT = 137;

  public static final int NO_ROUTE = 0;
  public static final int PROHIBITED = 1;
  public static final int BEYOND_SCOPE = 2;
  public static final int ADDRESS_UNREACHABLE = 3;
  public static final int PORT_UNREACHABLE = 4;

  public static final int BAD_FIELD = 0;
  public static final int UNKNOWN_NEXT_HEADER = 1;
  public static final int UNKNOWN_OPTION = 2;

  /** Options of neighbour discovery (RFC 4861, section 4.6). */
  public static final int SOURCE_LINK_ADDRESS = 1;

  public static final int TARGET_LINK_ADDRESS = 2;
  public static final int PREFIX_INFORMATION = 3;
  public static final int REDIRECTED_HEADER = 4;
  public static final int MTU = 5;

  /** Tells a sender's own solicitations from others' (RFC 3971, section 5.3.2). */
  public static final int NONCE = 14;

  private Icmp6() {}

  /** Whether a type is of an error message (RFC 4443, section 2.1). */
  public static boolean isError(int type) {
    return type < 128;
  }

  /**
   * Computes the checksum of a message and sets it.
   *
   * @param ip the IPv6 header
   */
  public static void seal(MemorySegment memory, long ip, long message, int length) {
    Bytes.put16(memory, message + 2, 0);
    long pseudo = Checksum.pseudoHeader6(memory, ip, IpProtocol.ICMPV6, length);
    Bytes.put16(
        memory, message + 2, Checksum.finish(Checksum.sum(memory, message, length, pseudo)));
  }

  /** Whether a message's checksum is right. */
  public static boolean isSound(MemorySegment memory, long ip, long message, int length) {
    long pseudo = Checksum.pseudoHeader6(memory, ip, IpProtocol.ICMPV6, length);
    return Checksum.finish(Checksum.sum(memory, message, length, pseudo)) == 0;
  }
}
