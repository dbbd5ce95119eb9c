package org.xdp4j.engine.forward;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FrameRing;

/**
 * A ring from every worker to every other. There come more when workers are added, and none goes:
 * what is in one is always taken out.
 */
final class Rings {
  private int capacity;
  private volatile FrameRing[][] rings = {};

  Rings(int capacity) {
    this.capacity = capacity;
  }

  /**
   * Has rings for so many workers; the control only, before any of the new ones begins.
   *
   * @param capacity of those that come
   */
  void growTo(int workers, int capacity) {
    if (workers > rings.length) {
      rings = of(workers, capacity);
    }
  }

  /** Takes back those of workers that never began; the control only. */
  void shrinkTo(int workers) {
    if (workers < rings.length) {
      rings = of(workers, capacity);
    }
  }

  /**
   * Makes ready to have rings of another capacity: what takes place then cannot fail. Frames that
   * are in them stay. The control only.
   *
   * @return has them so
   */
  Runnable resized(int fresh) {
    if (fresh == capacity) {
      return () -> {};
    }
    List<Runnable> changes = new ArrayList<>();
    for (FrameRing[] from : rings) {
      for (FrameRing ring : from) {
        if (ring != null) {
          Frame[] places = FrameRing.room(fresh);
          changes.add(() -> ring.use(places));
        }
      }
    }
    return () -> {
      capacity = fresh;
      changes.forEach(Runnable::run);
    };
  }

  /** Java heap that rings between so many workers take, about. */
  static long bytes(int workers, int capacity) {
    return (long) workers * (workers - 1) * FrameRing.bytes(capacity);
  }

  private FrameRing[][] of(int workers, int capacity) {
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

  /** Those from one worker to all others; null to itself. */
  FrameRing[] from(int worker) {
    return rings[worker];
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
