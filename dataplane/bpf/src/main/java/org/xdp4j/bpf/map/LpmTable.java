package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.xdp4j.bpf.memory.Region;

/**
 * What an LPM map of IPv4 addresses is read through: the best match of every address, by its upper
 * 16 bits, then 8 more, then the last 8. {@link LpmTrie} remains what the map is; this follows it.
 *
 * <pre>
 *  shorts[upper 16]  a leaf: prefixes of up to 16 bits, taken where the others have none
 *  roots[upper 16]   null, or a node by the next byte: prefixes of 17 to 24 bits
 *    leaf &lt; 0        a node by the last byte: prefixes of 25 to 32 bits, deep[~leaf]
 *
 *  a leaf:           address of a value / 8, 0 for none
 *
 *  a node of up to 8 runs of equal leaves, 1 of which begins at 0:
 *   | fallback | tag | 8 bytes: where the others begin, 255 for none | leaves                     |
 *  a node of more:
 *   | fallback | tag | 8 bytes: runs that begin before each word     | 8 words of bits | leaves   |
 *                                                                      1: a run begins here
 *  a flat node, of more still, or where there are not many nodes yet:
 *   | fallback | tag | 256 leaves                                                                |
 *  fallback, tag     of a node by the last byte: what to take where a leaf is 0, the best of the
 *                    prefixes of 17 to 24 bits; the bits before
 * </pre>
 *
 * <p>Nodes never change: whoever updates puts a new one into the place of the old, so readers need
 * no lock and see each address's match as it was before or as it is after. Number i of {@code deep}
 * may get another node while a reader is on its way there; its tag tells, and the reader begins
 * anew.
 *
 * <p>A prefix of up to 16 bits changes the leaves of all upper halves it holds, one after the other
 * (65,536 of them for a default route, some ten microseconds), and no node. Changes are for one
 * thread at a time, after {@link #reserve}. Memory: 576 KiB of Java heap, and about 40 bytes and 8
 * a prefix for each 2^16 addresses that have longer ones; 1 KiB for the first 4,096 of these while
 * the maps' budget can spare it. A flat node is read in fewer instructions and has 17 lines of
 * memory instead of one or two, of which a look-up touches two: that of its length and that of its
 * leaf. So small tables are quick, and large ones are kept small.
 */
final class LpmTable {
  static final int FALLBACK = 0;
  static final int TAG = 1;
  static final int STARTS = 2;
  static final int FEW_LEAVES = 4;
  static final int COUNTS = 2;
  static final int BITMAP = 4;
  static final int MANY_LEAVES = 12;
  static final int FLAT_LEAVES = 2;

  /** Runs of a node that lists where they begin. */
  static final int FEW = 8;

  private static final int BYTE_VALUES = 256;

  /** Ints of a flat node, and of no other. */
  static final int FLAT = FLAT_LEAVES + BYTE_VALUES;

  /** Nodes with more runs than this are flat, which takes no more memory then. */
  private static final int RUNS_MAX = FLAT - MANY_LEAVES - 1;

  /** Nodes by the next byte that may be flat, whatever they hold: 4.1 MiB of them. */
  static final int FLATS = 4096;

  /** Bytes of Java heap each takes. */
  static final int FLAT_HEAP = 4 * FLAT + 16;

  /** Bytes that a processor loads at once. */
  private static final int LINE = 64;

  private static final int ROOTS = 1 << 16;

  /** Bytes of Java heap that a number takes that is free again. */
  private static final int FREE_HEAP = HeapAccount.object(4) + 2 * 4;

  /** Bytes of Java heap it takes from the beginning. */
  static final int HEAP = (4 + 4 + 1) * ROOTS;

  final LpmReader reader;

  /** Nodes by the last byte; replaced by a longer one when it is full. */
  volatile int[][] deep = new int[16][];

  private final int[][] roots;
  private final int[] shorts;

  /** The lengths of the prefixes that {@link #shorts} are the values of; -1 for none. */
  private final byte[] shortLengths;

