package org.xdp4j.net.route;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.net.wire.IpAddress;

/**
 * The different things routes do: each a type and next hops, which many routes have in common. A
 * route stands for all that do the same, so that what packets need of a route is in the cache
 * however many routes there are. Used by writers only, one at a time.
 */
final class Ways {
  private record Hop(int interfaceIndex, IpAddress gateway, int weight) {}

  private record Key(RouteType type, List<Hop> hops) {}

  private static final class Shared {
    final Way way;
    int users;

    Shared(Route route) {
      this.way = Way.of(route);
    }
  }

  private final Map<Key, Shared> ways = new HashMap<>();

  /** Finds the way of a route, and notes it there. */
  void enter(Route route) {
    Shared shared = ways.computeIfAbsent(key(route), key -> new Shared(route));
    shared.users++;
    route.way = shared.way;
  }

  /** A route is no longer in the table. */
  void leave(Route route) {
    Key key = key(route);
    Shared shared = ways.get(key);
    if (shared != null && --shared.users == 0) {
      ways.remove(key);
    }
  }

  private static Key key(Route route) {
    List<Hop> hops = new ArrayList<>(route.hopCount());
    for (int i = 0; i < route.hopCount(); i++) {
      NextHop hop = route.hop(i);
      hops.add(new Hop(hop.interfaceIndex(), hop.gateway(), hop.weight()));
    }
    return new Key(route.type(), hops);
  }
}
