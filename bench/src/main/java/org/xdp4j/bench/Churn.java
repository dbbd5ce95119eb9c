package org.xdp4j.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Changes entries of a side's map while it runs, so many a second, on a thread of its own. */
final class Churn implements AutoCloseable {
  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final ProgramSide side;
  private final int perSecond;
  private final Thread thread = new Thread(this::changes, "churn");
  private volatile boolean ended;

  /** What ended the changes too early, or null. */
  private volatile RuntimeException fault;

  /**
   * @param perSecond 0 for none
   */
  Churn(ProgramSide side, int perSecond) {
    this.side = side;
    this.perSecond = perSecond;
    thread.setDaemon(true);
  }

  /** Begins. */
  void start() {
    if (perSecond > 0) {
      thread.start();
    }
  }

  private void changes() {
    try {
      changeUntilEnded();
    } catch (RuntimeException e) {
      fault = e;
    }
  }

  private void changeUntilEnded() {
    long begin = System.nanoTime();
    for (long done = 0; !ended; ) {
      long due = (System.nanoTime() - begin) * perSecond / TimeUnit.SECONDS.toNanos(1);
      while (done < due && !ended) {
        side.change((int) done++);
      }
      LockSupport.parkNanos(STEP_NANOS);
    }
  }

  @Override
  public void close() {
    ended = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (fault != null) {
      throw new IllegalStateException("the map was not changed all the time", fault);
    }
  }
}
