package org.xdp4j.engine.port;

/**
 * Says when the next frame is due. It starts with the first frame asked for. A frame that was taken
 * late does not make the next one late; but what could not be taken within {@value #PATIENCE} ns is
 * not made up for. Owned by one thread.
 */
final class Pacer {
  static final long PATIENCE = 100_000_000L;

  private final boolean limited;
  private final boolean byTimestamp;
  private final double scale;
  private boolean started;

  /** When the first frame was due, and its timestamp. */
  private long start;

  private long first;
  private long frames;

  Pacer(Pace pace) {
    limited = !(pace instanceof Pace.Unlimited);
    byTimestamp = pace instanceof Pace.Timestamps;
    scale =
        switch (pace) {
          case Pace.Unlimited unlimited -> 0;
          case Pace.Timestamps timestamps -> 1 / timestamps.speed();
          case Pace.Rate rate -> 1e9 / rate.framesPerSecond();
        };
  }

  /**
   * Whether the next frame is due.
   *
   * @param timestamp of that frame, in nanoseconds from any time on
   * @param now the time, in nanoseconds from any time on
   */
  boolean isDue(long timestamp, long now) {
    if (!limited) {
      return true;
    }
    if (!started) {
      started = true;
      start = now;
      first = timestamp;
    }
    long units = byTimestamp ? timestamp - first : frames;
    long late = now - start - (long) (units * scale);
    if (late > PATIENCE) {
      start += late - PATIENCE;
    }
    return late >= 0;
  }

  /** The frame that was due is sent. */
  void sent() {
    frames++;
  }
}
