package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.memory.Region;

/**
 * What an LPM map of keys of up to 16 bytes, IPv6 addresses above all, is read through. {@link
 * LpmTrie} remains what the map is; this follows it.
 *
 * <p>A tree: nodes decide by a byte, bytes that all keys below have in common are passed over, and
 * where there are up to eight prefixes they lie side by side in a bucket. So a look-up among many
 * takes few dependent loads that miss the caches: the last node, the bucket, the value.
 *
 * <pre>
 *                    node by byte 2, below 2001::/16
 *            /                  |                     \
 *   bucket: 2001:0db8::/32   node by byte 4,       bucket: 2001:4000::/18
 *                             below 2001:0dc0::/32    (in all 64 slots that it covers)
 *                              ...
 * </pre>
 *
 * <p>A prefix that ends inside a node's byte is in the bucket of each slot that it covers, where no
 * longer one of the same node is; of a slot that holds a node it is that node's fallback. So the
 * longest match is the one found last.
 *
 * <p>Every change is one store: of a slot, or of the root. Readers need no lock and see all of it
 * or nothing. It makes new nodes along one path, the slots of one node at most. Changes are for one
 * thread at a time.
 */
final class LpmPaths {
  /** Prefixes of a bucket. */
  private static final int MOST = 8;

  /** A node of no more than this many becomes a bucket again. */
  private static final int FEW = 4;

  private static final int BYTE_VALUES = 256;
  private static final int LINE = 64;

  final LpmPathReader reader;

  /** How many prefixes have begun to go, over all: see {@link LpmPathReader}. */
  volatile int removals;

  /** The value of the prefix of no bits, / 8; 0 when there is none. */
  volatile int whole;

  /** Null, a bucket or a node. */
  volatile Object root;

  private final MemorySegment memory;
  private final long valueOffset;

  /** What its nodes and buckets take. */
  private final HeapAccount heap;

  /** Of a thread, not of a CPU: programs are tried in the name of a CPU that runs others. */
  private final ThreadLocal<Object[]> places = ThreadLocal.withInitial(() -> new Object[64]);

  /** Written by one thread at a time, read by any that wants to know about how many there are. */
  private volatile int prefixes;

  /**
   * @param valueOffset bytes from an element's key, which begins with its length, to its value
   * @param dataSize bytes of a key without its length
   */
  LpmPaths(MemorySegment memory, long valueOffset, int dataSize, LpmTrie trie, HeapAccount heap) {
    this.memory = memory;
    this.heap = heap;
    this.valueOffset = valueOffset;
    this.reader = new LpmPathReader(this, trie, 8 * dataSize);
  }

  /**
   * See {@link Prefetch#footprint}: of a prefix, a line where its bucket and one where its value
   * is.
   */
  long footprint() {
    return 2L * LINE * prefixes;
  }

  /** Room for where {@code size} look-ups of this thread are: all null. */
  Object[] places(int size) {
    Object[] own = places.get();
    if (own.length < size) {
      own = new Object[size];
      places.set(own);
    }
    return own;
  }

  /** Loads where a leaf's value is. */
  int touch(int leaf) {
    return memory.get(Region.BYTE, (long) leaf << 3);
  }

  /** Eight bytes of a key in memory, the first of them highest. */
  long number(long key, int bytes) {
    if (bytes >= Long.BYTES) {
      return Long.reverseBytes(memory.get(Region.LONG, key));
    }
    long number = 0;
    for (int i = 0; i < bytes; i++) {
      number |= (memory.get(Region.BYTE, key + i) & 0xFFL) << 56 - 8 * i;
    }
    return number;
  }

  /**
   * A prefix is there now, with its value at this address.
   *
   * @param isNew whether it was not there before
   */
  void put(byte[] data, int length, long value, boolean isNew) {
    prefixes = prefixes + (isNew ? 1 : 0);
    if (length == 0) {
      whole = (int) (value >>> 3);
    } else {
      setRoot(put(root, 0, LpmPrefix.of(data, length, value)));
    }
  }

  /**
   * A prefix is gone.
   *
   * @param shorter where the value of the longest of the shorter prefixes is, or 0
   */
  void remove(byte[] data, int length, long shorter) {
    prefixes = prefixes - 1;
    removals = removals + 1; // by one thread at a time, that of the map's lock
    if (length == 0) {
      whole = 0;
      return;
    }
    int shorterLength = shorter == 0 ? 0 : memory.get(Region.INT, shorter - valueOffset);
    setRoot(
        remove(
            root,
            0,
            LpmPrefix.of(data, length, 0),
            shorterLength == 0 ? null : LpmPrefix.of(data, shorterLength, shorter)));
  }

