package org.xdp4j.bpf.map;

/**
 * A prefix of a key of up to 16 bytes, as whoever changes an {@link LpmPaths} handles it.
 *
 * @param high bytes 0 to 7 of the key, the first of them highest; bits behind the prefix are 0
 * @param low bytes 8 to 15 of it
 * @param length bits, at least 1
 * @param leaf address of its value / 8
 */
record LpmPrefix(long high, long low, int length, int leaf) {
  /** The longest key that is two numbers. */
  static final int BYTES = 16;

  /** The prefix of so many bits that {@code data} begins with. */
  static LpmPrefix of(byte[] data, int length, long value) {
    long high = number(data, 0) & highMask(length);
    long low = number(data, Long.BYTES) & lowMask(length);
    return new LpmPrefix(high, low, length, (int) (value >>> 3));
  }

  /** Eight bytes from {@code from} on, 0 where {@code data} has none. */
  static long number(byte[] data, int from) {
    long number = 0;
    for (int i = from; i < from + Long.BYTES; i++) {
      number = number << 8 | (i < data.length ? data[i] & 0xFF : 0);
    }
    return number;
  }

  /** The bits of the first eight bytes that a prefix of so many bits has. */
  static long highMask(int length) {
    return length >= Long.SIZE ? -1 : ~(-1L >>> length);
  }

  static long lowMask(int length) {
    return length <= Long.SIZE ? 0 : highMask(length - Long.SIZE);
  }

  /** A byte of a key that is two numbers. */
  static int byteAt(long high, long low, int at) {
    long word = at < Long.BYTES ? high : low;
    return (int) (word >>> 56 - 8 * (at & 7)) & 0xFF;
  }

  int byteAt(int at) {
    return byteAt(high, low, at);
  }

  /** The byte that its last bit is in. */
  int lastByte() {
    return (length - 1) / 8;
  }

  /** How many bytes it has in common with another key. */
  int commonBytes(long otherHigh, long otherLow) {
    long difference = high ^ otherHigh;
    return difference != 0
        ? Long.numberOfLeadingZeros(difference) / 8
        : Long.BYTES + Long.numberOfLeadingZeros(low ^ otherLow) / 8;
  }

  /** Whether it is the same prefix, whatever its value. */
  boolean isSame(LpmPrefix other) {
    return length == other.length && high == other.high && low == other.low;
  }
}
