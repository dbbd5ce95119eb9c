package org.xdp4j.bpf.map;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A node of an {@link LpmPaths}: it decides by one byte of the key, all keys below it having the
 * bytes before in common.
 *
 * <pre>
 *  few runs of equal slots:   | 256 bits, 1: a run begins here | slots, a run each |
 *  many:                                                       | 256 slots         |
 *
 *  a slot:   null, a bucket (long[]) or a node
 * </pre>
 *
 * <p>A node never changes but for {@link #replaced}: whoever changes the table makes a new one and
 * puts it into the place of the old. A node that has emptied is made anew when most of its slots
 * are no runs' any more ({@link #isTooWide}), so it takes a kilobyte only while it has prefixes for
 * that.
 */
final class LpmPathNode implements HeapAccount.Part {
  private static final int BYTE_VALUES = 256;
  private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(Object[].class);

  /** From this many runs on there is one slot for each value of the byte, which is quicker. */
  private static final int DENSE = 48;

  /** With fewer runs than this there is not any more. */
  private static final int SPARSE = 24;

  /** Slots that are kept, however few are used. */
  private static final int FEW_SLOTS = 8;

  private static final int OBJECT = HeapAccount.object(4 + 8 + 8 + 4 + 4 + 5 * 8 + 4);

  /** Bytes that all keys below have in common with {@link #high} and {@link #low}. */
  final int depth;

  final long high;
  final long low;

  /** The longest prefix of the node above that covers all of this node's slot there, or 0. */
  final int fallback;

  final int fallbackLength;

  // Where runs begin: fields and not an array, so that they are in this object.
  private final long word0;
  private final long word1;
  private final long word2;
  private final long word3;

  /** Runs that begin before each of the four words, 16 bits each. */
  private final long before;

  private final Object[] slots;

  /**
   * @param spread what there is for each value of the byte
   */
  LpmPathNode(int depth, long high, long low, int fallback, int fallbackLength, Object[] spread) {
    this.depth = depth;
    this.high = high & LpmPrefix.highMask(8 * depth);
    this.low = low & LpmPrefix.lowMask(8 * depth);
    this.fallback = fallback;
    this.fallbackLength = fallbackLength;
    long[] words = new long[BYTE_VALUES / Long.SIZE];
    int runs = 0;
    long counts = 0;
    for (int i = 0; i < BYTE_VALUES; i++) {
      counts |= i % 64 == 0 ? (long) runs << i / 4 : 0;
      if (i == 0 || spread[i] != spread[i - 1]) {
        words[i / 64] |= 1L << i;
        runs++;
      }
    }
    word0 = words[0];
    word1 = words[1];
    word2 = words[2];
    word3 = words[3];
    before = counts;
    slots = runs >= DENSE ? spread.clone() : compressed(spread, runs);
  }

  private static Object[] compressed(Object[] spread, int runs) {
    Object[] some = new Object[runs];
    some[0] = spread[0];
    for (int i = 1, run = 0; i < BYTE_VALUES; i++) {
      if (spread[i] != spread[i - 1]) {
        some[++run] = spread[i];
      }
    }
    return some;
  }

  private LpmPathNode(LpmPathNode other, int fallback, int fallbackLength) {
    depth = other.depth;
    high = other.high;
    low = other.low;
    this.fallback = fallback;
    this.fallbackLength = fallbackLength;
    word0 = other.word0;
    word1 = other.word1;
    word2 = other.word2;
    word3 = other.word3;
    before = other.before;
    slots = other.slots;
  }

  /** The same with another prefix that covers all of it; of no bits for none. */
  LpmPathNode withFallback(int leaf, int length) {
    return leaf == fallback && length == fallbackLength
        ? this
        : new LpmPathNode(this, leaf, length);
  }

  /** Whether a key has the bytes in common that all below have. */
  boolean isOn(long keyHigh, long keyLow) {
    int bits = 8 * depth;
    if (bits < Long.SIZE) {
      return ((keyHigh ^ high) & ~(-1L >>> bits)) == 0;
    }
    return keyHigh == high && ((keyLow ^ low) & ~(-1L >>> bits)) == 0; // shifts by bits - 64
  }

  /** What there is for a key that is on the path. */
  Object next(long keyHigh, long keyLow) {
    return slot(LpmPrefix.byteAt(keyHigh, keyLow, depth));
  }

  /** What there is for a value of the byte. */
  Object slot(int value) {
    return SLOTS.getAcquire(slots, slots.length == BYTE_VALUES ? value : runOf(value));
  }

  private int runOf(int value) {
    int word = value >>> 6;
    int inside = Long.bitCount(word(word) << 63 - (value & 63));
    return (int) (before >>> 16 * word & 0xFFFF) + inside - 1;
  }

  private long word(int index) {
    long lower = index == 0 ? word0 : word1;
    long upper = index == 2 ? word2 : word3;
    return index < 2 ? lower : upper;
  }

  /** With something else for one value of the byte: itself where that has a slot of its own. */
  LpmPathNode replaced(int value, Object content) {
    if (slot(value) == content) {
      return this;
    }
    if (slots.length == BYTE_VALUES || isAlone(value)) {
      SLOTS.setRelease(slots, slots.length == BYTE_VALUES ? value : runOf(value), content);
      return this;
    }
    Object[] spread = spread();
    spread[value] = content;
    return rebuilt(spread);
  }

  private boolean isAlone(int value) {
    return begins(value) && (value == BYTE_VALUES - 1 || begins(value + 1));
  }

  private boolean begins(int value) {
    return (word(value >>> 6) >>> value & 1) != 0;
  }

  LpmPathNode rebuilt(Object[] spread) {
    return new LpmPathNode(depth, high, low, fallback, fallbackLength, spread);
  }

  /** Whether a node of this would take much less memory. */
  boolean isTooWide(Object[] spread) {
    int runs = 1;
    for (int i = 1; i < BYTE_VALUES; i++) {
      runs += spread[i] != spread[i - 1] ? 1 : 0;
    }
    return slots.length == BYTE_VALUES
        ? runs < SPARSE
        : slots.length > FEW_SLOTS && 2 * runs < slots.length;
  }

  /**
   * Bytes of Java heap that it takes, and with it the buckets in its slots: a bucket of several
   * runs once for each, which is more than it takes.
   */
  @Override
  public int heap() {
    int sum = OBJECT + HeapAccount.array(slots.length, Integer.BYTES);
    for (int i = 0; i < slots.length; i++) {
      boolean begins = slots.length < BYTE_VALUES || i == 0 || slots[i] != slots[i - 1];
      sum += begins ? LpmBucket.heap(slots[i]) : 0;
    }
    return sum;
  }

  /** How {@link #heap} changes when a slot gets other content and the node remains. */
  int growth(int value, Object content) {
    Object old = slot(value);
    int left = LpmBucket.heap(content);
    if (slots.length < BYTE_VALUES) {
      return left - LpmBucket.heap(old);
    }
    int pieces = value > 0 && slots[value - 1] == old ? 1 : 0;
    pieces += value < BYTE_VALUES - 1 && slots[value + 1] == old ? 1 : 0;
    return left + (pieces - 1) * LpmBucket.heap(old);
  }

  /** What there is for each value of the byte. */
  Object[] spread() {
    Object[] spread = new Object[BYTE_VALUES];
    for (int i = 0; i < BYTE_VALUES; i++) {
      spread[i] = slot(i);
    }
    return spread;
  }
}