  private void setRoot(Object fresh) {
    heap.add(LpmBucket.heap(fresh) - LpmBucket.heap(root));
    root = fresh;
  }

  // A bucket counts with the node that it is in. So that all is counted once, whoever makes a node,
  // puts another into its place or leaves it out says so.

  private LpmPathNode replaced(LpmPathNode node, int value, Object content) {
    int growth = node.growth(value, content);
    LpmPathNode fresh = node.replaced(value, content);
    if (fresh != node) {
      return heap.instead(node, fresh);
    }
    heap.add(growth);
    return node;
  }

  /** What has to be in a slot, all of whose keys have {@code depth} bytes in common. */
  private Object put(Object slot, int depth, LpmPrefix prefix) {
    if (slot instanceof LpmPathNode node) {
      return put(node, prefix);
    }
    List<LpmPrefix> others = slot == null ? List.of() : LpmBucket.prefixes((long[]) slot);
    return gathered(LpmBucket.with(others, prefix), depth);
  }

  private LpmPathNode put(LpmPathNode node, LpmPrefix prefix) {
    int shared = Math.min(prefix.commonBytes(node.high, node.low), prefix.lastByte());
    if (shared < node.depth) {
      Object[] spread = new Object[BYTE_VALUES];
      spread[LpmPrefix.byteAt(node.high, node.low, shared)] = node.withFallback(0, 0);
      put(spread, shared, prefix);
      return heap.made(
          new LpmPathNode(shared, node.high, node.low, node.fallback, node.fallbackLength, spread));
    }
    if (prefix.lastByte() > node.depth) {
      int value = prefix.byteAt(node.depth);
      return replaced(node, value, put(node.slot(value), node.depth + 1, prefix));
    }
    Object[] spread = node.spread();
    put(spread, node.depth, prefix);
    return heap.instead(node, node.rebuilt(spread));
  }

  /** Adds a prefix to what a node holds that decides by this byte. */
  private void put(Object[] spread, int depth, LpmPrefix prefix) {
    int value = prefix.byteAt(depth);
    if (prefix.lastByte() > depth) {
      spread[value] = put(spread[value], depth + 1, prefix);
      return;
    }
    Object before = null;
    Object after = null;
    int end = value + (1 << 8 * (depth + 1) - prefix.length());
    for (int i = value; i < end; i++) {
      if (after == null || spread[i] != before) {
        before = spread[i];
        after = covered(before, depth + 1, prefix);
      }
      spread[i] = after;
    }
  }

  /** What a slot becomes all of whose keys a prefix matches. */
  private static Object covered(Object slot, int depth, LpmPrefix prefix) {
    if (slot instanceof LpmPathNode node) {
      return node.fallbackLength > prefix.length()
          ? node
          : node.withFallback(prefix.leaf(), prefix.length());
    }
    List<LpmPrefix> all = slot == null ? new ArrayList<>() : LpmBucket.prefixes((long[]) slot);
    LpmPrefix cover = cover(all, depth);
    if (cover != null && cover.length() > prefix.length()) {
      return slot;
    }
    all.remove(cover);
    all.add(prefix);
    return LpmBucket.of(all);
  }

  /** The prefix of a bucket that matches all keys of its slot, or null. */
  private static LpmPrefix cover(List<LpmPrefix> bucket, int depth) {
    LpmPrefix last = bucket.isEmpty() ? null : bucket.getLast();
    return last != null && last.length() <= 8 * depth ? last : null;
  }

  /** A bucket, or where they are too many a node and what is below it. */
  private Object gathered(List<LpmPrefix> prefixes, int depth) {
    if (prefixes.size() <= MOST) {
      return LpmBucket.of(prefixes);
    }
    List<LpmPrefix> rest = new ArrayList<>(prefixes);
    rest.sort((a, b) -> b.length() - a.length());
    LpmPrefix cover = cover(rest, depth);
    rest.remove(cover);
    LpmPrefix first = rest.getFirst();
    int at = first.lastByte();
    for (LpmPrefix prefix : rest) {
      int common = prefix.commonBytes(first.high(), first.low());
      at = Math.min(at, Math.min(common, prefix.lastByte()));
    }
    Object[] spread = new Object[BYTE_VALUES];
    for (LpmPrefix prefix : rest) {
      put(spread, at, prefix);
    }
    return heap.made(
        new LpmPathNode(
            at,
            first.high(),
            first.low(),
            cover == null ? 0 : cover.leaf(),
            cover == null ? 0 : cover.length(),
            spread));
  }

