package org.xdp4j.net.route;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * What becomes of IPv4 packets, by 16, 8 and 8 bits of their destination: the strides of DIR-24-8
 * (Gupta, Lin and McKeown, INFOCOM 1998), its first table in blocks of 256, each made where it is
 * needed. Where routes are no longer than /24, a look-up is two loads and asks nothing that a
 * processor could guess wrong. Blocks are not compressed: of one that is used here and there, only
 * the lines that are looked at take room in a cache, and a look-up has a third of the instructions.
 * All of them are 64 MiB at the most; what is below a /24, of which there are more, is compressed.
 *
 * <p>It follows from the {@link Fib}'s trie and holds only what packets need, the ways ({@link
 * Ways}) of routes. Readers take no lock: an element changes by one store, a block is filled before
 * it is seen.
 */
final class Ipv4Table {
  static final int WIDTH = 256;

  private static final int BLOCKS = 1 << 16;
  private static final int TRIE_SHIFT = Integer.SIZE - Fib.ROOT_BITS;
  private static final VarHandle BLOCK = MethodHandles.arrayElementVarHandle(Way[][].class);
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(Way[].class);

  private final Object[] trie;
  private final Way[][] root = new Way[BLOCKS][];
  private final Way none = Way.of((Route) null);

  /** Which blocks belong to this table alone; the others have one way everywhere. */
  private final boolean[] own = new boolean[BLOCKS];

  /** What a block is made of; the writer's. */
  private final Way[] middle = new Way[WIDTH];

  private final Way[] last = new Way[WIDTH];

  Ipv4Table(Object[] trie) {
    this.trie = trie;
    Arrays.fill(root, none.everywhere());
  }

  /** The way of a destination; one without a route when there is none. */
  Way lookup(int destination) {
    Way way = ((Way[]) BLOCK.getAcquire(root, destination >>> 16))[destination >>> 8 & WIDTH - 1];
    return way.below == null ? way : way.below.get(destination & WIDTH - 1);
  }

  /** Looks up many, see {@link Destinations}; says how many have a way. */
  int expect(int[] destinations, int count) {
    int found = 0;
    for (int i = 0; i < count; i++) {
      found += lookup(destinations[i]) == none ? 0 : 1;
    }
    return found;
  }

  /** Takes over what the trie says below a prefix. */
  void refresh(int address, int length) {
    int first = address >>> 16;
    if (length <= 16) {
      int end = first + (1 << 16 - length);
      for (int i = first; i < end; i++) {
        refresh(i, 0, WIDTH);
      }
    } else {
      int from = address >>> 8 & WIDTH - 1;
      refresh(first, from, from + (length >= 24 ? 1 : 1 << 24 - length));
    }
  }

  /** Takes over what the trie says of a part of a block. */
  private void refresh(int number, int from, int to) {
    System.arraycopy(root[number], 0, middle, 0, WIDTH);
    if (!fillEvenly(number, from, to)) {
      for (int i = from; i < to; i++) {
        middle[i] = of24(number << 8 | i);
      }
    }
    if (isEven()) {
      own[number] = false;
      BLOCK.setRelease(root, number, middle[0].everywhere());
    } else if (own[number]) {
      for (int i = from; i < to; i++) {
        ELEMENT.setRelease(root[number], i, middle[i]);
      }
    } else {
      own[number] = true;
      BLOCK.setRelease(root, number, middle.clone());
    }
  }

  /** Fills a whole block of which the trie says the same everywhere. */
  private boolean fillEvenly(int number, int from, int to) {
    int at = number << 16 - TRIE_SHIFT;
    Object one = trie[at];
    boolean even = to - from == WIDTH && !(one instanceof FibNode);
    for (int i = 1; i < 1 << 16 - TRIE_SHIFT && even; i++) {
      even = trie[at + i] == one;
    }
    if (even) {
      Arrays.fill(middle, way(one));
    }
    return even;
  }

  private boolean isEven() {
    for (int i = 1; i < WIDTH; i++) {
      if (middle[i] != middle[0]) {
        return false;
      }
    }
    return middle[0].below == null;
  }

  private Way of24(int number) {
    int address = number << 8;
    Object found = trie[address >>> TRIE_SHIFT];
    if (found instanceof FibNode node) {
      found = node.get(Fib.position((long) address << 32, 0, Fib.ROOT_BITS));
    }
    if (!(found instanceof FibNode node)) {
      return way(found);
    }
    boolean even = true;
    for (int i = 0; i < WIDTH; i++) {
      last[i] = way(Fib.lookupBelow(node, (long) (address | i) << 32, 0, 24));
      even &= last[i] == last[0];
    }
    return even ? last[0] : Way.of(Ipv4Node.of(last));
  }

  private Way way(Object route) {
    return route == null ? none : ((Route) route).way;
  }

  /** Bytes with compressed references. */
  long bytes() {
    long block = 16 + 4L * WIDTH;
    long sum = 16 + 4L * BLOCKS + 16 + BLOCKS;
    for (int i = 0; i < BLOCKS; i++) {
      if (own[i]) {
        sum += block;
        for (Way way : root[i]) {
          sum += way.below == null ? 0 : 24 + way.below.bytes();
        }
      }
    }
    return sum;
  }
}
