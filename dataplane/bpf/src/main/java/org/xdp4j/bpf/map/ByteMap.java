package org.xdp4j.bpf.map;

import java.util.function.IntPredicate;

/** A set of byte values as 256 bits, with what is needed to count the members up to one quickly. */
final class ByteMap {
  /** Bytes of Java heap one takes. */
  static final int HEAP = HeapAccount.object(5 * Long.BYTES);

  static final ByteMap EMPTY = new ByteMap(new long[4]);

  // Fields and not an array, so that set and counts are one object, seldom two cache lines.
  private final long word0;
  private final long word1;
  private final long word2;
  private final long word3;

  /** Members before each of the four words, 16 bits each. */
  private final long before;

  private ByteMap(long[] words) {
    word0 = words[0];
    word1 = words[1];
    word2 = words[2];
    word3 = words[3];
    long sum = 0;
    long counts = 0;
    for (int i = 0; i < 4; i++) {
      counts |= sum << 16 * i;
      sum += Long.bitCount(words[i]);
    }
    before = counts;
  }

  /** The values that {@code test} accepts. */
  static ByteMap where(IntPredicate test) {
    long[] words = new long[4];
    for (int b = 0; b < 256; b++) {
      if (test.test(b)) {
        words[b >>> 6] |= 1L << b;
      }
    }
    return new ByteMap(words);
  }

  boolean has(int value) {
    return (word(value >>> 6) >>> value & 1) != 0;
  }

  private long word(int index) {
    long low = index == 0 ? word0 : word1;
    long high = index == 2 ? word2 : word3;
    return index < 2 ? low : high;
  }

  /** Members that are {@code value} or less. */
  int countUpTo(int value) {
    int word = value >>> 6;
    int inside = Long.bitCount(word(word) << 63 - (value & 63));
    return (int) (before >>> 16 * word & 0xFFFF) + inside;
  }

  /** The first member that is {@code from} or more, or -1. */
  int next(int from) {
    for (int b = from; b < 256; b++) {
      if (has(b)) {
        return b;
      }
    }
    return -1;
  }

  /** What {@code spread} has at the members. */
  long[] compress(long[] spread) {
    long[] some = new long[countUpTo(255)];
    for (int b = next(0), i = 0; b >= 0; b = b == 255 ? -1 : next(b + 1)) {
      some[i++] = spread[b];
    }
    return some;
  }
}
