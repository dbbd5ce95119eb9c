package org.xdp4j.daemon.control.api;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.xdp4j.daemon.control.http.Problem;
import org.xdp4j.daemon.control.http.Reply;
import org.xdp4j.daemon.control.http.Request;
import org.xdp4j.daemon.control.json.JsonWriter;
import org.xdp4j.daemon.control.view.Dataplane;
import org.xdp4j.net.route.Fib;
import org.xdp4j.net.route.Neighbor;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.stack.Interface;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;
import org.xdp4j.net.wire.MacAddress;

/** Forwarding tables and neighbours. */
final class FibRoutes {
  private static final int PAGE = 1000;
  private static final int MAX_PAGE = 10_000;

  private final Dataplane dataplane;

  FibRoutes(Dataplane dataplane) {
    this.dataplane = dataplane;
  }

  /**
   * A route.
   *
   * @param type as rtnetlink calls it: unicast, local, blackhole and so on
   */
  record RouteView(String prefix, String type, List<Hop> nextHops) {}

  /**
   * Where a route leads.
   *
   * @param gateway null when destinations are on the link themselves
   * @param weight its share of flows against its siblings'
   */
  record Hop(String device, String gateway, int weight) {}

  /**
   * A neighbour.
   *
   * @param mac null while it is not known
   * @param state as RFC 4861 calls it
   */
  record NeighborView(String device, String address, String mac, String state, boolean router) {}

  List<org.xdp4j.daemon.control.http.Route> routes() {
    return List.of(
        org.xdp4j.daemon.control.http.Route.get(
            "/v1/fib", this::list, "family", "within", "after", "limit"),
        org.xdp4j.daemon.control.http.Route.get("/v1/fib/lookup", this::lookup, "address"),
        org.xdp4j.daemon.control.http.Route.get("/v1/neighbors", this::neighbors));
  }

  private Reply list(Request request) throws Problem {
    IpPrefix within = prefix(request, "within");
    IpPrefix after = prefix(request, "after");
    boolean ipv6 = isIpv6(request, within);
    if (after != null && after.address().isIpv6() != ipv6) {
      throw Problem.bad("the parameter after is a prefix of the other family");
    }
    Fib fib = dataplane.router().fib(ipv6);
    if (request.accepts(Reply.JSON_LINES)) {
      List<Route> all = fib.routes();
      return Reply.lines(
          all.stream()
              .filter(route -> within == null || isWithin(route.prefix(), within))
              .map(this::view)
              .iterator());
    }
    int limit = (int) request.number("limit", 1, MAX_PAGE, PAGE);
    List<Route> page = page(fib, within, after, limit + 1);
    boolean more = page.size() > limit;
    List<Route> shown = more ? page.subList(0, limit) : page;
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("family", ipv6 ? 6 : 4);
    reply.put("total", fib.size());
    reply.put("routes", shown.stream().map(this::view).toList());
    reply.put("next", more ? shown.getLast().prefix().toString() : null);
    return Reply.json(reply);
  }

  private static IpPrefix prefix(Request request, String name) throws Problem {
    String text = request.text(name);
    try {
      return text == null ? null : IpPrefix.parse(text).network();
    } catch (IllegalArgumentException e) {
      throw Problem.bad("the parameter " + name + ": " + e.getMessage());
    }
  }

  private static boolean isIpv6(Request request, IpPrefix within) throws Problem {
    long otherwise = within != null && within.address().isIpv6() ? 6 : 4;
    long family = request.number("family", 4, 6, otherwise);
    if (family == 5 || within != null && family != otherwise) {
      throw Problem.bad("the parameter family is 4 or 6, and that of the prefix if there is one");
    }
    return family == 6;
  }

  /**
   * The first so many routes behind one, in the order of prefixes: in one pass, keeping no more.
   */
  private static List<Route> page(Fib fib, IpPrefix within, IpPrefix after, int count) {
    Comparator<Route> order = Comparator.comparing(Route::prefix);
    PriorityQueue<Route> kept = new PriorityQueue<>(order.reversed());
    fib.forEach(
        route -> {
          IpPrefix prefix = route.prefix();
          if ((after == null || prefix.compareTo(after) > 0)
              && (within == null || isWithin(prefix, within))) {
            kept.add(route);
            if (kept.size() > count) {
              kept.poll();
            }
          }
        });
    List<Route> page = new ArrayList<>(kept);
    page.sort(order);
    return page;
  }

  private static boolean isWithin(IpPrefix prefix, IpPrefix within) {
    return prefix.length() >= within.length() && within.contains(prefix.address());
  }

  private RouteView view(Route route) {
    return new RouteView(
        route.prefix().toString(),
        JsonWriter.name(route.type()),
        route.hops().stream().map(this::view).toList());
  }

  private Hop view(NextHop hop) {
    return new Hop(
        device(hop.interfaceIndex()),
        hop.gateway() == null ? null : hop.gateway().toString(),
        hop.weight());
  }

  private String device(int index) {
    Interface found = dataplane.router().topology().byIndex(index);
    return found == null ? "interface " + index : found.name();
  }

  private Reply lookup(Request request) throws Problem {
    IpAddress address;
    try {
      address = IpAddress.parse(request.required("address"));
    } catch (IllegalArgumentException e) {
      throw Problem.bad("the parameter address: " + e.getMessage());
    }
    Fib fib = dataplane.router().fib(address.isIpv6());
    Route route =
        address.isIpv6() ? fib.lookup(address.high(), address.low()) : fib.lookup(address.ipv4());
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("address", address.toString());
    reply.put("route", route == null ? null : view(route));
    reply.put("neighbors", route == null ? List.of() : towards(route, address));
    return Reply.json(reply);
  }

  /** The neighbours that a packet to this address may be sent to. */
  private List<NeighborView> towards(Route route, IpAddress address) {
    List<NeighborView> found = new ArrayList<>();
    for (NextHop hop : route.hops()) {
      IpAddress to = hop.gateway() == null ? address : hop.gateway();
      Neighbor entry = dataplane.router().neighbors().find(hop.interfaceIndex(), to);
      if (entry != null) {
        found.add(view(entry));
      }
    }
    return found;
  }

  private Reply neighbors(Request request) {
    return Reply.json(dataplane.router().neighbors().list().stream().map(this::view).toList());
  }

  private NeighborView view(Neighbor entry) {
    long link = entry.link();
    boolean known = Neighbor.state(link).isUsable();
    return new NeighborView(
        device(entry.interfaceIndex()),
        entry.address().toString(),
        known ? MacAddress.format(Neighbor.mac(link)) : null,
        JsonWriter.name(Neighbor.state(link)),
        entry.isRouter());
  }
}