  /**
   * @param shorter the longest prefix that contains it, or null
   */
  private Object remove(Object slot, int depth, LpmPrefix prefix, LpmPrefix shorter) {
    if (!(slot instanceof LpmPathNode node)) {
      List<LpmPrefix> held = slot == null ? List.of() : LpmBucket.prefixes((long[]) slot);
      List<LpmPrefix> rest = LpmBucket.without(held, prefix);
      if (shorter != null && shorter.length() > Byte.SIZE * depth) {
        // Longer ones may have covered it wholly when the bucket was made, so that it is not there.
        rest = LpmBucket.with(rest, shorter);
      }
      return gathered(rest, depth);
    }
    Object[] spread = node.spread();
    int value = prefix.byteAt(node.depth);
    boolean below = prefix.lastByte() > node.depth;
    if (below) {
      spread[value] = remove(spread[value], node.depth + 1, prefix, shorter);
    } else {
      LpmPrefix instead = shorter != null && shorter.length() > 8 * node.depth ? shorter : null;
      uncover(spread, node.depth, prefix, instead);
    }
    Object folded = folded(node, depth, spread);
    if (folded != spread) {
      heap.add(-node.heap());
      return folded;
    }
    return below && !node.isTooWide(spread)
        ? replaced(node, value, spread[value])
        : heap.instead(node, node.rebuilt(spread));
  }

  /** Takes a prefix that ends inside a node's byte out of all slots it is in. */
  private static void uncover(Object[] spread, int depth, LpmPrefix prefix, LpmPrefix instead) {
    int value = prefix.byteAt(depth);
    int end = value + (1 << 8 * (depth + 1) - prefix.length());
    Object before = new Object();
    Object after = null;
    for (int i = value; i < end; i++) {
      if (spread[i] != before) {
        before = spread[i];
        after = uncovered(before, depth + 1, prefix.length(), instead);
      }
      spread[i] = after;
    }
  }

  private static Object uncovered(Object slot, int depth, int length, LpmPrefix instead) {
    if (slot instanceof LpmPathNode node) {
      if (node.fallbackLength != length) {
        return node;
      }
      return instead == null
          ? node.withFallback(0, 0)
          : node.withFallback(instead.leaf(), instead.length());
    }
    List<LpmPrefix> all = LpmBucket.prefixes((long[]) slot);
    LpmPrefix cover = cover(all, depth);
    if (cover == null || cover.length() != length) {
      return slot;
    }
    all.remove(cover);
    if (instead != null) {
      all.add(instead);
    }
    return LpmBucket.of(all);
  }

  /**
   * What takes a node's place when it would hold this: {@code spread} itself for a node as before,
   * else what little is left of it.
   *
   * @param depth bytes that all keys of the node's slot have in common
   */
  private static Object folded(LpmPathNode node, int depth, Object[] spread) {
    List<LpmPrefix> left = new ArrayList<>();
    LpmPathNode child = null;
    Object before = null;
    for (Object slot : spread) {
      if (slot == before || slot == null) {
        continue;
      }
      before = slot;
      if (slot instanceof LpmPathNode below) {
        if (child != null || below.fallbackLength != 0) {
          return spread;
        }
        child = below;
      } else {
        for (LpmPrefix prefix : LpmBucket.prefixes((long[]) slot)) {
          left = LpmBucket.with(left, prefix);
        }
      }
      if (left.size() > FEW || child != null && !left.isEmpty()) {
        return spread;
      }
    }
    if (child != null) {
      return child.withFallback(node.fallback, node.fallbackLength);
    }
    if (node.fallback != 0) {
      int length = node.fallbackLength;
      left.add(
          new LpmPrefix(
              node.high & LpmPrefix.highMask(length),
              node.low & LpmPrefix.lowMask(length),
              length,
              node.fallback));
    }
    return LpmBucket.of(left);
  }
}
