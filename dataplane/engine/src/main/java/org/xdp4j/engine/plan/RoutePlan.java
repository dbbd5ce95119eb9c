package org.xdp4j.engine.plan;

import java.util.List;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/**
 * A route.
 *
 * @param prefix where to
 * @param type {@code UNICAST}, or {@code BLACKHOLE}, {@code UNREACHABLE}, {@code PROHIBIT} without
 *     hops
 * @param hops next hops; flows are spread over several by their weights
 */
public record RoutePlan(IpPrefix prefix, RouteType type, List<Hop> hops) {
  /** Takes a copy of the list, and checks it against the type. */
  public RoutePlan {
    hops = List.copyOf(hops);
    switch (type) {
      case UNICAST -> require(!hops.isEmpty(), prefix, "has no next hop");
      case BLACKHOLE, UNREACHABLE, PROHIBIT ->
          require(hops.isEmpty(), prefix, "leads nowhere and has a next hop");
      default -> require(false, prefix, "follows from an interface's address alone");
    }
  }

  private static void require(boolean holds, IpPrefix prefix, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException("the route to " + prefix + " " + otherwise);
    }
  }

  /**
   * A next hop.
   *
   * @param interfaceName null for the interface whose link the gateway is on
   * @param gateway null when destinations are on the interface's own link
   * @param weight its share of flows against the others', from 1
   */
  public record Hop(String interfaceName, IpAddress gateway, int weight) {
    /** Checks the weight and that there is one of both. */
    public Hop {
      if (weight < 1 || interfaceName == null && gateway == null) {
        throw new IllegalArgumentException(
            "a next hop has an interface or a gateway, and a weight of 1 or more");
      }
    }
  }

  /** A route by one gateway. */
  public static RoutePlan via(String prefix, String gateway) {
    return new RoutePlan(
        IpPrefix.parse(prefix),
        RouteType.UNICAST,
        List.of(new Hop(null, IpAddress.parse(gateway), 1)));
  }

  /** A route without next hops. */
  public static RoutePlan special(String prefix, RouteType type) {
    return new RoutePlan(IpPrefix.parse(prefix), type, List.of());
  }
}
