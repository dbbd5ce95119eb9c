package org.xdp4j.engine.port;

/**
 * Whose turn it is to write: of stretches of records that several workers run at the same time, the
 * frames of each are written after those of all before it. For any thread.
 */
public final class Turns {
  /** No turn. */
  static final long NONE = -1;

  private static final long OVER = Long.MAX_VALUE;
  private static final int SPINS = 1000;

  private volatile long current;

  /** Ends a stretch: waits for its turn, writes, and hands the turn on. */
  void end(long turn, Runnable write) {
    int rounds = 0;
    while (current < turn) {
      if (++rounds < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
    write.run();
    if (current != OVER) {
      current = turn + 1;
    }
  }

  /** Ends all waiting: a worker failed, and its turn will never end. */
  public void abandon() {
    current = OVER;
  }
}
