package org.xdp4j.bpf.map;

import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * Lets one thread wait for what others do, at next to no cost for them while nobody waits. A signal
 * may overtake what it is about, so the wait looks by itself, too, each millisecond.
 */
public final class Wakeup {
  private static final long SLICE = 1_000_000;

  private volatile Thread waiting;

  /** Something has been done. Any thread. */
  public void signal() {
    Thread thread = waiting;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Asks {@code attempt} until it gives another number than 0.
   *
   * @param nanos how long to wait at the most; 0 for not at all
   * @return what it gave; 0 when the time was over
   */
  public int await(IntSupplier attempt, long nanos) throws InterruptedException {
    int got = attempt.getAsInt();
    if (got != 0 || nanos <= 0) {
      return got;
    }
    long begin = System.nanoTime();
    waiting = Thread.currentThread();
    try {
      while ((got = attempt.getAsInt()) == 0) {
        long left = nanos - (System.nanoTime() - begin);
        if (left <= 0) {
          break;
        }
        LockSupport.parkNanos(this, Math.min(left, SLICE));
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
      return got;
    } finally {
      waiting = null;
    }
  }
}
