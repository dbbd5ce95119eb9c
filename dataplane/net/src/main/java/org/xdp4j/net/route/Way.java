package org.xdp4j.net.route;

import java.util.Arrays;

/**
 * What becomes of packets: what all routes that do the same have in common, as look-ups find it.
 * Immutable but for {@link #everywhere}, which is its writer's.
 */
final class Way {
  /** The route that stands for all that do the same; null where there is none. */
  final Route route;

  /** Where all packets go, when that is one next hop of a unicast route; else null. */
  final NextHop only;

  /** What is told apart by the last 8 bits of a destination; null when nothing is. */
  final Ipv4Node below;

  private Way[] everywhere;

  private Way(Route route, NextHop only, Ipv4Node below) {
    this.route = route;
    this.only = only;
    this.below = below;
  }

  /** The way of a route, or of none when it is null. */
  static Way of(Route route) {
    boolean unicast = route != null && route.type() == RouteType.UNICAST;
    return new Way(route, unicast ? route.only() : null, null);
  }

  /** Several, by the last 8 bits. */
  static Way of(Ipv4Node below) {
    return new Way(null, null, below);
  }

  /** A block of a table in which there is nothing else. Nobody changes it. */
  Way[] everywhere() {
    if (everywhere == null) {
      Way[] block = new Way[Ipv4Table.WIDTH];
      Arrays.fill(block, this);
      everywhere = block;
    }
    return everywhere;
  }
}
