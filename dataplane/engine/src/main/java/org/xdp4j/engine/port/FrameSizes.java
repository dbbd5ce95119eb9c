package org.xdp4j.engine.port;

import org.xdp4j.engine.frame.FramePool;

/** How long frames are that are made, in bytes, without Ethernet's check sequence. */
public sealed interface FrameSizes {
  /** The shortest frame: Ethernet's 64 bytes less the check sequence. */
  int MIN = 60;

  /** All alike. */
  record Fixed(int length) implements FrameSizes {
    /** Checks the length. */
    public Fixed {
      check(length);
    }
  }

  /** Any length between two, all equally likely. */
  record Range(int from, int to) implements FrameSizes {
    /** Checks the lengths. */
    public Range {
      check(from);
      check(to);
      if (from > to) {
        throw new IllegalArgumentException("no length is between " + from + " and " + to);
      }
    }
  }

  /**
   * The simple Internet mix: of 48 frames, 28 have 64 bytes on the wire, 16 have 570 and 4 have
   * 1518, so 60, 566 and 1514 here; shuffled.
   */
  record Imix() implements FrameSizes {}

  private static void check(int length) {
    if (length < MIN || length > FramePool.maxLength()) {
      throw new IllegalArgumentException(
          "no frame of "
              + length
              + " bytes can be made: they have "
              + MIN
              + " to "
              + FramePool.maxLength());
    }
  }
}
