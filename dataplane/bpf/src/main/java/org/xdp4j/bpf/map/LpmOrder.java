package org.xdp4j.bpf.map;

/**
 * The order in which Linux walks the prefixes of an LPM trie (kernel/bpf/lpm_trie.c): by data, and
 * a prefix after all those that it contains.
 *
 * <p>In a node that means by the last value of its byte that a prefix matches, and of those with
 * the same one the longer before the shorter, before all of which comes that value's child.
 */
final class LpmOrder {
  private static final int CHILD = 9;

  private LpmOrder() {}

  /** The address of the first value at or under {@code node}; 0 only for a node without any. */
  static long first(LpmNode node) {
    return from(node, 0, CHILD);
  }

  /**
   * The address of the value after a prefix's that is there.
   *
   * @param depth bytes of the key before {@code node}'s
   * @return 0 when all others at or under {@code node} come before it
   */
  static long after(LpmNode node, int depth, byte[] data, int bits) {
    int at = depth + node.skipLength;
    int target = (bits - 1) / 8;
    int value = data[at] & 0xFF;
    if (at == target) {
      int own = bits - 8 * target;
      int last = value | (1 << 8 - own) - 1;
      return from(node, last, own - 1);
    }
    long below = after(node.child(value), at + 1, data, bits);
    return below != 0 ? below : from(node, value, CHILD - 1);
  }

  /** The first value among what a node has from this place on. */
  private static long from(LpmNode node, int value, int bits) {
    int n = bits;
    for (int v = value; v < 256; v++) {
      for (; n > 0 && endsAt(v, n); n--) {
        long found = at(node, v, n);
        if (found != 0) {
          return found;
        }
      }
      n = CHILD;
    }
    return 0;
  }

  /** Whether {@code value} is the last that its own first {@code bits} bits match. */
  private static boolean endsAt(int value, int bits) {
    int rest = bits >= 8 ? 0 : (1 << 8 - bits) - 1;
    return (value & rest) == rest;
  }

  private static long at(LpmNode node, int value, int bits) {
    if (bits < CHILD) {
      return node.own(LpmNode.id(value, bits));
    }
    LpmNode child = node.child(value);
    return child == null ? 0 : first(child);
  }
}
