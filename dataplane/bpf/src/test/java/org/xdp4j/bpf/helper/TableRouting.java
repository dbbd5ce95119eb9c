package org.xdp4j.bpf.helper;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.context.RouteQuery;
import org.xdp4j.bpf.context.Routing;

/** A routing table as plain lists, for tests: rules, tables, longest prefix, metric. */
final class TableRouting implements Routing {
  static final int LOCAL_TABLE = 255;

  private record Route(int table, boolean ipv6, BigInteger prefix, int length, Hop hop) {
    boolean matches(RouteQuery query) {
      int shift = (ipv6 ? 128 : 32) - length;
      return ipv6 == query.ipv6
          && prefix
              .shiftRight(shift)
              .equals(number(query.destinationHigh, query.destinationLow).shiftRight(shift));
    }
  }

  private record Neighbor(int ifindex, boolean ipv6, long high, long low) {}

  private final Map<Integer, Link> links = new HashMap<>();
  private final List<Route> routes = new ArrayList<>();
  private final Map<Neighbor, Long> neighbors = new HashMap<>();
  private final Map<Integer, Integer> tablesOfMarks = new HashMap<>();

  void link(Link link) {
    links.put(link.ifindex(), link);
  }

  void mark(int mark, int table) {
    tablesOfMarks.put(mark, table);
  }

  void neighbor(int ifindex, String address, long mac) {
    BigInteger at = number(address);
    neighbors.put(
        new Neighbor(ifindex, address.contains(":"), at.shiftRight(64).longValue(), at.longValue()),
        mac);
  }

  /** A route to {@code prefix}, such as 10.0.0.0/8, by {@code gateway} or, when null, directly. */
  void unicast(
      int table, String prefix, int ifindex, String gateway, int metric, int mtu, String source) {
    BigInteger to = gateway == null ? BigInteger.ZERO : number(gateway);
    BigInteger from = source == null ? BigInteger.ZERO : number(source);
    int version = gateway == null ? 0 : gateway.contains(":") ? 6 : 4;
    add(
        table,
        prefix,
        new Hop(
            RouteKind.UNICAST,
            ifindex,
            metric,
            mtu,
            version,
            to.shiftRight(64).longValue(),
            to.longValue(),
            source != null,
            from.shiftRight(64).longValue(),
            from.longValue(),
            false));
  }

  /** A route that adds a header of its own. */
  void tunnel(int table, String prefix, int ifindex, int metric) {
    Hop hop = new Hop(RouteKind.UNICAST, ifindex, metric, 0, 0, 0, 0, true, 0, 0, true);
    add(table, prefix, hop);
  }

  void special(int table, String prefix, RouteKind kind, int ifindex) {
    add(table, prefix, new Hop(kind, ifindex, 0, 0, 0, 0, 0, false, 0, 0, false));
  }

  private void add(int table, String prefix, Hop hop) {
    String[] parts = prefix.split("/");
    int length = Integer.parseInt(parts[1]);
    routes.add(new Route(table, prefix.contains(":"), number(parts[0]), length, hop));
  }

  @Override
  public Link link(int ifindex) {
    return links.get(ifindex);
  }

  @Override
  public Hop route(RouteQuery query) {
    if (query.table != RouteQuery.BY_RULES) {
      return route(query, query.table);
    }
    Hop local = route(query, LOCAL_TABLE);
    Integer marked = tablesOfMarks.get(query.mark);
    Hop found = local == null && marked != null ? route(query, marked) : local;
    return found != null ? found : route(query, RouteQuery.MAIN_TABLE);
  }

  private Hop route(RouteQuery query, int table) {
    Route best = null;
    for (Route route : routes) {
      boolean leaves =
          query.ipv6
              || query.egress == 0
              || query.egress == route.hop.ifindex()
              || route.hop.ifindex() == 0;
      if (route.table == table && leaves && route.matches(query)) {
        best = best == null || route.length > best.length ? route : best;
      }
    }
    return best == null ? null : best.hop;
  }

  @Override
  public long neighbor(int ifindex, boolean ipv6, long high, long low) {
    return neighbors.getOrDefault(new Neighbor(ifindex, ipv6, high, low), NO_NEIGHBOR);
  }

  static BigInteger number(String address) {
    try {
      return new BigInteger(1, InetAddress.getByName(address).getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static BigInteger number(long high, long low) {
    return new BigInteger(Long.toUnsignedString(high))
        .shiftLeft(64)
        .or(new BigInteger(Long.toUnsignedString(low)));
  }
}
