package org.xdp4j.net.route;

import java.util.Arrays;

/**
 * One change of the table below one prefix: the routes it covers that are no longer than its own,
 * or exactly one route, give way to another.
 */
final class FibUpdate {
  private final Route prefix;
  private final Route leaving;
  private final Route coming;

  /**
   * @param prefix a route with the prefix concerned
   * @param leaving the route that gives way, or null for every one not longer than the prefix
   * @param coming the route that takes its place, or null for none
   */
  FibUpdate(Route prefix, Route leaving, Route coming) {
    this.prefix = prefix;
    this.leaving = leaving;
    this.coming = coming;
  }

  long high() {
    return prefix.high;
  }

  int length() {
    return prefix.length();
  }

  private boolean gives(Route route) {
    if (leaving != null) {
      return route == leaving;
    }
    return route == null || route.length() <= prefix.length();
  }

  /** What a slot becomes whose addresses are all covered by the prefix. */
  Object rewrite(Object slot) {
    if (!(slot instanceof FibNode node)) {
      return gives((Route) slot) ? coming : slot;
    }
    return node.map(this::rewrite);
  }

  /**
   * What a slot becomes that covers the prefix, the slot's own prefix having {@code depth} bits.
   */
  Object descend(Object slot, int depth) {
    int first = Fib.position(prefix.high, prefix.low, depth);
    int below = depth + FibNode.STRIDE;
    if (length() > below) {
      return replace(slot, first, below);
    }
    Object[] positions = positions(slot);
    int last = first + (1 << below - length());
    for (int i = first; i < last; i++) {
      positions[i] = rewrite(positions[i]);
    }
    return FibNode.compress(positions);
  }

  /** Changes one position of a slot; in place if a node is there before and after. */
  private Object replace(Object slot, int position, int depth) {
    Object before = slot instanceof FibNode node ? node.get(position) : slot;
    Object after = descend(before, depth);
    if (after == before) {
      return slot;
    }
    if (slot instanceof FibNode node
        && before instanceof FibNode
        && after instanceof FibNode replacement) {
      node.replaceChild(position, replacement);
      return slot;
    }
    Object[] positions = positions(slot);
    positions[position] = after;
    return FibNode.compress(positions);
  }

  private static Object[] positions(Object slot) {
    Object[] positions = new Object[FibNode.WIDTH];
    if (slot instanceof FibNode node) {
      node.expand(positions);
    } else {
      Arrays.fill(positions, slot);
    }
    return positions;
  }
}
