package org.xdp4j.net.stack;

/** What an IPv6 address can stand for (RFC 4291). */
final class Ipv6Addresses {
  static final long LINK_SCOPE = 0xff02L << 48;

  static final long SITE_SCOPE = 0xff05L << 48;

  /** The lower halves of ff02::1 and ff02::2. */
  static final long ALL_NODES = 1;

  static final long ALL_ROUTERS = 2;

  private static final long SOLICITED_NODE = 0x1_ff00_0000L;

  private Ipv6Addresses() {}

  static boolean isMulticast(long high) {
    return high >>> 56 == 0xff;
  }

  static boolean isLinkLocal(long high) {
    return high >>> 54 == 0xfe80 >>> 6;
  }

  static boolean isUnspecified(long high, long low) {
    return (high | low) == 0;
  }

  /** ::1, or an IPv4 address in IPv6's clothes (RFC 4291, 2.5.3; RFC 6890): never on a link. */
  static boolean isMartian(long high, long low) {
    return high == 0 && (low == 1 || low >>> 32 == 0xffff);
  }

  /** The scope of a group (RFC 4291, section 2.7): 1 is the interface, 2 the link. */
  static int scope(long high) {
    return (int) (high >>> 48) & 0xf;
  }

  /** The lower half of the group that an address's solicitations are sent to (section 2.7.1). */
  static long solicitedNode(long low) {
    return SOLICITED_NODE | low & 0xff_ffff;
  }

  static boolean isSolicitedNode(long high, long low) {
    return high == LINK_SCOPE && low >>> 24 == SOLICITED_NODE >>> 24;
  }
}
