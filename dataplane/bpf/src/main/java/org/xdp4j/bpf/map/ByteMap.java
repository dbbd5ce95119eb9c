package org.xdp4j.bpf.map;

import java.util.function.IntPredicate;

/** A set of byte values as 256 bits, with what is needed to count the members up to one quickly. */
final class ByteMap {
  static final ByteMap EMPTY = new ByteMap(new long[4]);

  private final long[] words;

  /** Members before each of the four words, 16 bits each. */
  private final long before;

  private ByteMap(long[] words) {
    this.words = words;
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
    return (words[value >>> 6] >>> value & 1) != 0;
  }

  /** Members that are {@code value} or less. */
  int countUpTo(int value) {
    int word = value >>> 6;
    int inside = Long.bitCount(words[word] << 63 - (value & 63));
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
