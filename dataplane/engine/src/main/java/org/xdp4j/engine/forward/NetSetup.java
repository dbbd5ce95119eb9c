package org.xdp4j.engine.forward;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.xdp4j.engine.plan.BridgePlan;
import org.xdp4j.engine.plan.FilterPlan;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.NatPlan;
import org.xdp4j.engine.plan.NeighborPlan;
import org.xdp4j.engine.plan.RoutePlan;
import org.xdp4j.engine.port.PortState;
import org.xdp4j.net.filter.Filter;
import org.xdp4j.net.filter.FilterRule;
import org.xdp4j.net.link.Bridge;
import org.xdp4j.net.link.BridgePort;
import org.xdp4j.net.nat.Nat44;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.stack.Interface;
import org.xdp4j.net.stack.InterfaceBuilder;
import org.xdp4j.net.stack.Router;
import org.xdp4j.net.stack.Topology;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/**
 * The network stack's side of a plan: made and checked as a whole against what runs now, then put
 * in its place by {@link #commit}, which cannot fail.
 */
final class NetSetup {
  /** Interfaces that are not a port's untagged frames are numbered from here. */
  private static final int FIRST_VIRTUAL = 1000;

  private record Hop(int interfaceIndex, IpAddress gateway, int weight) {}

  private final ForwarderPlan plan;
  private NetSetup before;
  private final Router router;
  private final Map<String, LivePort> ports = new LinkedHashMap<>();
  private Map<String, Integer> bridges = new HashMap<>();
  private Map<String, Integer> interfaces = new HashMap<>();
  private final Topology topology;
  private final Map<Hop, NextHop> hops;
  private final Map<IpPrefix, Route> routes;
  private final List<Route> coming = new ArrayList<>();
  private final List<IpPrefix> leaving = new ArrayList<>();
  private Nat44 nat;
  private final Filter filter;
  private List<FilterRule> rules = List.of();

  /**
   * Makes and checks it.
   *
   * @param before what runs now; null for nothing
   * @throws ForwarderException naming what is wrong
   */
  NetSetup(ForwarderPlan plan, List<LivePort> livePorts, Router router, NetSetup before)
      throws ForwarderException {
    this.plan = plan;
    this.before = before;
    this.router = router;
    livePorts.forEach(port -> ports.put(port.name(), port));
    require(plan.punt() == null || ports.containsKey(plan.punt()), "punt", plan.punt());
    require(plan.mirror() == null || ports.containsKey(plan.mirror()), "mirror", plan.mirror());
    if (isSameTopology()) {
      bridges = before.bridges;
      interfaces = before.interfaces;
      topology = before.topology;
    } else {
      topology = makeTopology();
    }
    hops = before == null ? new HashMap<>() : before.hops;
    routes = makeRoutes();
    if (plan.neighbors().size() > plan.limits().neighbors()) {
      throw new ForwarderException(
          "limits.neighbors: the neighbour table has %d entries, and %d neighbours are given"
              .formatted(plan.limits().neighbors(), plan.neighbors().size()));
    }
    for (NeighborPlan neighbor : plan.neighbors()) {
      index("neighbour " + neighbor.address(), neighbor.interfaceName());
    }
    nat = makeNat();
    filter = makeFilter();
  }

  private static void require(boolean holds, String what, String port) throws ForwarderException {
    if (!holds) {
      throw new ForwarderException(what + ": there is no port '" + port + "'");
    }
  }

  // Interfaces and bridges.

  private boolean isSameTopology() {
    return before != null
        && before.plan.interfaces().equals(plan.interfaces())
        && before.plan.bridges().equals(plan.bridges())
        && List.copyOf(before.ports.values()).equals(List.copyOf(ports.values()));
  }

  private Topology makeTopology() throws ForwarderException {
    List<Bridge> links = new ArrayList<>();
    numberBridges();
    for (BridgePlan bridge : plan.bridges()) {
      links.add(makeBridge(bridge));
    }
    number();
    List<Interface> made = new ArrayList<>();
    for (InterfacePlan each : plan.interfaces()) {
      made.add(makeInterface(each));
    }
    try {
      return Topology.of(made, links);
    } catch (IllegalArgumentException e) {
      throw new ForwarderException(e.getMessage(), e);
    }
  }

