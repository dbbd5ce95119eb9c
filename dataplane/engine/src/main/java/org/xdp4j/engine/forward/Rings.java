package org.xdp4j.engine.forward;

import org.xdp4j.engine.frame.FrameRing;

/**
 * A ring from every worker to every other. There come more when workers are added, and none goes:
 * what is in one is always taken out.
 */
final class Rings {
  private final int capacity;
  private volatile FrameRing[][] rings = {};

  Rings(int capacity) {
    this.capacity = capacity;
  }

  /** Has rings for so many workers; the control only, before any of the new ones begins. */
  void growTo(int workers) {
    if (workers > rings.length) {
      rings = of(workers);
    }
  }

  /** Takes back those of workers that never began; the control only. */
  void shrinkTo(int workers) {
    if (workers < rings.length) {
      rings = of(workers);
    }
  }

  private FrameRing[][] of(int workers) {
    FrameRing[][] old = rings;
    FrameRing[][] all = new FrameRing[workers][workers];
    for (int from = 0; from < workers; from++) {
      for (int to = 0; to < workers; to++) {
        boolean known = from < old.length && to < old.length;
        if (from != to) {
          all[from][to] = known ? old[from][to] : new FrameRing(capacity);
        }
      }
    }
    return all;
  }

  /** How many workers have rings. */
  int workers() {
    return rings.length;
  }

  /** The ring from one worker to another; null from one to itself. */
  FrameRing ring(int from, int to) {
    return rings[from][to];
  }

  /** All as of now, by who puts in and who takes out. */
  FrameRing[][] all() {
    return rings;
  }

  /** Frames on their way to a worker, about. */
  int waiting(int to) {
    FrameRing[][] all = rings;
    int sum = 0;
    for (int from = 0; from < all.length; from++) {
      sum += from == to ? 0 : all[from][to].size();
    }
    return sum;
  }
}
