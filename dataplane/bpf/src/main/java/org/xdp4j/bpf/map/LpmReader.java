package org.xdp4j.bpf.map;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Finds the longest match of an IPv4 address: see {@link LpmTable}, whose arrays these are. A
 * record so that they are constants to a compiled program that holds it as one.
 */
public record LpmReader(int[] shorts, int[][] roots, LpmTable table, LpmTrie trie)
    implements Prefetch {
  static final VarHandle LEAVES = MethodHandles.arrayElementVarHandle(int[].class);
  static final VarHandle NODES = MethodHandles.arrayElementVarHandle(int[][].class);

  private static final int BITS = 32;
  private static final long BYTES = 0x0001_0001_0001_0001L;

  /**
   * {@code bpf_map_lookup_elem} with the key as one number: its length below, the address, first
   * byte lowest, above.
   *
   * @return the value's address, or 0
   */
  public long find(long key) {
    return find((int) key, (int) (key >>> 32));
  }

  /** The same by its length and the address. */
  public long find(int bits, int bytes) {
    int address = Integer.reverseBytes(bytes);
    return bits == BITS ? match(address) : shorter(address, bits);
  }

  /** A key's part of a hint ({@link Prefetch}). */
  public long hint(long key) {
    return key >>> 32;
  }

  @Override
  public long footprint() {
    return table.footprint();
  }

  @Override
  public int fetch(long[] hints, int size, int number, int cpu) {
    int sum = 0;
    for (int i = 0; i < size; i++) {
      if (Prefetch.isOf(hints[i], number)) {
        int address = Integer.reverseBytes((int) hints[i]);
        sum += first(roots[address >>> 16], address >>> 8 & 0xFF);
      }
    }
    for (int i = 0; i < size; i++) {
      if (Prefetch.isOf(hints[i], number)) {
        long value = match(Integer.reverseBytes((int) hints[i]));
        hints[i] = Prefetch.hint(number, (int) (value >>> 3));
      }
    }
    for (int i = 0; i < size; i++) {
      if (Prefetch.isOf(hints[i], number) && (int) hints[i] != 0) {
        sum += table.touch((int) hints[i]);
      }
    }
    return sum;
  }

  /** Loads a node's length and, where its place needs no other load, the leaf behind it. */
  private static int first(int[] node, int value) {
    if (node == null) {
      return 0;
    }
    return node[node.length == LpmTable.FLAT ? LpmTable.FLAT_LEAVES + value : node.length - 1];
  }

  private long shorter(int address, int bits) {
    return Integer.compareUnsigned(bits, BITS) > 0 ? 0 : trie.find(address, bits);
  }

  private long match(int address) {
    long value = look(address);
    return value != 0 ? value : missed(address);
  }

  /**
   * Nothing was found, short or long, but those are two looks: a long prefix may have come behind
   * the first, and the short one gone before the second. When none went, nothing was there.
   */
  private long missed(int address) {
    while (true) {
      int removals = table.removals;
      long value = look(address);
      if (value != 0 || table.removals == removals) {
        return value;
      }
    }
  }

  private long look(int address) {
    while (true) {
      int[] node = (int[]) NODES.getAcquire(roots, address >>> 16);
      int leaf = node == null ? 0 : leaf(node, address >>> 8 & 0xFF);
      if (leaf < 0) {
        leaf = deeper(~leaf, address);
      }
      if (leaf > 0) {
        return (long) leaf << 3;
      }
      if (leaf == 0) {
        return (long) (int) LEAVES.getAcquire(shorts, address >>> 16) << 3;
      }
      Thread.onSpinWait();
    }
  }

  /** The leaf below node {@code number}; negative when that is another address's node by now. */
  private int deeper(int number, int address) {
    int[] node = (int[]) NODES.getAcquire(table.deep, number);
    if (node == null || node[LpmTable.TAG] != address >>> 8) {
      return -1;
    }
    int leaf = leaf(node, address & 0xFF);
    return leaf != 0 ? leaf : node[LpmTable.FALLBACK];
  }

  /** The leaf of a value of a node's byte. */
  static int leaf(int[] node, int value) {
    if (node.length == LpmTable.FLAT) {
      return node[LpmTable.FLAT_LEAVES + value];
    }
    return node.length <= LpmTable.FEW_LEAVES + LpmTable.FEW ? few(node, value) : many(node, value);
  }

  /** Counts the runs that begin at a value not above this one: four bytes at a time, in lanes. */
  private static int few(int[] node, int value) {
    long starts = node[LpmTable.STARTS] & 0xFFFF_FFFFL | (long) node[LpmTable.STARTS + 1] << 32;
    long lanes = value * BYTES | BYTES << 8;
    long even = lanes - (starts & BYTES * 0xFF);
    long odd = lanes - (starts >>> 8 & BYTES * 0xFF);
    int begun = Long.bitCount((even & BYTES << 8) >>> 1 | odd & BYTES << 8);
    return node[Math.min(LpmTable.FEW_LEAVES + begun, node.length - 1)];
  }

  private static int many(int[] node, int value) {
    int word = value >>> 5;
    int before = node[LpmTable.COUNTS + (word >>> 2)] >>> ((word & 3) << 3) & 0xFF;
    int inside = Integer.bitCount(node[LpmTable.BITMAP + word] << ~value);
    return node[LpmTable.MANY_LEAVES - 1 + before + inside];
  }
}
