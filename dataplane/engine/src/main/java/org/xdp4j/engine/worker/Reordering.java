package org.xdp4j.engine.worker;

import org.xdp4j.engine.frame.Frame;

/**
 * Puts frames back into the order they came in, by their sequence numbers, which have no gaps.
 * Owned by one thread.
 */
final class Reordering {
  private final Frame[] window;
  private final int mask;
  private long next;

  /**
   * Makes one.
   *
   * @param frames frames that can be under way at once
   */
  Reordering(int frames) {
    int size = Integer.highestOneBit(Math.max(1, frames - 1)) << 1;
    window = new Frame[size];
    mask = size - 1;
  }

  /** Adds a frame whose turn has not come, or just has. */
  void put(Frame frame) {
    window[(int) frame.sequence & mask] = frame;
  }

  /** Takes frames whose turn it is, as many as {@code into} holds, and returns how many. */
  int take(Frame[] into) {
    int count = 0;
    while (count < into.length) {
      int slot = (int) next & mask;
      Frame frame = window[slot];
      if (frame == null) {
        break;
      }
      window[slot] = null;
      into[count++] = frame;
      next++;
    }
    return count;
  }
}
