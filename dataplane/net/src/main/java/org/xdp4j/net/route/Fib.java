package org.xdp4j.net.route;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.xdp4j.net.wire.IpPrefix;

/**
 * The forwarding table of one address family: longest prefix match (RFC 1812, section 5.2.4.3).
 *
 * <p>The first {@value #ROOT_BITS} bits of a destination index an array; below it are {@link
 * FibNode nodes} of {@value FibNode#STRIDE} bits. An IPv4 /24 and an IPv6 /48 end at a node's
 * border, so most look-ups visit one and six nodes. Routes are pushed down to the positions they
 * cover, so a look-up ends at the first route it meets and never goes back up.
 *
 * <p>An update rebuilds the nodes whose slots change and publishes each with one store. It costs
 * what the prefix covers: microseconds for a long one, the whole table's nodes for the default
 * route. Readers take no lock; see the package page.
 */
public final class Fib {
  static final int ROOT_BITS = 18;

  private static final int LARGE = 4096;

  private final boolean ipv6;
  private final Object[] root = new Object[1 << ROOT_BITS];
  private final RouteSet routes = new RouteSet();
  private final Ways ways = new Ways();
  private final Ipv4Table table4;
  private final Ipv6Table table6;
  private volatile int size;

  /** Makes an empty table. */
  public Fib(boolean ipv6) {
    this.ipv6 = ipv6;
    this.table4 = ipv6 ? null : new Ipv4Table(root);
    this.table6 = ipv6 ? new Ipv6Table(this, root) : null;
  }

  /**
   * What becomes of packets to an IPv4 destination: a route with the type and next hops of the one
   * that {@link #lookup(int)} finds, or null. Its prefix may be another's that does the same: that
   * is what makes it fast in a large table. Of the IPv4 table only.
   */
  public Route way(int destination) {
    return table4.lookup(destination).route;
  }

  /**
   * Where packets to an IPv4 destination go, when all of them go the same way: the next hop of a
   * unicast route that has no other. Else null, as without a route. Of the IPv4 table only.
   */
  public NextHop onlyHop(int destination) {
    return table4.lookup(destination).only;
  }

  /** Looks up many IPv4 destinations, see {@link Destinations}. */
  int expect(int[] destinations, int count) {
    return table4.expect(destinations, count);
  }

  /** Looks up many IPv6 destinations; {@code found} is for notes. */
  int expect(long[] highs, long[] lows, Object[] found, int count) {
    return table6.expect(highs, lows, found, count);
  }

  /** What becomes of packets to an IPv6 destination, as for an IPv4 one; of the IPv6 table only. */
  public Route way(long high, long low) {
    Way way = table6.lookup(high, low);
    return way == null ? null : way.route;
  }

  /** Where packets to an IPv6 destination go, as for an IPv4 one; of the IPv6 table only. */
  public NextHop onlyHop(long high, long low) {
    Way way = table6.lookup(high, low);
    return way == null ? null : way.only;
  }

  /** Whether the table is too large for a cache, so that look-ups are worth being done early. */
  public boolean isLarge() {
    return size > LARGE;
  }

  /** The route of an IPv4 destination, or null. */
  public Route lookup(int destination) {
    Object found = FibNode.read(root, destination >>> Integer.SIZE - ROOT_BITS);
    if (found instanceof FibNode node) {
      return lookupBelow(node, (long) destination << 32, 0, ROOT_BITS);
    }
    return (Route) found;
  }

  /** The route of a destination, or null; an IPv4 destination is in the upper half of high. */
  public Route lookup(long high, long low) {
    Object found = FibNode.read(root, (int) (high >>> Long.SIZE - ROOT_BITS));
    if (found instanceof FibNode node) {
      return lookupBelow(node, high, low, ROOT_BITS);
    }
    return (Route) found;
  }