  private final MemorySegment memory;
  private final long valueOffset;
  private final ArrayDeque<Integer> freeDeep = new ArrayDeque<>();
  private int usedDeep;

  /**
   * What a change works on, of the node above and of one below: kept, so that between new nodes
   * there is not a kilobyte of garbage each, and several lie on one page of memory.
   */
  private final int[] upperLeaves = new int[BYTE_VALUES];

  private final int[] lowerLeaves = new int[BYTE_VALUES];

  /** How many prefixes have begun to go, over all: see {@link LpmReader}. */
  volatile int removals;

  /** How many nodes by the next byte are flat to be quick, and how many may be. */
  private int flats;

  private int flatsMost;
  private final MapMemory owned;

  /** What its nodes take, but those that are flat to be quick. */
  private final HeapAccount heap;

  /** How many prefixes there are, and how many nodes by the next byte. */
  private int prefixes;

  private int nodes;

  /**
   * @param valueOffset bytes from an element's key, which begins with its length, to its value
   * @param owned what nodes are taken from that are flat to be quick
   * @param heap what all others are taken from
   * @param flatsMost how many nodes may be flat whatever they hold
   */
  LpmTable(
      MemorySegment memory,
      long valueOffset,
      LpmTrie trie,
      MapMemory owned,
      HeapAccount heap,
      int flatsMost) {
    this.owned = owned;
    this.heap = heap;
    this.flatsMost = flatsMost;
    this.memory = memory;
    this.valueOffset = valueOffset;
    this.roots = new int[ROOTS][];
    this.shorts = new int[ROOTS];
    this.shortLengths = new byte[ROOTS];
    Arrays.fill(shortLengths, (byte) -1);
    this.reader = new LpmReader(shorts, roots, this, trie);
  }

  /** Whether every address of this memory can be a leaf. */
  static boolean isFor(MemorySegment memory) {
    return memory.byteSize() >>> 3 <= Integer.MAX_VALUE;
  }

  /**
   * A prefix is there now, with its value at this address.
   *
   * @param isNew whether it was not there before
   */
  void put(int prefix, int length, long value, boolean isNew) {
    prefixes += isNew ? 1 : 0;
    int leaf = (int) (value >>> 3);
    if (length > 16) {
      change(prefix, length, old -> lengthOf(old) <= length, leaf);
      return;
    }
    int end = endOf(prefix, length);
    for (int i = prefix >>> 16; i < end; i++) {
      if (shortLengths[i] <= length) {
        shortLengths[i] = (byte) length;
        LpmReader.LEAVES.setRelease(shorts, i, leaf);
      }
    }
  }

  /**
   * A prefix is gone.
   *
   * @param value where its value was
   * @param shorter where the value of the longest of the shorter prefixes is, or 0
   */
  void remove(int prefix, int length, long value, long shorter) {
    prefixes--;
    removals = removals + 1; // by one thread at a time, that of the map's lock
    int old = (int) (value >>> 3);
    int best = (int) (shorter >>> 3);
    if (length > 16) {
      int level = length <= 24 ? 16 : 24;
      change(prefix, length, leaf -> leaf == old, lengthOf(best) > level ? best : 0);
      return;
    }
    byte bestLength = (byte) lengthOf(best);
    int end = endOf(prefix, length);
    for (int i = prefix >>> 16; i < end; i++) {
      if (shorts[i] == old) {
        shortLengths[i] = bestLength;
        LpmReader.LEAVES.setRelease(shorts, i, best);
      }
    }
  }

  /** The upper half behind the last one that a prefix of up to 16 bits holds. */
  private static int endOf(int prefix, int length) {
    return (prefix >>> 16) + (1 << 16 - length);
  }

  /**
   * See {@link Prefetch#footprint}: what the upper halves lead by; of a node the line that its
   * length is in; of a prefix one where its leaf is and one where its value is.
   */
  long footprint() {
    int below = usedDeep - freeDeep.size();
    return (4L + 4L) * ROOTS + (long) LINE * (nodes + below + 2L * prefixes);
  }