  private Bridge makeBridge(BridgePlan bridge) throws ForwarderException {
    String where = "bridge '" + bridge.name() + "'";
    if (ports.containsKey(bridge.name())) {
      throw new ForwarderException(where + ": a port has the same name");
    }
    List<BridgePort> members = new ArrayList<>();
    for (BridgePlan.Member member : bridge.members()) {
      LivePort port = ports.get(member.port());
      if (port == null) {
        throw new ForwarderException(where + ": there is no port '" + member.port() + "'");
      }
      try {
        int[] tagged = member.tagged().stream().mapToInt(Integer::intValue).toArray();
        members.add(new BridgePort(port.ifindex, member.untagged(), tagged));
      } catch (IllegalArgumentException e) {
        throw new ForwarderException(where + ": " + e.getMessage(), e);
      }
    }
    Bridge old = before == null ? null : before.bridge(bridge.name());
    int number = bridges.get(bridge.name());
    return old == null ? new Bridge(number, members) : new Bridge(number, members, old.stations());
  }

  private Bridge bridge(String name) {
    Integer number = bridges.get(name);
    return number == null
        ? null
        : topology.bridges().stream().filter(each -> each.number() == number).findAny().get();
  }

  /** Gives every bridge the number it had, or the first that none had. */
  private void numberBridges() throws ForwarderException {
    Map<String, Integer> had = before == null ? Map.of() : before.bridges;
    Set<Integer> taken = new HashSet<>(had.values()); // One that left may still be looked for.
    for (BridgePlan each : plan.bridges()) {
      Integer number = had.get(each.name());
      if (number != null) {
        bridges.put(each.name(), number);
      }
    }
    int next = 0;
    Set<String> seen = new HashSet<>();
    for (BridgePlan each : plan.bridges()) {
      if (!seen.add(each.name())) {
        throw new ForwarderException("bridge '" + each.name() + "': there are two of this name");
      }
      if (!bridges.containsKey(each.name())) {
        while (!taken.add(next)) {
          next++;
        }
        bridges.put(each.name(), next);
      }
    }
  }

  /** The index of the interface that was on the same link, or null: an index is a link's. */
  private Integer indexBefore(InterfacePlan now) {
    if (before == null) {
      return null;
    }
    for (InterfacePlan old : before.plan.interfaces()) {
      if (old.on().equals(now.on()) && old.tag().equals(now.tag())) {
        return before.interfaces.get(old.name());
      }
    }
    return null;
  }

  /** Gives every interface its index: its port's, what it had, or the first that is free. */
  private void number() throws ForwarderException {
    Set<Integer> taken = new HashSet<>();
    ports.values().forEach(port -> taken.add(port.ifindex));
    for (InterfacePlan each : plan.interfaces()) {
      LivePort port = ports.get(each.on());
      boolean isPorts = port != null && each.tag().vlan() == 0;
      Integer had = indexBefore(each);
      Integer index = isPorts ? Integer.valueOf(port.ifindex) : had;
      boolean free = index != null && (isPorts || index >= FIRST_VIRTUAL && taken.add(index));
      if (free && interfaces.putIfAbsent(each.name(), index) != null) {
        throw new ForwarderException("interface '" + each.name() + "': there are two of this name");
      }
    }
    if (before != null) {
      taken.addAll(before.interfaces.values()); // One that is left may still be looked for.
    }
    int next = FIRST_VIRTUAL;
    for (InterfacePlan each : plan.interfaces()) {
      if (!interfaces.containsKey(each.name())) {
        while (!taken.add(next)) {
          next++;
        }
        interfaces.put(each.name(), next);
      }
    }
  }

  private Interface makeInterface(InterfacePlan each) throws ForwarderException {
    LivePort port = ports.get(each.on());
    Integer bridge = bridges.get(each.on());
    if (port == null && bridge == null) {
      throw new ForwarderException(
          "interface '%s': there is no port or bridge '%s'".formatted(each.name(), each.on()));
    }
    InterfaceBuilder builder = Interface.builder(interfaces.get(each.name()), each.name());
    InterfacePlan.Tag tag = each.tag();
    if (tag.inner() != 0) {
      builder.vlan(tag.vlan(), tag.inner()).outerType(tag.outerType());
    } else if (tag.vlan() != 0) {
      builder.vlan(tag.vlan());
    }
    if (port != null) {
      builder.port(port.ifindex).mac(port.port.mac()).mtu(port.port.mtu());
    } else {
      LivePort first = firstOf(each.on());
      builder.bridge(bridge);
      if (first != null) {
        builder.mac(first.port.mac()).mtu(first.port.mtu());
      }
    }
    if (each.mac() != 0) {
      builder.mac(each.mac());
    }
    if (each.mtu() != 0) {
      builder.mtu(each.mtu());
    }
    each.addresses().forEach(builder::address);
    InterfacePlan.Options options = each.options();
    builder
        .forwarding(options.forwarding())
        .directedBroadcast(options.directedBroadcast())
        .sourceRoute(options.sourceRoute())
        .redirects(options.redirects())
        .advertise(options.advertise())
        .mirror(options.mirror())
        .detectDuplicates(options.detectDuplicates())
        .reversePath(options.reversePath());
    try {
      if (options.policeRate() != 0) {
        builder.police(options.policeRate(), options.policeBurst());
      }
      return builder.build();
    } catch (IllegalArgumentException e) {
      String reason = e.getMessage();
      throw new ForwarderException(
          reason.startsWith("interface ") ? reason : "interface '" + each.name() + "': " + reason,
          e);
    }
  }

