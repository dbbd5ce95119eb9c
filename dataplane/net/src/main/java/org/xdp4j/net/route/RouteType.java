package org.xdp4j.net.route;

/** What becomes of packets to a prefix; the names are Linux's (rtnetlink's RTN_ values). */
public enum RouteType {
  /** Sent to one of its next hops. */
  UNICAST,
  /** An address of our own. */
  LOCAL,
  /** The address of all routers of a link (RFC 4291, section 2.6.1), ours among them. */
  ANYCAST,
  /** The address of all stations of a link (RFC 1812, section 5.3.5). */
  BROADCAST,
  /** Dropped without a word. */
  BLACKHOLE,
  /** Refused: the destination is not reachable. */
  UNREACHABLE,
  /** Refused: administratively prohibited. */
  PROHIBIT
}
