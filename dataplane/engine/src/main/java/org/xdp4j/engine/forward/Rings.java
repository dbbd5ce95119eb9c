package org.xdp4j.engine.forward;

import org.xdp4j.engine.frame.FrameRing;

/** A ring from every worker to every other. */
final class Rings {
  private final FrameRing[][] rings;

  Rings(int workers, int capacity) {
    rings = new FrameRing[workers][workers];
    for (int from = 0; from < workers; from++) {
      for (int to = 0; to < workers; to++) {
        if (from != to) {
          rings[from][to] = new FrameRing(capacity);
        }
      }
    }
  }

  /** The ring from one worker to another; null from one to itself. */
  FrameRing ring(int from, int to) {
    return rings[from][to];
  }

  /** Frames on their way to a worker, about. */
  int waiting(int to) {
    int sum = 0;
    for (int from = 0; from < rings.length; from++) {
      sum += from == to ? 0 : rings[from][to].size();
    }
    return sum;
  }
}
