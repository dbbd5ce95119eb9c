package org.xdp4j.bpf.context;

/**
 * What {@code bpf_fib_lookup} and {@code bpf_check_mtu} ask of the network stack around a program:
 * interfaces, routes and neighbours. Called on the worker's thread, for every frame that asks, so
 * an implementation answers with objects it keeps and allocates nothing.
 */
public interface Routing {
  /**
   * Where no stack is: every interface is an Ethernet that forwards, and no route leads anywhere.
   */
  Routing NONE = new NoRouting();

  /**
   * Where the kernel's test runs take place: the loopback interface alone, index 1, which forwards
   * nothing.
   */
  Routing LOOPBACK = new LoopbackRouting();

  /** {@link #neighbor} knows no such neighbour, or not yet its address. */
  long NO_NEIGHBOR = -1;

  /**
   * An interface.
   *
   * @param ifindex its index, 1 up
   * @param mac its hardware address in the lower 48 bits, the first byte highest
   * @param mtu the most bytes of an IP packet
   * @param headerLength bytes of the link layer's header: 14 for Ethernet
   * @param forwardsIpv4 whether IPv4 packets that come in there may be forwarded
   * @param forwardsIpv6 the same for IPv6
   */
  record Link(
      int ifindex,
      long mac,
      int mtu,
      int headerLength,
      boolean forwardsIpv4,
      boolean forwardsIpv6) {}

  /** What a route says of the packets that match it. */
  enum RouteKind {
    /** They go on to the next hop (RTN_UNICAST). */
    UNICAST,
    /** They vanish (RTN_BLACKHOLE). */
    BLACKHOLE,
    /** They are answered: host unreachable (RTN_UNREACHABLE). */
    UNREACHABLE,
    /** They are answered: administratively prohibited (RTN_PROHIBIT). */
    PROHIBIT,
    /** They are not forwarded: this host's own, broadcast, multicast. */
    LOCAL
  }

  /**
   * Where a packet goes next.
   *
   * @param kind anything but {@link RouteKind#UNICAST} leaves the rest without meaning
   * @param ifindex the interface it leaves by
   * @param metric the route's priority
   * @param mtu the most bytes of a packet along the route, 0 for the interface's
   * @param gateway 0 when the destination is a neighbour itself, else the gateway's version: 4 or 6
   * @param gatewayHigh the gateway's address, upper half; 0 for version 4
   * @param gatewayLow lower half; for version 4 the address in the lower 32 bits
   * @param hasSource whether there is an address to send from
   * @param sourceHigh the address to send from, as the gateway's
   * @param sourceLow lower half
   * @param encapsulated whether the route adds a header of its own (lightweight tunnel)
   */
  record Hop(
      RouteKind kind,
      int ifindex,
      int metric,
      int mtu,
      int gateway,
      long gatewayHigh,
      long gatewayLow,
      boolean hasSource,
      long sourceHigh,
      long sourceLow,
      boolean encapsulated) {}

  /** The interface, or null. */
  Link link(int ifindex);

  /**
   * The next hop, or null when no route matches or the query's table is not there.
   *
   * @param query only valid during the call
   */
  Hop route(RouteQuery query);

  /**
   * The hardware address of a neighbour, as {@link Link#mac}; {@link #NO_NEIGHBOR} when it is not
   * known.
   */
  long neighbor(int ifindex, boolean ipv6, long high, long low);
}
