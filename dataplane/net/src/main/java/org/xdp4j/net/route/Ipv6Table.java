package org.xdp4j.net.route;

import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * What becomes of IPv6 packets, by the first {@value #BLOCK_BITS} bits of their destination and the
 * {@value #INNER_BITS} that follow. A <em>block</em> is what a table says below one prefix of
 * {@value #BLOCK_BITS} bits in which routes are longer than that: its ranges, sorted, each with a
 * way ({@link Ways}) or, where routes are longer than /48, a node of the trie. Blocks are found by
 * a hash; a destination without one is the trie's business, which then ends after few nodes.
 *
 * <p>It follows from the {@link Fib}'s trie. Readers take no lock: a block never changes, and
 * others take its place by one store.
 */
final class Ipv6Table {
  private static final int BLOCK_BITS = 30;
  private static final int INNER_BITS = 18;
  private static final int BLOCK_SHIFT = Long.SIZE - BLOCK_BITS;
  private static final int INNER_SHIFT = Long.SIZE - BLOCK_BITS - INNER_BITS;
  private static final int DEPTH = BLOCK_BITS + INNER_BITS;

  /** Set in every key, so that none is 0, which is an empty slot. */
  private static final int USED = 1 << BLOCK_BITS;

  /** Ranges from {@code starts[i]} up to the next, each with {@code values[i]}. */
  private static final class Block {
    final int[] starts;
    final Object[] values;

    Block(int[] starts, Object[] values) {
      this.starts = starts;
      this.values = values;
    }

    Object find(int position) {
      // As many steps for every position of a block, and none that a processor has to guess.
      int low = 0;
      int left = starts.length;
      while (left > 1) {
        int half = left >>> 1;
        low = starts[low + half] <= position ? low + half : low;
        left -= half;
      }
      return values[low];
    }
  }

  /** Open addressing with linear probing, at most half full. */
  private record Table(int[] keys, Object[] blocks) {
    static Table ofSize(int slots) {
      return new Table(new int[slots], new Object[slots]);
    }

    int slot(int key) {
      int mask = keys.length - 1;
      int at = (key * 0x9E3779B1 >>> 7) & mask;
      while (keys[at] != 0 && keys[at] != key) {
        at = at + 1 & mask;
      }
      return at;
    }
  }

  private final Fib fib;
  private final Object[] trie;
  private final TreeSet<Integer> used = new TreeSet<>();
  private volatile Table table = Table.ofSize(64);

  // What a rebuild has found so far; the writer's.
  private int[] starts = new int[64];
  private Object[] values = new Object[64];
  private int count;

  Ipv6Table(Fib fib, Object[] trie) {
    this.fib = fib;
    this.trie = trie;
  }

  /** The way of a destination, or null. */
  Way lookup(long high, long low) {
    Table now = table;
    int slot = now.slot(USED | (int) (high >>> BLOCK_SHIFT));
    return below((Block) FibNode.read(now.blocks, slot), high, low);
  }

  private Way below(Block block, long high, long low) {
    if (block == null) {
      Route route = fib.lookup(high, low);
      return route == null ? null : route.way;
    }
    Object found = block.find((int) (high >>> INNER_SHIFT) & (1 << INNER_BITS) - 1);
    if (found instanceof FibNode node) {
      Route route = Fib.lookupBelow(node, high, low, DEPTH);
      return route == null ? null : route.way;
    }
    return (Way) found;
  }

  /**
   * Finds the ways of many, one step of all before the next: each step is a load that misses the
   * cache where the table is large, and those of one step do not wait for each other.
   *
   * @return something that depends on all that was loaded
   */
  int expect(long[] highs, long[] lows, Object[] found, int count) {
    Table now = table;
    for (int i = 0; i < count; i++) {
      found[i] = FibNode.read(now.blocks, now.slot(USED | (int) (highs[i] >>> BLOCK_SHIFT)));
    }
    int sum = 0;
    for (int i = 0; i < count; i++) {
      sum += found[i] instanceof Block block ? block.starts.length + block.values.length : 0;
    }
    for (int i = 0; i < count; i++) {
      found[i] = below((Block) found[i], highs[i], lows[i]);
    }
    return sum;
  }

  /** Takes over what the trie says below a prefix. */
  void refresh(long high, int length) {
    int first = (int) (high >>> BLOCK_SHIFT);
    if (length > BLOCK_BITS) {
      rebuild(first);
      return;
    }
    int last = first + (1 << BLOCK_BITS - length) - 1;
    for (Integer key : List.copyOf(used.subSet(first, true, last, true))) {
      rebuild(key);
    }
  }

  private void rebuild(int key) {
    long high = (long) key << BLOCK_SHIFT;
    Object at = trie[(int) (high >>> Long.SIZE - Fib.ROOT_BITS)];
    for (int depth = Fib.ROOT_BITS; depth < BLOCK_BITS; depth += FibNode.STRIDE) {
      if (at instanceof FibNode node) {
        at = node.get(Fib.position(high, 0, depth));
      }
    }
    count = 0;
    collect(at, BLOCK_BITS, 0);
    Block fresh = new Block(Arrays.copyOf(starts, count), Arrays.copyOf(values, count));
    Arrays.fill(values, 0, count, null);
    put(USED | key, fresh);
    used.add(key);
  }

  /** Adds the ranges below one slot, {@code depth} bits down and {@code from} positions in. */
  private void collect(Object content, int depth, int from) {
    if (!(content instanceof FibNode node) || depth == DEPTH) {
      add(from, content instanceof Route route ? route.way : content);
      return;
    }
    int step = 1 << DEPTH - depth - FibNode.STRIDE;
    for (int i = 0; i < node.slotCount(); i++) {
      // Positions that share a slot share a route; a node below has its slot to itself.
      collect(node.content(i), depth + FibNode.STRIDE, from + node.firstPosition(i) * step);
    }
  }

  private void add(int start, Object value) {
    if (count > 0 && values[count - 1] == value && !(value instanceof FibNode)) {
      return;
    }
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
      values = Arrays.copyOf(values, 2 * count);
    }
    starts[count] = start;
    values[count++] = value;
  }

  private void put(int key, Block fresh) {
    Table now = table;
    int slot = now.slot(key);
    if (now.keys[slot] == 0 && 2 * (used.size() + 1) > now.keys.length) {
      now = grown(now);
      slot = now.slot(key);
    }
    // Readers that find the key without a block yet ask the trie.
    now.keys[slot] = key;
    FibNode.publish(now.blocks, slot, fresh);
    table = now;
  }

  /** Twice as large; without blocks that say nothing the trie does not say as fast. */
  private Table grown(Table old) {
    Table next = Table.ofSize(2 * old.keys.length);
    for (int i = 0; i < old.keys.length; i++) {
      Block block = (Block) old.blocks[i];
      if (block == null) {
        continue;
      }
      if (block.starts.length == 1 && !(block.values[0] instanceof FibNode)) {
        used.remove(old.keys[i] & ~USED);
        continue;
      }
      int slot = next.slot(old.keys[i]);
      next.keys[slot] = old.keys[i];
      next.blocks[slot] = block;
    }
    return next;
  }

  /** Bytes with compressed references, without the writer's own. */
  long bytes() {
    Table now = table;
    long sum = 64 + 8L * now.keys.length;
    for (Object each : now.blocks) {
      if (each instanceof Block block) {
        sum += 24 + 32 + 8L * block.starts.length;
      }
    }
    return sum;
  }
}
