package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;
import org.xdp4j.net.filter.Filter;
import org.xdp4j.net.flow.FragmentPorts;
import org.xdp4j.net.nat.Nat44;
import org.xdp4j.net.route.Fib;
import org.xdp4j.net.route.Neighbors;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/**
 * What all workers' stacks share. Any thread may change it at any time; workers see each change
 * with their next packet and never wait for one.
 */
public final class Router {
  private volatile RouterSettings settings;
  private final Fib ipv4 = new Fib(false);
  private final Fib ipv6 = new Fib(true);
  private final Neighbors neighbors;
  private final Identifications identifications;
  private final FragmentPorts fragments = new FragmentPorts();
  private final Map<IpPrefix, Route> interfaceRoutes = new TreeMap<>();
  private volatile Topology topology = Topology.EMPTY;
  private volatile Nat44 nat;
  private volatile Filter filter;
  private volatile boolean punts;

  /** Interfaces whose hosts are to be told that they are no router's any longer. */
  private final ConcurrentLinkedQueue<Interface> farewells = new ConcurrentLinkedQueue<>();

  private ExpressFactory expresses;

  /** Makes one without interfaces and routes. */
  public Router(RouterSettings settings) {
    this(settings, new SecureRandom());
  }

  /**
   * Makes one without interfaces and routes.
   *
   * @param random where its packets' identifications come from: the same there, the same packets
   */
  public Router(RouterSettings settings, RandomGenerator random) {
    this.identifications = new Identifications(random);
    this.settings = settings;
    this.neighbors = new Neighbors(settings.neighbors());
    this.punts = settings.punts();
  }

  public RouterSettings settings() {
    return settings;
  }

  /**
   * Puts other settings in their place; stacks have them from their next tick on. Neighbours that
   * are known stay, whatever their number may be now.
   */
  public void setSettings(RouterSettings fresh) {
    neighbors.resize(fresh.neighbors());
    settings = fresh;
    punts = fresh.punts();
  }

  public Topology topology() {
    return topology;
  }

  public Neighbors neighbors() {
    return neighbors;
  }

  /** Those of packets made here. */
  Identifications identifications() {
    return identifications;
  }

  /** What is known of datagrams that come in fragments. */
  FragmentPorts fragments() {
    return fragments;
  }

  /** What makes short ways over a memory; all stacks over the same one share their code. */
  synchronized ExpressFactory expresses(MemorySegment memory) {
    if (expresses == null || !expresses.isOf(memory)) {
      expresses = new ExpressFactory(memory);
    }
    return expresses;
  }

  /** Whether somebody takes punted packets. */
  public boolean punts() {
    return punts;
  }

  /** Says whether somebody takes punted packets; before, it is as the settings say. */
  public void setPunts(boolean on) {
    punts = on;
  }

  /** What translates addresses; null for nothing. */
  public Nat44 nat() {
    return nat;
  }

  /** Sets what translates addresses; null for nothing. */
  public void setNat(Nat44 translator) {
    nat = translator;
  }

  /** What decides about forwarded packets; null for nothing. */
  public Filter filter() {
    return filter;
  }

  /** Sets what decides about forwarded packets; null for nothing. */
  public void setFilter(Filter firewall) {
    filter = firewall;
  }

  /** The forwarding table of a family. */
  public Fib fib(boolean isIpv6) {
    return isIpv6 ? ipv6 : ipv4;
  }

  /**
   * Puts other interfaces in the place of all there are, with the routes that follow from their
   * addresses, as {@link #change} does; an interface that stays on its link goes on as it was, with
   * its neighbours.
   */
  public synchronized void setTopology(Topology fresh) {
    change(fresh, List.of(), List.of());
  }

  /** The routes that follow from the addresses of a picture's interfaces. */
  public static Map<IpPrefix, Route> routesOf(Topology picture) {
    Map<IpPrefix, Route> routes = new TreeMap<>();
    for (Interface each : picture.interfaces()) {
      for (InterfaceAddress address : each.addresses()) {
        addRoutes(each, address.prefix(), routes);
      }
    }
    return routes;
  }

  /**
   * Changes interfaces and routes in such an order that every destination goes from its route of
   * before to its route of after in one step, and that a worker that finds a route finds its
   * interface too, unless the route was replaced meanwhile and is to be looked for again. Nothing
   * is checked: that is up to the caller.
   *
   * <p>Routes come longest first and then leave shortest first, so that no destination falls to one
   * in between that is about to be covered, or to leave, itself. An interface that leaves is known
   * by its number until the last route to it is gone; one that comes is known before the first.
   *
   * @param fresh the interfaces from now on; null when they stay
   * @param routes to be added, or put in place of those with the same prefix
   * @param leaving prefixes of routes to be removed
   */
  public synchronized void change(
      Topology fresh, Collection<Route> routes, Collection<IpPrefix> leaving) {
    Topology before = topology;
    Map<IpPrefix, Route> own = fresh == null ? interfaceRoutes : routesOf(fresh);
    if (fresh != null) {
      takeOver(before, fresh);
      topology = fresh.with(before);
    }
    Set<IpPrefix> gone = new HashSet<>(fresh == null ? Set.of() : interfaceRoutes.keySet());
    leaving.forEach(prefix -> gone.add(prefix.network()));
    gone.removeAll(own.keySet());
    replace(fresh == null ? List.of() : own.values(), routes, gone);
    if (fresh != null) {
      topology = fresh;
      forgetLinks(before, fresh);
      interfaceRoutes.clear();
      interfaceRoutes.putAll(own);
    }
  }

