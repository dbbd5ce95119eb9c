package org.xdp4j.daemon.config;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.engine.plan.RoutePlan;
import org.xdp4j.engine.plan.RoutePlan.Hop;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/** {@code [[route]]}, and {@code [[route.hop]]} where there are several next hops. */
final class RouteSection {
  private static final int MAX_WEIGHT = 1 << 16;

  static final Section SECTION =
      Section.list(
          "route",
          "A route. Those to the networks of interfaces follow from the interfaces and are not"
              + " named here. Long lists go into files, see `[routes]`.");

  private static final Key<IpPrefix> TO =
      SECTION.required("to", Values.PREFIX, "Where to, as in `\"0.0.0.0/0\"`.");
  private static final Key<IpAddress> VIA =
      SECTION.optional(
          "via", Values.ADDRESS, "destinations are on the interface's link", "The next hop.");
  private static final Key<String> INTERFACE =
      SECTION.optional(
          "interface",
          Values.NAME_OF_SECTION,
          "the interface on whose network `via` is",
          "The interface it leaves by.");
  private static final Key<RouteType> TYPE =
      SECTION.defaulted(
          "type",
          Values.oneOf(
              List.of(
                  RouteType.UNICAST,
                  RouteType.BLACKHOLE,
                  RouteType.UNREACHABLE,
                  RouteType.PROHIBIT)),
          RouteType.UNICAST,
          "`\"unicast\"`",
          "`blackhole` drops in silence, `unreachable` and `prohibit` tell the sender.");

  private static final Section HOP =
      Section.list(
          "route.hop",
          "One of several next hops of the route above it. A flow keeps its next hop.");
  private static final Key<IpAddress> HOP_VIA =
      HOP.optional("via", Values.ADDRESS, "as of a route", "The next hop.");
  private static final Key<String> HOP_INTERFACE =
      HOP.optional(
          "interface", Values.NAME_OF_SECTION, "as of a route", "The interface it leaves by.");
  private static final Key<Integer> WEIGHT =
      HOP.defaulted(
          "weight",
          Values.integer(1, MAX_WEIGHT),
          1,
          "Its share of flows against the other next hops'.");

  static {
    SECTION.with(HOP);
  }

  private RouteSection() {}

  static void read(Table root, Scope scope, RouteList routes) {
    for (Table table : root.tables(SECTION)) {
      IpPrefix to = table.get(TO);
      RouteType type = table.get(TYPE);
      if (table.has(TYPE) && table.find(TYPE).isEmpty()) {
        continue;
      }
      List<Hop> hops = hops(table, type, scope, routes);
      boolean sensible = type == RouteType.UNICAST != hops.isEmpty();
      if (to != null && sensible) {
        checkFamilies(table, to, hops);
        routes.add(table.locate(new RoutePlan(to, type, hops)));
      }
    }
  }

  private static List<Hop> hops(Table table, RouteType type, Scope scope, RouteList routes) {
    List<Hop> hops = new ArrayList<>();
    List<Table> several = table.tables(HOP);
    boolean single = table.has(VIA) || table.has(INTERFACE);
    if (type != RouteType.UNICAST) {
      if (single || !several.isEmpty()) {
        table.report(TYPE, "a route that leads nowhere has no next hop", "");
      }
      return hops;
    }
    if (single && !several.isEmpty()) {
      table.report("next hops are said twice", "put all of them into [[route.hop]]");
    }
    if (single) {
      addHop(table, VIA, INTERFACE, 1, scope, routes, hops);
    } else if (several.isEmpty()) {
      table.report("leads nowhere", "say via, interface, [[route.hop]] or a type like blackhole");
    }
    for (Table hop : several) {
      if (!hop.has(HOP_VIA) && !hop.has(HOP_INTERFACE)) {
        hop.report("leads nowhere", "say via or interface");
      } else {
        addHop(hop, HOP_VIA, HOP_INTERFACE, hop.get(WEIGHT), scope, routes, hops);
      }
    }
    return hops;
  }

  private static void addHop(
      Table table,
      Key<IpAddress> viaKey,
      Key<String> interfaceKey,
      int weight,
      Scope scope,
      RouteList routes,
      List<Hop> hops) {
    Located<IpAddress> via = table.find(viaKey).orElse(null);
    Located<String> out = table.find(interfaceKey).orElse(null);
    boolean broken = table.has(viaKey) && via == null || table.has(interfaceKey) && out == null;
    if (broken || out != null && !scope.hasInterface(out)) {
      return;
    }
    String found = out != null ? out.value() : routes.interfaceOf(via.value());
    if (found == null) {
      scope.report(via, via.value() + " is on no interface's network", "say which with interface");
      return;
    }
    if (via != null && out != null) {
      routes.expect(via, found);
    }
    if (via != null && routes.isOwn(via.value())) {
      scope.report(via, via.value() + " is this router's own address", "");
    }
    hops.add(new Hop(found, via == null ? null : via.value(), weight));
  }

  private static void checkFamilies(Table table, IpPrefix to, List<Hop> hops) {
    for (Hop hop : hops) {
      // An IPv6 next hop for IPv4 is fine (RFC 8950); the other way round is not.
      if (hop.gateway() != null && to.address().isIpv6() && !hop.gateway().isIpv6()) {
        table.report("an IPv6 route has no IPv4 next hop", "");
      }
    }
  }
}
