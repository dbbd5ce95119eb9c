package org.xdp4j.net.route;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/**
 * A prefix and what becomes of packets to it. Immutable.
 *
 * <p>A flow's hash chooses among several next hops: the space of hashes is cut into as many ranges
 * as there are next hops, wide by weight (hash-threshold, RFC 2992), so that a flow keeps its next
 * hop and a change of the set moves few flows.
 */
public final class Route {
  private static final NextHop[] NONE = {};

  final long high;
  final long low;
  private final byte length;
  private final boolean ipv6;
  private final RouteType type;

  /** The only next hop, or null: most routes have one, and are spared an array to look into. */
  private final NextHop only;

  /** All next hops when there are several, else empty. */
  private final NextHop[] several;

  /** What all routes that do the same have in common ({@link Ways}); set when it enters a table. */
  Way way;

  private Route(IpPrefix prefix, RouteType type, NextHop[] hops) {
    IpPrefix network = prefix.network();
    this.high = network.address().high();
    this.low = network.address().low();
    this.length = (byte) prefix.length();
    this.ipv6 = prefix.address().isIpv6();
    this.type = type;
    this.only = hops.length == 1 ? hops[0] : null;
    this.several = hops.length == 1 ? NONE : hops;
  }

  /**
   * A route to next hops.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Route via(IpPrefix prefix, NextHop... hops) {
    if (hops.length == 0) {
      throw new IllegalArgumentException("the route to " + prefix + " has no next hop");
    }
    return new Route(prefix, RouteType.UNICAST, hops.clone());
  }

  /** A route without next hops: any type but unicast. */
  public static Route special(IpPrefix prefix, RouteType type) {
    if (type == RouteType.UNICAST) {
      throw new IllegalArgumentException("the route to " + prefix + " has no next hop");
    }
    return new Route(prefix, type, NONE);
  }

  /** A route to an address of an interface: local, anycast or broadcast. */
  public static Route ofInterface(IpPrefix prefix, RouteType type, int interfaceIndex) {
    return new Route(prefix, type, new NextHop[] {new NextHop(interfaceIndex, null)});
  }

  public IpPrefix prefix() {
    return new IpPrefix(new IpAddress(ipv6, high, low), length());
  }

  /** Whether its prefix is an IPv6 one. */
  public boolean isIpv6() {
    return ipv6;
  }

  /** Bits of the prefix. */
  public int length() {
    return length & 0xff;
  }

  public RouteType type() {
    return type;
  }

  /** How many next hops there are. */
  public int hopCount() {
    return only != null ? 1 : several.length;
  }

  /** The next hop where there is one and no other; else null. */
  public NextHop only() {
    return only;
  }

  /** One of the next hops. */
  public NextHop hop(int index) {
    return only != null ? only : several[index];
  }

  /** The next hops. */
  public List<NextHop> hops() {
    return only != null ? List.of(only) : List.of(several);
  }

  /** Which of the next hops a flow has; 32 well mixed bits tell flows apart. */
  public int index(int flowHash) {
    if (only != null) {
      return 0;
    }
    long total = 0;
    for (NextHop hop : several) {
      total += hop.weight();
    }
    long point = (Integer.toUnsignedLong(flowHash) * total) >>> 32;
    int index = 0;
    while (index < several.length - 1 && point >= several[index].weight()) {
      point -= several[index].weight();
      index++;
    }
    return index;
  }

  @Override
  public String toString() {
    String name = type == RouteType.UNICAST ? "" : type.name().toLowerCase(Locale.ROOT);
    String via = hops().stream().map(NextHop::toString).collect(Collectors.joining(", "));
    return (name + " " + prefix() + " " + via).strip();
  }
}
