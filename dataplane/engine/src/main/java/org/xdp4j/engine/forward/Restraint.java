package org.xdp4j.engine.forward;

import org.xdp4j.engine.frame.FrameRing;

/**
 * Lets a worker leave frames where they come from for a moment while a ring from it to another
 * worker is more than half full, instead of filling it: a worker that does not get its processor
 * for some milliseconds costs no frame then, since the queue of a device is there to wait in.
 *
 * <p>Not for long, and not often: frames for all others wait as well. A worker that cannot keep up
 * would hold back the rest for good, so there is a credit of time, which waiting uses up and which
 * comes back ten times as slowly. Without credit a full ring is a drop. Owned by one worker.
 */
final class Restraint {
  /** Nanoseconds to wait at once: some turns of other threads on a processor. */
  static final long MOST = 50_000_000L;

  /** Of all time, what may be waited for good. */
  static final int SHARE = 10;

  private long credit = MOST;
  private long before;
  private boolean holding;

  /**
   * Whether nothing is to be received in this round.
   *
   * @param rings from this worker to others; null to itself
   * @param now by {@link System#nanoTime}
   */
  boolean holds(FrameRing[] rings, long now) {
    long passed = now - before;
    before = now;
    credit =
        holding ? credit - passed : Math.min(MOST, credit + Math.clamp(passed / SHARE, 0, MOST));
    holding = credit > 0 && anyIsCrowded(rings);
    return holding;
  }

  /** What was found in this round. */
  boolean isHolding() {
    return holding;
  }

  private static boolean anyIsCrowded(FrameRing[] rings) {
    for (FrameRing ring : rings) {
      if (ring != null && ring.isCrowded()) {
        return true;
      }
    }
    return false;
  }
}
