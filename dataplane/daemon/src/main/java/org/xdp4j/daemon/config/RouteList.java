package org.xdp4j.daemon.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Place;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.RoutePlan;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/** All routes of one file and of the files it names, and what follows from the interfaces. */
final class RouteList {
  private final Scope scope;
  private final Map<IpPrefix, String> networks = new TreeMap<>();
  private final Map<IpAddress, String> own = new HashMap<>();
  private final Map<IpPrefix, RoutePlan> routes = new HashMap<>();
  private final List<RoutePlan> inOrder = new ArrayList<>();
  private final List<Map.Entry<Located<IpAddress>, String>> expected = new ArrayList<>();

  /** Begins with what the interfaces say. */
  RouteList(Scope scope) {
    this.scope = scope;
    for (Located<InterfacePlan> each : scope.interfaces.values()) {
      for (IpPrefix prefix : each.value().addresses()) {
        own.putIfAbsent(prefix.address(), each.value().name());
        if (!prefix.address().isLinkLocal()) {
          networks.putIfAbsent(prefix.network(), each.value().name());
        }
      }
    }
  }

  /** The interface on whose network an address is, the most exact one; null for none. */
  String interfaceOf(IpAddress address) {
    String found = null;
    int length = -1;
    for (Map.Entry<IpPrefix, String> each : networks.entrySet()) {
      if (each.getKey().length() > length && each.getKey().contains(address)) {
        found = each.getValue();
        length = each.getKey().length();
      }
    }
    return found;
  }

  /** Notes a next hop that is to be on an interface's link. */
  void expect(Located<IpAddress> via, String name) {
    expected.add(Map.entry(via, name));
  }

  /** Reports next hops that are on no network of their interface, all routes being known. */
  void check() {
    for (Map.Entry<Located<IpAddress>, String> each : expected) {
      Located<IpAddress> via = each.getKey();
      String name = each.getValue();
      if (!isReachable(via.value(), name) && !isRoutedTo(via.value(), name)) {
        scope.report(via, via.value() + " is on no network of interface " + name, "");
      }
    }
  }

  /** Whether a route without a next hop leads to an address by an interface, as in Linux. */
  private boolean isRoutedTo(IpAddress address, String name) {
    return inOrder.stream()
        .filter(route -> route.prefix().contains(address))
        .flatMap(route -> route.hops().stream())
        .anyMatch(hop -> hop.gateway() == null && name.equals(hop.interfaceName()));
  }

  /**
   * Whether a next hop can be on an interface's link: on a network of its, or link-local, or of a
   * family in which the interface has no network, only addresses at the most.
   */
  private boolean isReachable(IpAddress address, String name) {
    Located<InterfacePlan> found = scope.interfaces.get(name);
    if (found == null || address.isLinkLocal()) {
      return true;
    }
    List<IpPrefix> same =
        found.value().addresses().stream()
            .filter(prefix -> prefix.address().isIpv6() == address.isIpv6())
            .filter(prefix -> prefix.length() < prefix.address().bits())
            .toList();
    return same.isEmpty() || same.stream().anyMatch(prefix -> prefix.contains(address));
  }

  /** Whether it is an address of this router's. */
  boolean isOwn(IpAddress address) {
    return own.containsKey(address);
  }

  /** The interfaces' own addresses. */
  Map<IpAddress, String> ownAddresses() {
    return own;
  }

  /** Adds a route of the configuration file. */
  void add(Located<RoutePlan> route) {
    String reason = refusal(route.value());
    if (reason != null) {
      scope.report(route, reason, "");
    }
  }

  /** Adds a route of another file. */
  void add(RoutePlan route, String file, Place place) {
    String reason = refusal(route);
    if (reason != null) {
      scope.problems().addIn(file, place, "", reason);
    }
  }

  /** Adds it; says why not if it cannot be. */
  private String refusal(RoutePlan route) {
    IpPrefix prefix = route.prefix();
    String network = networks.get(prefix);
    if (network != null) {
      return prefix + " is the network of interface " + network + ", whose route is there anyway";
    }
    if (prefix.length() == prefix.address().bits() && own.containsKey(prefix.address())) {
      return prefix + " is an address of interface " + own.get(prefix.address());
    }
    if (routes.putIfAbsent(prefix, route) != null) {
      return "there is another route to " + prefix;
    }
    inOrder.add(route);
    return null;
  }

  /** All of them in order. */
  List<RoutePlan> list() {
    return inOrder;
  }
}
