package org.xdp4j.net.stack;

/** Why a packet is handed on to whoever takes what is not the stack's. */
public enum PuntReason {
  /** Neither IPv4, IPv6 nor ARP. */
  UNKNOWN_ETHERTYPE("unknown-ethertype"),
  /** A link's own control protocol (IEEE 802.1Q, section 8.6.3): spanning tree, LLDP, LACP. */
  LINK_CONTROL("link-control"),
  /** To an address of ours, of a protocol the stack does not speak: TCP, UDP, OSPF. */
  LOCAL("local"),
  /** To all stations of a link. */
  BROADCAST("broadcast"),
  /** To a group. */
  MULTICAST("multicast"),
  /** An ICMP message to us that the stack has no use for. */
  ICMP("icmp");

  private static final PuntReason[] REASONS = values();
  private final String label;

  PuntReason(String label) {
    this.label = label;
  }

  /** How many there are. */
  public static int count() {
    return REASONS.length;
  }

  /** A short name for tables and metrics. */
  public String label() {
    return label;
  }
}
