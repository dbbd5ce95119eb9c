package org.xdp4j.engine.port;

import java.util.SplittableRandom;

/** The lengths of frames, one after the other. Owned by one thread. */
final class SizeSequence {
  private static final int IMIX_SMALL = 28;
  private static final int IMIX_MIDDLE = 16;
  private static final int IMIX_LARGE = 4;

  private final int[] cycle;
  private int next;

  private SizeSequence(int[] cycle) {
    this.cycle = cycle;
  }

  /** Makes one. */
  static SizeSequence of(FrameSizes sizes, SplittableRandom random) {
    return new SizeSequence(
        switch (sizes) {
          case FrameSizes.Fixed fixed -> new int[] {fixed.length()};
          case FrameSizes.Range range ->
              random.ints(1 << 12, range.from(), range.to() + 1).toArray();
          case FrameSizes.Imix imix -> imix(random);
        });
  }

  private static int[] imix(SplittableRandom random) {
    int[] lengths = new int[IMIX_SMALL + IMIX_MIDDLE + IMIX_LARGE];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = i < IMIX_SMALL ? 60 : i < IMIX_SMALL + IMIX_MIDDLE ? 566 : 1514;
    }
    for (int i = lengths.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = lengths[i];
      lengths[i] = lengths[other];
      lengths[other] = kept;
    }
    return lengths;
  }

  /** The next length, which stays the next. */
  int peek() {
    return cycle[next];
  }

  /** The next length. */
  int next() {
    int length = cycle[next];
    next = next + 1 == cycle.length ? 0 : next + 1;
    return length;
  }
}
