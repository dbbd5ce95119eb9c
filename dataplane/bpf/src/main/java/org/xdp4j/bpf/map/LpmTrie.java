package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.xdp4j.bpf.memory.Region;

/**
 * The index of an LPM map: which value belongs to the longest prefix of these bytes. A trie of
 * {@link LpmNode}s by whole bytes, runs of single-child nodes folded into one. Lookups take no lock
 * and allocate nothing; changes are for one thread at a time.
 *
 * <p>A lookup costs a step a byte on which prefixes really differ: three or four for IPv4 routes.
 */
final class LpmTrie {
  private final MemorySegment memory;

  /** The value of the prefix of no bits, 0 when there is none. */
  private volatile long whole;

  private volatile LpmNode root;

  /** What its nodes take. */
  private final HeapAccount heap;

  LpmTrie(MemorySegment memory, HeapAccount heap) {
    this.memory = memory;
    this.heap = heap;
  }

  /**
   * The address of the value of the longest prefix that matches the bytes at {@code data}, of at
   * most {@code limit} bits; 0 when there is none.
   */
  long find(long data, int limit) {
    long best = whole;
    LpmNode node = root;
    int depth = 0;
    while (node != null) {
      int skipped = node.skipLength;
      int left = limit - 8 * (depth + skipped);
      if (left <= 0 || skipped != 0 && !matches(node.skip, data + depth)) {
        return best;
      }
      depth += skipped;
      int value = memory.get(Region.BYTE, data + depth) & 0xFF;
      if (left < 8) {
        long own = node.best(value, left);
        return own != 0 ? own : best;
      }
      long own = node.best(value);
      best = own != 0 ? own : best;
      node = node.child(value);
      depth++;
    }
    return best;
  }

  /** The same for bytes in an array. */
  long find(byte[] data, int limit) {
    long best = whole;
    LpmNode node = root;
    int depth = 0;
    while (node != null) {
      int at = depth + node.skipLength;
      int left = limit - 8 * at;
      if (left <= 0 || common(node.skip, data, depth) < node.skipLength) {
        return best;
      }
      int value = data[at] & 0xFF;
      long own = left < 8 ? node.best(value, left) : node.best(value);
      best = own != 0 ? own : best;
      if (left < 8) {
        return best;
      }
      node = node.child(value);
      depth = at + 1;
    }
    return best;
  }

  /** The same for four bytes given as a number, the first of them highest. */
  long find(int data, int limit) {
    return find((long) data << Integer.SIZE, 0, limit);
  }

  /** The same for bytes given as two numbers, the first of them highest ({@link LpmPrefix}). */
  long find(long high, long low, int limit) {
    long best = whole;
    LpmNode node = root;
    int depth = 0;
    while (node != null) {
      int skipped = node.skipLength;
      int left = limit - 8 * (depth + skipped);
      if (left <= 0 || skipped != 0 && !matches(node.skip, high, low, depth)) {
        return best;
      }
      depth += skipped;
      int value = LpmPrefix.byteAt(high, low, depth);
      long own = left < 8 ? node.best(value, left) : node.best(value);
      best = own != 0 ? own : best;
      if (left < 8) {
        return best;
      }
      node = node.child(value);
      depth++;
    }
    return best;
  }

  private static boolean matches(byte[] skip, long high, long low, int depth) {
    for (int i = 0; i < skip.length; i++) {
      if ((byte) LpmPrefix.byteAt(high, low, depth + i) != skip[i]) {
        return false;
      }
    }
    return true;
  }

  private boolean matches(byte[] skip, long data) {
    for (int i = 0; i < skip.length; i++) {
      if (memory.get(Region.BYTE, data + i) != skip[i]) {
        return false;
      }
    }
    return true;
  }

  /** The address of exactly this prefix's value, or 0. */
  long exact(byte[] data, int bits) {
    if (bits == 0) {
      return whole;
    }
    int target = (bits - 1) / 8;
    LpmNode node = root;
    int depth = 0;
    while (node != null) {
      int end = depth + node.skip.length;
      if (end > target || common(node.skip, data, depth) < node.skip.length) {
        return 0;
      }
      int value = data[end] & 0xFF;
      if (end == target) {
        return node.own(LpmNode.id(value, bits - 8 * target));
      }
      node = node.child(value);
      depth = end + 1;
    }
    return 0;
  }