  /** The route of a destination below a node, whose own prefix has {@code bits} bits. */
  static Route lookupBelow(FibNode first, long high, long low, int bits) {
    FibNode node = first;
    for (int depth = bits; ; depth += FibNode.STRIDE) {
      Object found = node.get(position(high, low, depth));
      if (!(found instanceof FibNode next)) {
        return (Route) found;
      }
      node = next;
    }
  }

  /** The {@value FibNode#STRIDE} bits of a key that follow its first {@code depth}. */
  static int position(long high, long low, int depth) {
    int end = depth + FibNode.STRIDE;
    long bits;
    if (end <= 64) {
      bits = high >>> 64 - end;
    } else if (depth < 64) {
      bits = high << end - 64 | low >>> 128 - end;
    } else if (end <= 128) {
      bits = low >>> 128 - end;
    } else {
      bits = low << end - 128;
    }
    return (int) bits & FibNode.WIDTH - 1;
  }

  /**
   * Adds a route, in place of one with the same prefix.
   *
   * @return the route it replaced, or null
   * @throws IllegalArgumentException when it is of the other address family
   */
  public synchronized Route put(Route route) {
    requireFamily(route.prefix());
    Route old = routes.get(route.high, route.low, route.length());
    routes.put(route);
    ways.enter(route);
    apply(new FibUpdate(route, null, route));
    if (old != null) {
      ways.leave(old);
    }
    return old;
  }

  /**
   * Removes the route with this prefix. Packets to it follow the next shorter one from that moment.
   *
   * @return the route that was there, or null
   */
  public synchronized Route remove(IpPrefix prefix) {
    Route old = get(prefix);
    if (old != null) {
      routes.remove(old);
      apply(new FibUpdate(old, old, routes.covering(old.high, old.low, old.length())));
      ways.leave(old);
    }
    return old;
  }

  /** The route with exactly this prefix, or null. */
  public synchronized Route get(IpPrefix prefix) {
    requireFamily(prefix);
    IpPrefix network = prefix.network();
    return routes.get(network.address().high(), network.address().low(), network.length());
  }

  private void requireFamily(IpPrefix prefix) {
    if (prefix.address().isIpv6() != ipv6) {
      throw new IllegalArgumentException(
          prefix + " does not belong into the " + (ipv6 ? "IPv6" : "IPv4") + " table");
    }
  }

  private void apply(FibUpdate update) {
    applyToTrie(update);
    if (ipv6) {
      table6.refresh(update.high(), update.length());
    } else {
      table4.refresh((int) (update.high() >>> Integer.SIZE), update.length());
    }
    size = routes.size();
  }

  private void applyToTrie(FibUpdate update) {
    int first = (int) (update.high() >>> Long.SIZE - ROOT_BITS);
    if (update.length() > ROOT_BITS) {
      FibNode.publish(root, first, update.descend(root[first], ROOT_BITS));
      return;
    }
    int last = first + (1 << ROOT_BITS - update.length());
    for (int i = first; i < last; i++) {
      FibNode.publish(root, i, update.rewrite(root[i]));
    }
  }

  /** How many routes there are. */
  public synchronized int size() {
    return routes.size();
  }

  /** All routes, ordered by prefix. Holds writers up while it copies, readers never. */
  public List<Route> routes() {
    List<Route> all = new ArrayList<>();
    forEach(all::add);
    all.sort(Comparator.comparing(Route::prefix));
    return all;
  }

  /** Visits all routes in no order. Holds writers up, readers never. */
  public synchronized void forEach(Consumer<Route> action) {
    routes.forEach(action);
  }

  /** Bytes of the tables that {@link #way(int)} looks into, with compressed references. */
  public synchronized long tableBytes() {
    return ipv6 ? table6.bytes() : table4.bytes();
  }

  /** Bytes of the nodes and the root, with compressed references. */
  public synchronized long nodeBytes() {
    long sum = 16 + 4L * root.length;
    for (Object slot : root) {
      sum += slot instanceof FibNode node ? node.bytesBelow() : 0;
    }
    return sum;
  }
}