  private LivePort firstOf(String bridge) {
    for (BridgePlan each : plan.bridges()) {
      if (each.name().equals(bridge) && !each.members().isEmpty()) {
        return ports.get(each.members().getFirst().port());
      }
    }
    return null;
  }

  private int index(String where, String name) throws ForwarderException {
    Integer index = interfaces.get(name);
    if (index == null) {
      throw new ForwarderException(where + ": there is no interface '" + name + "'");
    }
    return index;
  }

  /** The interface with this name; null for no name. */
  private int indexOrAny(String where, String name) throws ForwarderException {
    return name == null ? 0 : index(where, name);
  }

  // Routes.

  private Map<IpPrefix, Route> makeRoutes() throws ForwarderException {
    Map<IpPrefix, Route> own = Router.routesOf(topology);
    Map<IpPrefix, Route> old = before == null ? Map.of() : before.routes;
    Map<IpPrefix, Route> made = new HashMap<>(plan.routes().size() * 4 / 3 + 1);
    for (RoutePlan each : plan.routes()) {
      IpPrefix prefix = each.prefix().network();
      Route known = old.get(prefix);
      Route route = route(each, prefix);
      if (known != null && isSame(known, route)) {
        route = known;
      } else {
        coming.add(route);
      }
      if (own.containsKey(prefix)) {
        throw new ForwarderException(
            "route to %s: the prefix is an address or the link of an interface: %s"
                .formatted(prefix, own.get(prefix)));
      }
      if (made.put(prefix, route) != null) {
        throw new ForwarderException("route to " + prefix + ": there are two of it");
      }
    }
    for (IpPrefix prefix : old.keySet()) {
      if (!made.containsKey(prefix)) {
        leaving.add(prefix);
      }
    }
    return made;
  }

  private static boolean isSame(Route one, Route other) {
    if (one.type() != other.type() || one.hopCount() != other.hopCount()) {
      return false;
    }
    for (int i = 0; i < one.hopCount(); i++) {
      if (one.hop(i) != other.hop(i)) {
        return false;
      }
    }
    return true;
  }

  private Route route(RoutePlan each, IpPrefix prefix) throws ForwarderException {
    if (each.hops().isEmpty()) {
      return Route.special(prefix, each.type());
    }
    NextHop[] next = new NextHop[each.hops().size()];
    for (int i = 0; i < next.length; i++) {
      next[i] = nextHop(prefix, each.hops().get(i));
    }
    return Route.via(prefix, next);
  }

  private NextHop nextHop(IpPrefix prefix, RoutePlan.Hop hop) throws ForwarderException {
    int index =
        hop.interfaceName() == null
            ? linkOf(prefix, hop.gateway())
            : index("route to " + prefix, hop.interfaceName());
    return hops.computeIfAbsent(
        new Hop(index, hop.gateway(), hop.weight()),
        key -> new NextHop(key.interfaceIndex, key.gateway, key.weight));
  }

  private int linkOf(IpPrefix prefix, IpAddress gateway) throws ForwarderException {
    Interface found = null;
    int longest = -1;
    for (Interface each : topology.interfaces()) {
      for (var address : each.addresses()) {
        IpPrefix own = address.prefix();
        if (own.address().isIpv6() == gateway.isIpv6()
            && own.length() > longest
            && !own.address().isLinkLocal()
            && own.contains(gateway)) {
          found = each;
          longest = own.length();
        }
      }
    }
    if (found == null) {
      throw new ForwarderException(
          "route to %s: its gateway %s is on no interface's link".formatted(prefix, gateway));
    }
    return found.index();
  }

  // NAT and filter.

