package org.xdp4j.net.route;

/**
 * What becomes of IPv4 packets, by 16, 8 and 8 bits of their destination: a table of nodes, each
 * made where it is needed (the strides of DIR-24-8, Gupta, Lin and McKeown, INFOCOM 1998, with its
 * first table cut in two and compressed as in Poptrie). Where routes are no longer than /24 a
 * look-up visits one node.
 *
 * <p>It follows from the {@link Fib}'s trie and holds only what packets need, the ways ({@link
 * Ways}) of routes. Readers take no lock: a node never changes, and another takes its place by one
 * store.
 */
final class Ipv4Table {
  private static final int WIDTH = Ipv4Node.WIDTH;
  private static final int TRIE_SHIFT = Integer.SIZE - Fib.ROOT_BITS;

  private final Object[] trie;
  private final Object[] root = new Object[1 << 16];

  /** What a node is made of; the writer's. */
  private final Object[] middle = new Object[WIDTH];

  private final Object[] last = new Object[WIDTH];

  Ipv4Table(Object[] trie) {
    this.trie = trie;
  }

  /** The way of a destination, or null. */
  Route lookup(int destination) {
    Object found = FibNode.read(root, destination >>> 16);
    if (found instanceof Ipv4Node node) {
      found = node.get(destination >>> 8 & WIDTH - 1);
      if (found instanceof Ipv4Node below) {
        found = below.get(destination & WIDTH - 1);
      }
    }
    return (Route) found;
  }

  /** Takes over what the trie says below a prefix. */
  void refresh(int address, int length) {
    int first = address >>> 16;
    if (length <= 16) {
      int end = first + (1 << 16 - length);
      for (int i = first; i < end; i++) {
        FibNode.publish(root, i, of16(i));
      }
      return;
    }
    if (!(root[first] instanceof Ipv4Node node)) {
      FibNode.publish(root, first, of16(first));
      return;
    }
    node.expand(middle);
    int from = address >>> 8 & WIDTH - 1;
    int to = from + (length >= 24 ? 1 : 1 << 24 - length);
    for (int i = from; i < to; i++) {
      middle[i] = of24(first << 8 | i);
    }
    FibNode.publish(root, first, Ipv4Node.of(middle));
  }

  private Object of16(int number) {
    int at = number << 16 - TRIE_SHIFT;
    Object one = trie[at];
    boolean same = !(one instanceof FibNode);
    for (int i = 1; i < 1 << 16 - TRIE_SHIFT && same; i++) {
      same = trie[at + i] == one;
    }
    if (same) {
      return way(one);
    }
    for (int i = 0; i < WIDTH; i++) {
      middle[i] = of24(number << 8 | i);
    }
    return Ipv4Node.of(middle);
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
    for (int i = 0; i < WIDTH; i++) {
      last[i] = way(Fib.lookupBelow(node, (long) (address | i) << 32, 0, 24));
    }
    return Ipv4Node.of(last);
  }

  private static Object way(Object route) {
    return route == null ? null : ((Route) route).way;
  }

  /** Bytes with compressed references. */
  long bytes() {
    long sum = 16 + 4L * root.length;
    for (Object each : root) {
      sum += each instanceof Ipv4Node node ? node.bytes() : 0;
    }
    return sum;
  }
}
