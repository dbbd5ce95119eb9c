package org.xdp4j.net.stack;

/** What an IPv4 address can stand for (RFC 1122, section 3.2.1.3; RFC 1812, section 5.3.7). */
final class Ipv4Addresses {
  static final int LIMITED_BROADCAST = -1;

  private Ipv4Addresses() {}

  /** Whether it can be one station's: not of network 0 or 127, no group, not class E. */
  static boolean isStation(int address) {
    int first = address >>> 24;
    return first != 0 && first != 127 && first < 224;
  }

  static boolean isMulticast(int address) {
    return address >>> 28 == 0xe;
  }

  /** 169.254.0.0/16 (RFC 3927). */
  static boolean isLinkLocal(int address) {
    return address >>> 16 == 0xa9fe;
  }

  /** A group that is not forwarded, whatever its TTL (RFC 5771, section 4). */
  static boolean isLinkGroup(int address) {
    return address >>> 8 == 0xe00000;
  }
}
