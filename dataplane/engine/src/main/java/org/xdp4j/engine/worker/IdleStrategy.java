package org.xdp4j.engine.worker;

import java.util.concurrent.locks.LockSupport;

/**
 * What a work loop does when there was nothing to do: spins a while, then yields, then parks for
 * ever longer, up to {@value #MAX_PARK} ns. Owned by one thread.
 */
final class IdleStrategy {
  private static final int SPINS = 200;
  private static final int YIELDS = 50;
  private static final long MIN_PARK = 1_000;
  private static final long MAX_PARK = 200_000;

  private int idleRounds;
  private long park = MIN_PARK;

  /** To be called after every round of work with how much was done. */
  void idle(int workDone) {
    if (workDone > 0) {
      idleRounds = 0;
      park = MIN_PARK;
    } else if (idleRounds < SPINS) {
      idleRounds++;
      Thread.onSpinWait();
    } else if (idleRounds < SPINS + YIELDS) {
      idleRounds++;
      Thread.yield();
    } else {
      LockSupport.parkNanos(park);
      park = Math.min(2 * park, MAX_PARK);
    }
  }
}