  /**
   * Says that other interfaces will take the place of all there are, as soon as a worker has told
   * the hosts of those that leave, advertise no more, or do so from another address: with {@link
   * Stack#sayFarewells}.
   *
   * @return whether there are such hosts
   */
  public synchronized boolean leaveFor(Topology fresh) {
    for (Interface old : topology.interfaces()) {
      Interface now = fresh.byIndex(old.index);
      boolean stays =
          now != null
              && now.advertise
              && now.ipv6.length != 0
              && fresh.isSameLink(now, topology, old);
      boolean moves = stays && !AdvertisementSchedule.keepsSource(old, now);
      if (old.advertise && (moves ? old.schedule.isKnown() : !stays && old.schedule.end())) {
        farewells.add(old);
      }
    }
    return !farewells.isEmpty();
  }

  /** The next interface whose hosts are to be told, or null; whoever gets it tells them. */
  Interface nextFarewell() {
    return farewells.poll();
  }

  private void replace(Collection<Route> own, Collection<Route> routes, Collection<IpPrefix> gone) {
    List<Route> coming = new ArrayList<>(own);
    coming.addAll(routes); // Behind an interface's with the same prefix: the sort keeps that order.
    coming.sort(Comparator.comparingInt(Route::length).reversed());
    for (Route route : coming) {
      fib(route.isIpv6()).put(route);
      gone.remove(route.prefix());
    }
    List<IpPrefix> last = new ArrayList<>(gone);
    last.sort(Comparator.comparingInt(IpPrefix::length));
    for (IpPrefix prefix : last) {
      fib(prefix.address().isIpv6()).remove(prefix);
    }
  }

  private static void takeOver(Topology before, Topology fresh) {
    for (Interface each : fresh.interfaces()) {
      Interface old = before.byIndex(each.index);
      if (old != null && fresh.isSameLink(each, before, old)) {
        each.takeOver(old);
      }
    }
  }

  /** Who was on a link that is no longer there is not known any more. */
  private void forgetLinks(Topology before, Topology fresh) {
    for (Interface old : before.interfaces()) {
      Interface now = fresh.byIndex(old.index);
      if (now == null || !fresh.isSameLink(now, before, old)) {
        neighbors.flush(old.index);
      }
    }
  }

  private static void addRoutes(Interface on, IpPrefix prefix, Map<IpPrefix, Route> routes) {
    IpAddress address = prefix.address();
    if (address.isIpv6() && address.isLinkLocal()) {
      return; // Known by interface, as every link has them.
    }
    IpPrefix network = prefix.network();
    routes.putIfAbsent(network, Route.via(network, new NextHop(on.index, null)));
    if (address.isIpv6() && prefix.length() < 127 && on.forwarding) {
      add(on, network.address(), RouteType.ANYCAST, routes);
    }
    if (!address.isIpv6() && prefix.length() < 31) {
      add(on, network.address(), RouteType.BROADCAST, routes);
      add(on, IpAddress.of(prefix.broadcast4()), RouteType.BROADCAST, routes);
    }
    IpPrefix host = new IpPrefix(address, address.bits());
    routes.put(host, Route.ofInterface(host, RouteType.LOCAL, on.index));
  }

  private static void add(
      Interface on, IpAddress address, RouteType type, Map<IpPrefix, Route> routes) {
    IpPrefix host = new IpPrefix(address, address.bits());
    routes.putIfAbsent(host, Route.ofInterface(host, type, on.index));
  }

  /**
   * Adds a route, in place of one with the same prefix.
   *
   * @throws IllegalArgumentException when the prefix is an interface's, or a next hop is not on a
   *     link of ours
   */
  public synchronized void addRoute(Route route) {
    requireNotInterfaces(route.prefix());
    for (NextHop hop : route.hops()) {
      if (topology.byIndex(hop.interfaceIndex()) == null) {
        throw new IllegalArgumentException(
            "the route to "
                + route.prefix()
                + " leads to interface "
                + hop.interfaceIndex()
                + ", which is not there");
      }
    }
    fib(route.prefix().address().isIpv6()).put(route);
  }

  /** Removes a route; says whether it was there. */
  public synchronized boolean removeRoute(IpPrefix prefix) {
    requireNotInterfaces(prefix);
    return fib(prefix.address().isIpv6()).remove(prefix) != null;
  }

  private void requireNotInterfaces(IpPrefix prefix) {
    if (interfaceRoutes.containsKey(prefix.network())) {
      throw new IllegalArgumentException(
          prefix
              + " is an address or the link of an interface: "
              + interfaceRoutes.get(prefix.network()));
    }
  }

  /** The routes that follow from the interfaces' addresses. */
  public synchronized List<Route> interfaceRoutes() {
    return List.copyOf(interfaceRoutes.values());
  }

  /** Says that an interface's link came or went; its neighbours are forgotten when it goes. */
  public synchronized void setUp(int interfaceIndex, boolean up) {
    Interface changed = topology.byIndex(interfaceIndex);
    if (changed != null) {
      changed.setUp(up);
      if (!up) {
        neighbors.flush(interfaceIndex);
      }
    }
  }
}