  /** Adds a prefix, or replaces its value. */
  void put(byte[] data, int bits, long value) {
    if (bits == 0) {
      whole = value;
    } else {
      root = put(root, 0, data, bits, value);
    }
  }

  /** What has to be in {@code node}'s place, {@code depth} bytes into the key. */
  private LpmNode put(LpmNode node, int depth, byte[] data, int bits, long value) {
    int target = (bits - 1) / 8;
    int id = LpmNode.id(data[target] & 0xFF, bits - 8 * target);
    if (node == null) {
      return heap.made(LpmNode.leaf(Arrays.copyOfRange(data, depth, target), id, value));
    }
    int shared = Math.min(common(node.skip, data, depth), target - depth);
    int at = depth + shared;
    if (shared < node.skip.length) {
      byte[] rest = Arrays.copyOfRange(node.skip, shared + 1, node.skip.length);
      LpmNode below = heap.instead(node, node.withSkip(rest));
      LpmNode split =
          LpmNode.branch(Arrays.copyOf(node.skip, shared))
              .withChild(node.skip[shared] & 0xFF, below);
      return heap.made(
          at == target
              ? split.withOwn(id, value)
              : split.withChild(data[at] & 0xFF, put(null, at + 1, data, bits, value)));
    }
    if (at == target) {
      return heap.instead(node, node.withOwn(id, value));
    }
    int branch = data[at] & 0xFF;
    LpmNode child = node.child(branch);
    LpmNode fresh = put(child, at + 1, data, bits, value);
    if (child == null) {
      return heap.instead(node, node.withChild(branch, fresh));
    }
    node.replaceChild(branch, fresh);
    return node;
  }

  /** Takes out a prefix that is there. */
  void remove(byte[] data, int bits) {
    if (bits == 0) {
      whole = 0;
    } else {
      root = remove(root, 0, data, bits);
    }
  }

  private LpmNode remove(LpmNode node, int depth, byte[] data, int bits) {
    int target = (bits - 1) / 8;
    int at = depth + node.skip.length;
    int branch = data[at] & 0xFF;
    if (at == target) {
      return fold(heap.instead(node, node.withoutOwn(LpmNode.id(branch, bits - 8 * target))));
    }
    LpmNode fresh = remove(node.child(branch), at + 1, data, bits);
    if (fresh == null) {
      return fold(heap.instead(node, node.withChild(branch, null)));
    }
    node.replaceChild(branch, fresh);
    return node;
  }

  /** A node that no longer decides anything is left out. */
  private LpmNode fold(LpmNode node) {
    if (node.ownCount() > 0) {
      return node;
    }
    if (!node.hasChildren()) {
      heap.add(-node.heap());
      return null;
    }
    int only = node.onlyBranch();
    if (only < 0) {
      return node;
    }
    LpmNode child = node.child(only);
    byte[] skip = Arrays.copyOf(node.skip, node.skip.length + 1 + child.skip.length);
    skip[node.skip.length] = (byte) only;
    System.arraycopy(child.skip, 0, skip, node.skip.length + 1, child.skip.length);
    heap.add(-node.heap());
    return heap.instead(child, child.withSkip(skip));
  }

  /** How many bytes of {@code skip} equal those of {@code data} from {@code depth} on. */
  private static int common(byte[] skip, byte[] data, int depth) {
    int n = 0;
    while (n < skip.length && depth + n < data.length && skip[n] == data[depth + n]) {
      n++;
    }
    return n;
  }

  /** The address of the first prefix's value in {@link LpmOrder}, or 0. */
  long first() {
    long found = root == null ? 0 : LpmOrder.first(root);
    return found != 0 ? found : whole;
  }

  /** The address of the value of the prefix after one that is there, or 0. */
  long after(byte[] data, int bits) {
    if (bits == 0) {
      return 0;
    }
    long found = LpmOrder.after(root, 0, data, bits);
    return found != 0 ? found : whole;
  }

  /** Gives the address of every value there is, in no particular order. */
  void forEach(LongConsumer consumer) {
    if (whole != 0) {
      consumer.accept(whole);
    }
    if (root != null) {
      forEach(root, consumer);
    }
  }

  private static void forEach(LpmNode node, LongConsumer consumer) {
    for (int i = 0; i < node.ownCount(); i++) {
      consumer.accept(node.valueAt(i));
    }
    for (int b = 0; b < 256 && node.hasChildren(); b++) {
      LpmNode child = node.child(b);
      if (child != null) {
        forEach(child, consumer);
      }
    }
  }
}