  /** Loads where a leaf's value is. */
  int touch(int leaf) {
    return memory.get(Region.BYTE, (long) leaf << 3);
  }

  private interface Replaces {
    boolean test(int leaf);
  }

  /** Of prefixes of more than 16 bits. */
  private void change(int prefix, int length, Replaces replaces, int leaf) {
    int at = prefix >>> 16;
    int[] old = roots[at];
    int[] leaves = spread(old, upperLeaves);
    boolean spared = isSpared(old, leaves);
    int slot = prefix >>> 8 & 0xFF;
    if (length <= 24) {
      for (int i = slot; i < slot + (1 << 24 - length); i++) {
        if (leaves[i] < 0) {
          changeFallback(~leaves[i], replaces, leaf);
        } else if (replaces.test(leaves[i])) {
          leaves[i] = leaf;
        }
      }
    } else {
      leaves[slot] = changeDeep(prefix, length, leaves[slot], replaces, leaf);
    }
    int[] node = upper(leaves, spared);
    nodes += (node == null ? 0 : 1) - (old == null ? 0 : 1);
    heap.add((isSpared(node, leaves) ? 0 : heap(node)) - (spared ? 0 : heap(old)));
    LpmReader.NODES.setRelease(roots, at, node);
  }

  /**
   * A node by the next byte: flat where memory can be spared for that.
   *
   * @param spared whether what is in its place is flat for that reason
   */
  private int[] upper(int[] leaves, boolean spared) {
    int runs = runs(leaves);
    boolean packable = runs <= RUNS_MAX && !isEmpty(leaves, runs);
    boolean flat = packable && (spared || spare());
    if (spared && !flat) {
      giveBack();
    }
    return node(0, 0, leaves, flat);
  }

  /** Whether a node of these leaves is flat though it need not be. */
  private static boolean isSpared(int[] node, int[] leaves) {
    return node != null && node.length == FLAT && runs(leaves) <= RUNS_MAX;
  }

  private boolean spare() {
    boolean done = flats < flatsMost && owned.trySpare(FLAT_HEAP);
    flats += done ? 1 : 0;
    return done;
  }

  /** Bytes of Java heap of nodes that are flat to be quick. */
  long spared() {
    return (long) flats * FLAT_HEAP;
  }

  private void giveBack() {
    flats--;
    owned.giveHeap(FLAT_HEAP);
  }

  /**
   * Makes all nodes as small as they can be, from now on too, so that the memory can be used for
   * prefixes.
   *
   * @return whether there is more of it now
   */
  boolean pack() {
    int before = flats;
    flatsMost = 0;
    for (int i = 0; flats > 0 && i < ROOTS; i++) {
      int[] node = roots[i];
      if (node != null && isSpared(node, spread(node, upperLeaves))) {
        giveBack();
        int[] packed = node(0, 0, upperLeaves, false);
        heap.addBeside(heap(packed));
        LpmReader.NODES.setRelease(roots, i, packed);
      }
    }
    return before > 0;
  }

  private static int heap(int[] node) {
    return node == null ? 0 : HeapAccount.array(node.length, Integer.BYTES);
  }

  /**
   * Makes sure that a change can be had, and after it a replacement of what is there.
   *
   * @param replaces whether it is one itself, which needs no node that is not there
   * @throws OverBudgetException when it cannot
   */
  void reserve(boolean replaces) {
    boolean full = !replaces && usedDeep == deep.length && freeDeep.isEmpty();
    heap.reserve(replaces, full ? 2L * HeapAccount.array(deep.length, Integer.BYTES) : 0);
    if (full) {
      heap.add(HeapAccount.array(deep.length, Integer.BYTES));
      deep = Arrays.copyOf(deep, 2 * usedDeep);
    }
  }

  private void changeFallback(int number, Replaces replaces, int leaf) {
    int[] node = deep[number];
    if (replaces.test(node[FALLBACK])) {
      setDeep(number, node(node[TAG], leaf, spread(node, lowerLeaves), false));
    }
  }

