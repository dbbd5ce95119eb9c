package org.xdp4j.net.stack;

/** Why the stack let a packet go no further. */
public enum DropReason {
  FRAME_TOO_SHORT("frame-too-short", "it has no whole Ethernet header"),
  BAD_SOURCE_MAC("bad-source-mac", "its source hardware address is a group's"),
  UNKNOWN_PORT("unknown-port", "no interface and no bridge is on its port"),
  UNKNOWN_VLAN("unknown-vlan", "no interface of its port has its VLAN"),
  VLAN_FILTERED("vlan-filtered", "its bridge port does not take its VLAN"),
  INTERFACE_DOWN("interface-down", "the interface it came in on is down"),
  OUTPUT_DOWN("output-down", "the interface it would leave by is down or gone"),
  NOT_FOR_US("not-for-us", "its destination hardware address is another station's"),
  BRIDGE_SAME_PORT("bridge-same-port", "its destination is behind the port it came from"),
  BRIDGE_NO_PORT("bridge-no-port", "no port of its bridge takes it"),
  LINK_CONTROL("link-control", "it is a link's control frame, which bridges do not forward"),
  UNKNOWN_ETHERTYPE("unknown-ethertype", "it is neither IPv4, IPv6 nor ARP"),
  ARP_MALFORMED("arp-malformed", "its ARP packet is cut short or not about Ethernet and IPv4"),
  ARP_CONFLICT("arp-conflict", "another station claims an address of ours"),
  IPV4_TRUNCATED("ipv4-truncated", "it has no whole IPv4 header, or less than its length says"),
  IPV4_BAD_HEADER("ipv4-bad-header", "the version or a length in its IPv4 header is wrong"),
  IPV4_BAD_CHECKSUM("ipv4-bad-checksum", "the checksum of its IPv4 header is wrong"),
  IPV4_BAD_OPTIONS("ipv4-bad-options", "an IPv4 option is malformed"),
  IPV4_SOURCE_ROUTE("ipv4-source-route", "it has a source route, which is not allowed"),
  IPV6_TRUNCATED("ipv6-truncated", "it has no whole IPv6 header, or less than its length says"),
  IPV6_BAD_HEADER("ipv6-bad-header", "the version or a length in its IPv6 header is wrong"),
  IPV6_BAD_EXTENSION("ipv6-bad-extension", "an extension header is malformed or not known"),
  IPV6_BAD_OPTION("ipv6-bad-option", "an option says to discard it where it is not known"),
  MARTIAN_SOURCE("martian-source", "its source can be no single station's address"),
  MARTIAN_DESTINATION("martian-destination", "its destination can be nobody's address"),
  REVERSE_PATH("reverse-path", "its source is not reached through the interface it came from"),
  LINK_BROADCAST("link-broadcast", "its frame was to many stations, its packet to one"),
  FORWARDING_OFF("forwarding-off", "the interface it came in on does not forward"),
  NO_ROUTE("no-route", "there is no route to its destination"),
  BLACKHOLE("blackhole", "its route is a blackhole"),
  UNREACHABLE_ROUTE("unreachable-route", "its route says unreachable"),
  PROHIBITED_ROUTE("prohibited-route", "its route says prohibited"),
  TTL_EXCEEDED("ttl-exceeded", "its TTL or hop limit ran out"),
  LINK_LOCAL("link-local", "a link-local address is not forwarded to another link"),
  DIRECTED_BROADCAST("directed-broadcast", "it is for all stations of another link"),
  MULTICAST("multicast", "it is to a group that nobody here listens to"),
  BROADCAST("broadcast", "it is to all stations of its link, and nothing here listens"),
  FRAGMENTATION_NEEDED("fragmentation-needed", "it is larger than the MTU and must stay whole"),
  NEIGHBOR_FAILED("neighbor-failed", "its next hop does not answer"),
  NEIGHBOR_QUEUE_FULL("neighbor-queue-full", "too many packets wait for a neighbour"),
  NEIGHBOR_TABLE_FULL("neighbor-table-full", "the neighbour table has no room"),
  NO_SOURCE_ADDRESS("no-source-address", "the interface has no address to send it from"),
  NO_BUFFER("no-buffer", "no packet could be had for it"),
  NO_HEADROOM("no-headroom", "there is no room for a link header before it"),
  ICMP_MALFORMED("icmp-malformed", "its ICMP message is cut short or its checksum is wrong"),
  UDP_MALFORMED("udp-malformed", "its UDP datagram is cut short or its checksum is wrong"),
  ICMP_IGNORED("icmp-ignored", "an ICMP message that is not to be answered"),
  ND_INVALID("nd-invalid", "a neighbour discovery message that breaks a rule of RFC 4861"),
  MLD_INVALID("mld-invalid", "a multicast listener message that breaks a rule of RFC 3810"),
  FRAGMENT_TO_US("fragment-to-us", "a fragment for us could not be put together"),
  FRAGMENT_WITHOUT_FIRST(
      "fragment-without-first",
      "its datagram's first fragment did not come, or long ago, so nobody knows its ports"),
  TINY_FRAGMENT(
      "tiny-fragment",
      "a first fragment without a whole transport header, or a later one that writes over it"),
  NO_LISTENER("no-listener", "it is for us and nothing here listens"),
  FILTERED("filtered", "a rule of the filter dropped it"),
  FILTER_STATE("filter-state", "it belongs to no connection that the filter knows"),
  FILTER_FULL("filter-full", "the filter's table of connections is full"),
  NAT_NO_MAPPING("nat-no-mapping", "it answers or tells about nothing that NAT has a mapping for"),
  NAT_FULL("nat-full", "no port or no room for a mapping is left"),
  NAT_HOST_LIMIT("nat-host-limit", "its host has as many mappings as it may have"),
  NAT_UNSUPPORTED("nat-unsupported", "its protocol cannot be translated"),
  POLICED("policed", "its rate is over the limit"),
  STOPPED("stopped", "it was held when the stack was stopped"),
  INTERNAL_ERROR("internal-error", "the stack failed on it, which is a bug of ours");

  private static final DropReason[] REASONS = values();
  private final String label;
  private final String sentence;

  DropReason(String label, String sentence) {
    this.label = label;
    this.sentence = sentence;
  }

  /** How many there are. */
  public static int count() {
    return REASONS.length;
  }

  /** A short name for tables and metrics. */
  public String label() {
    return label;
  }

  /** The reason in words. */
  public String sentence() {
    return sentence;
  }
}
