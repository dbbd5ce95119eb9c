package org.xdp4j.net.route;

/**
 * What becomes of IPv4 packets, by 16, 8 and 8 bits of their destination: a table of tables, each
 * made where it is needed (as DIR-24-8 of Gupta, Lin and McKeown, INFOCOM 1998, with its first
 * table cut in two). Where routes are no longer than /24 a look-up is two loads, of which the first
 * is in the cache.
 *
 * <p>It follows from the {@link Fib}'s trie and holds only what packets need, the ways ({@link
 * Ways}) of routes. Readers take no lock and see each element as it was before or after a change.
 */
final class Ipv4Table {
  private static final int WIDTH = 256;
  private static final int TRIE_SHIFT = Integer.SIZE - Fib.ROOT_BITS;

  private final Object[] trie;
  private final Object[] root = new Object[1 << 16];

  Ipv4Table(Object[] trie) {
    this.trie = trie;
  }

  /** The way of a destination, or null. */
  Route lookup(int destination) {
    Object found = FibNode.read(root, destination >>> 16);
    if (found instanceof Object[] middle) {
      found = FibNode.read(middle, destination >>> 8 & WIDTH - 1);
      if (found instanceof Object[] last) {
        found = FibNode.read(last, destination & WIDTH - 1);
      }
    }
    return (Route) found;
  }

  /** Takes over what the trie says below a prefix. */
  void refresh(int address, int length) {
    int first = address >>> 16;
    if (length <= 16) {
      int last = first + (1 << 16 - length);
      for (int i = first; i < last; i++) {
        FibNode.publish(root, i, of16(i));
      }
      return;
    }
    if (!(root[first] instanceof Object[] middle)) {
      FibNode.publish(root, first, of16(first));
      return;
    }
    int from = address >>> 8 & WIDTH - 1;
    int to = from + (length >= 24 ? 1 : 1 << 24 - length);
    for (int i = from; i < to; i++) {
      FibNode.publish(middle, i, of24(first << 8 | i));
    }
    if (isUniform(middle)) {
      FibNode.publish(root, first, middle[0]);
    }
  }

  private Object of16(int number) {
    Object one = trie[number << 16 - TRIE_SHIFT];
    boolean same = !(one instanceof FibNode);
    for (int i = 1; i < 1 << 16 - TRIE_SHIFT && same; i++) {
      same = trie[(number << 16 - TRIE_SHIFT) + i] == one;
    }
    if (same) {
      return way(one);
    }
    Object[] middle = new Object[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      middle[i] = of24(number << 8 | i);
    }
    return isUniform(middle) ? middle[0] : middle;
  }

  private Object of24(int number) {
    int address = number << 8;
    Object found = trie[address >>> TRIE_SHIFT];
    if (found instanceof FibNode node) {
      found = node.get(Fib.position((long) address << 32, 0, Fib.ROOT_BITS));
    }
    if (!(found instanceof FibNode node)) {
      return way(found);
    }
    Object[] last = new Object[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      last[i] = way(Fib.lookupBelow(node, (long) (address | i) << 32, 0, 24));
    }
    return isUniform(last) ? last[0] : last;
  }

  private static Object way(Object route) {
    return route == null ? null : ((Route) route).way;
  }

  /** Whether one route's way stands for all; never when there are tables below. */
  private static boolean isUniform(Object[] elements) {
    if (elements[0] instanceof Object[]) {
      return false;
    }
    for (int i = 1; i < WIDTH; i++) {
      if (elements[i] != elements[0]) {
        return false;
      }
    }
    return true;
  }

  /** Bytes with compressed references. */
  long bytes() {
    long sum = 16 + 4L * root.length;
    for (Object each : root) {
      if (each instanceof Object[] middle) {
        sum += 16 + 4L * WIDTH;
        for (Object below : middle) {
          sum += below instanceof Object[] ? 16 + 4L * WIDTH : 0;
        }
      }
    }
    return sum;
  }
}