  /** What the leaf above becomes: the node's number, or its fallback when nothing is left in it. */
  private int changeDeep(int prefix, int length, int above, Replaces replaces, int leaf) {
    int[] node = above < 0 ? deep[~above] : null;
    int fallback = node == null ? above : node[FALLBACK];
    int[] leaves = spread(node, lowerLeaves);
    int slot = prefix & 0xFF;
    for (int i = slot; i < slot + (1 << 32 - length); i++) {
      leaves[i] = replaces.test(leaves[i]) ? leaf : leaves[i];
    }
    if (Arrays.stream(leaves).allMatch(l -> l == 0)) {
      if (node != null) {
        freeDeep.add(~above);
        heap.add(FREE_HEAP);
      }
      return fallback;
    }
    int number = node == null ? takeDeep() : ~above;
    setDeep(number, node(prefix >>> 8, fallback, leaves, false));
    return ~number;
  }

  private int takeDeep() {
    if (!freeDeep.isEmpty()) {
      heap.add(-FREE_HEAP);
      return freeDeep.remove();
    }
    return usedDeep++; // there is room: reserve() has made it
  }

  private void setDeep(int number, int[] node) {
    heap.add(heap(node) - heap(deep[number]));
    LpmReader.NODES.setRelease(deep, number, node);
  }

  /** The length of the prefix that a leaf is the value of; -1 for none. */
  private int lengthOf(int leaf) {
    return leaf == 0 ? -1 : memory.get(Region.INT, ((long) leaf << 3) - valueOffset);
  }

  private static int[] spread(int[] node, int[] leaves) {
    for (int i = 0; i < BYTE_VALUES; i++) {
      leaves[i] = node == null ? 0 : LpmReader.leaf(node, i);
    }
    return leaves;
  }

  /** A node of these leaves; null when there is nothing in it. */
  private static int[] node(int tag, int fallback, int[] leaves, boolean flat) {
    int runs = runs(leaves);
    if (isEmpty(leaves, runs) && fallback == 0) {
      return null;
    }
    int[] node = flat || runs > RUNS_MAX ? flat(leaves) : packed(leaves, runs);
    node[TAG] = tag;
    node[FALLBACK] = fallback;
    return node;
  }

  private static int runs(int[] leaves) {
    int runs = 1;
    for (int i = 1; i < BYTE_VALUES; i++) {
      runs += leaves[i] != leaves[i - 1] ? 1 : 0;
    }
    return runs;
  }

  private static boolean isEmpty(int[] leaves, int runs) {
    return runs == 1 && leaves[0] == 0;
  }

  private static int[] flat(int[] leaves) {
    int[] node = new int[FLAT];
    System.arraycopy(leaves, 0, node, FLAT_LEAVES, BYTE_VALUES);
    return node;
  }

  private static int[] packed(int[] leaves, int runs) {
    return runs <= FEW ? few(leaves, runs) : many(leaves, runs);
  }

  private static int[] few(int[] leaves, int runs) {
    int[] node = new int[FEW_LEAVES + runs];
    long starts = -1L;
    node[FEW_LEAVES] = leaves[0];
    for (int i = 1, run = 1; i < BYTE_VALUES; i++) {
      if (leaves[i] != leaves[i - 1]) {
        int shift = Byte.SIZE * (run - 1);
        starts = starts & ~(0xFFL << shift) | (long) i << shift;
        node[FEW_LEAVES + run++] = leaves[i];
      }
    }
    node[STARTS] = (int) starts;
    node[STARTS + 1] = (int) (starts >>> 32);
    return node;
  }

  private static int[] many(int[] leaves, int runs) {
    int[] node = new int[MANY_LEAVES + runs];
    for (int i = 0, run = 0; i < BYTE_VALUES; i++) {
      if (i % 32 == 0) {
        node[COUNTS + i / 128] |= run << i / 32 % 4 * Byte.SIZE;
      }
      if (i == 0 || leaves[i] != leaves[i - 1]) {
        node[BITMAP + i / 32] |= 1 << i % 32;
        node[MANY_LEAVES + run++] = leaves[i];
      }
    }
    return node;
  }
}
