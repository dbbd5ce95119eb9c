package org.xdp4j.net.route;

import java.util.Arrays;

/**
 * What is below one prefix of 24 bits, told apart by the last 8: as in {@link FibNode},
 * neighbouring positions with the same content share a slot, which counting bits finds. Immutable,
 * and small: there may be one for each of a million routes to single hosts.
 */
final class Ipv4Node {
  static final int WIDTH = 256;

  private final long bits0;
  private final long bits1;
  private final long bits2;
  private final long bits3;

  /** For each of the four words, 8 bits: slots that begin in the words before it. */
  private final int before;

  private final Way[] slots;

  private Ipv4Node(long[] bits, int before, Way[] slots) {
    this.bits0 = bits[0];
    this.bits1 = bits[1];
    this.bits2 = bits[2];
    this.bits3 = bits[3];
    this.before = before;
    this.slots = slots;
  }

  /** A node of these positions. */
  static Ipv4Node of(Way[] positions) {
    long[] bits = {1, 0, 0, 0};
    int count = 1;
    for (int i = 1; i < WIDTH; i++) {
      if (positions[i] != positions[i - 1]) {
        bits[i >>> 6] |= 1L << i;
        count++;
      }
    }
    Way[] slots = new Way[count];
    int before = 0;
    int next = 0;
    for (int i = 0; i < WIDTH; i++) {
      if ((i & 63) == 0) {
        before |= next << (i >>> 6) * 8;
      }
      if ((bits[i >>> 6] >>> i & 1) != 0) {
        slots[next++] = positions[i];
      }
    }
    return new Ipv4Node(bits, before, slots);
  }

  /** The content of a position, 0 to 255. */
  Way get(int position) {
    long lower = (position & 64) == 0 ? bits0 : bits1;
    long upper = (position & 64) == 0 ? bits2 : bits3;
    long word = (position & 128) == 0 ? lower : upper;
    int slot = (before >>> (position >>> 6) * 8 & 0xff) + Long.bitCount(word << ~position) - 1;
    return slots[slot];
  }

  /** Bytes with compressed references. */
  long bytes() {
    return 56 + 16 + (4L * slots.length + 7 & -8);
  }

  @Override
  public String toString() {
    return Arrays.toString(slots);
  }
}