  private Nat44 makeNat() throws ForwarderException {
    NatPlan fresh = plan.nat();
    if (fresh == null) {
      return null;
    }
    try {
      List<Integer> outside = new ArrayList<>();
      for (String name : fresh.outside()) {
        outside.add(index("nat", name));
      }
      RandomGenerator random =
          fresh.seed().isPresent()
              ? new SplittableRandom(fresh.seed().getAsLong())
              : new SecureRandom();
      Nat44 made = new Nat44(outside, fresh.pool(), fresh.capacity(), fresh.perHost(), random);
      for (NatPlan.Forward forward : fresh.forwards()) {
        made.open(
            forward.protocol(),
            forward.outside(),
            forward.outsidePort(),
            forward.inside(),
            forward.insidePort());
      }
      return made;
    } catch (IllegalArgumentException e) {
      throw new ForwarderException("nat: " + e.getMessage(), e);
    }
  }

  private Filter makeFilter() throws ForwarderException {
    FilterPlan fresh = plan.filter();
    if (fresh == null) {
      return null;
    }
    List<FilterRule> made = new ArrayList<>();
    for (FilterPlan.Rule rule : fresh.rules()) {
      String where = "filter rule " + (made.size() + 1);
      try {
        made.add(
            new FilterRule(
                indexOrAny(where, rule.in()),
                indexOrAny(where, rule.out()),
                rule.source(),
                rule.destination(),
                rule.protocol(),
                rule.sourcePorts(),
                rule.destinationPorts(),
                rule.verdict()));
      } catch (IllegalArgumentException e) {
        throw new ForwarderException(where + ": " + e.getMessage(), e);
      }
    }
    rules = made;
    try {
      return before != null && before.filter != null
          ? before.filter
          : new Filter(made, fresh.otherwise(), fresh.capacity());
    } catch (IllegalArgumentException e) {
      throw new ForwarderException("filter: " + e.getMessage(), e);
    }
  }

  // The change itself.

  /** The interfaces on a port, and its place on a bridge, follow its state. */
  void follow(LivePort port) {
    boolean up = port.port.state() == PortState.UP;
    for (Interface each : topology.interfaces()) {
      if (each.port() == port.ifindex && each.isUp() != up) {
        router.setUp(each.index(), up);
      }
    }
    for (Bridge bridge : topology.bridges()) {
      BridgePort member = bridge.find(port.ifindex);
      if (member != null && member.isUp() != up) {
        bridge.setUp(port.ifindex, up);
      }
    }
  }

  /**
   * Puts it in the place of what was before.
   *
   * @param farewells has a worker tell hosts of interfaces that are about to leave
   */
  void commit(Runnable farewells) {
    if (router.leaveFor(topology)) {
      farewells.run();
    }
    boolean stays = before != null && before.topology == topology;
    Collection<NeighborPlan> old = before == null ? List.of() : before.plan.neighbors();
    for (NeighborPlan each : plan.neighbors()) {
      // Before the routes that lead to them: nobody has to wait for one.
      router
          .neighbors()
          .setPermanent(interfaces.get(each.interfaceName()), each.address(), each.mac());
    }
    // Where there were none they come before what they guard; where they leave, they go after it.
    if (before == null || before.filter == null) {
      router.setFilter(filter);
    } else if (filter != null) {
      filter.addRules(rules, plan.filter().otherwise());
    }
    if (before == null || before.nat == null) {
      router.setNat(nat);
    }
    router.change(stays ? null : topology, coming, leaving);
    coming.clear();
    leaving.clear();
    for (NeighborPlan each : old) {
      if (!hasNeighbor(each)) {
        router.neighbors().remove(before.interfaces.get(each.interfaceName()), each.address());
      }
    }
    if (filter != null) {
      filter.setRules(rules, plan.filter().otherwise());
      filter.resize(plan.filter().capacity());
    }
    if (nat != null && before != null && before.nat != null) {
      if (!plan.nat().equals(before.plan.nat()) || !nat.hasSameOutside(before.nat)) {
        before.nat.become(nat, plan.nat().capacity());
      }
      nat = before.nat; // With its mappings.
    }
    router.setNat(nat);
    router.setFilter(filter);
    router.setPunts(plan.punt() != null);
    ports.values().forEach(this::follow);
    before = null;
  }

  private boolean hasNeighbor(NeighborPlan old) {
    return plan.neighbors().stream()
        .anyMatch(
            each ->
                each.address().equals(old.address())
                    && interfaces
                        .get(each.interfaceName())
                        .equals(before.interfaces.get(old.interfaceName())));
  }

  /** The interface index of the punt port, and of the mirror port; 0 for none. */
  int puntIndex() {
    return plan.punt() == null ? 0 : ports.get(plan.punt()).ifindex;
  }

  int mirrorIndex() {
    return plan.mirror() == null ? 0 : ports.get(plan.mirror()).ifindex;
  }
}
