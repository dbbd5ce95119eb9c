package org.xdp4j.engine.port;

import java.time.Instant;
import org.xdp4j.engine.frame.Frame;

/**
 * The time frames come in, read once a batch: 30 ns, which is too much to spend on every frame.
 * Owned by one thread.
 */
public final class BatchClock {
  /** Nanoseconds after which the wall clock is asked again: it may have been set. */
  private static final long RESYNC = 1_000_000_000L;

  private long nanos;
  private long offset;
  private long synced = Long.MIN_VALUE;

  /** Makes one that is to be read before it is used. */
  public BatchClock() {}

  /** Reads the clock. */
  public void read() {
    nanos = System.nanoTime();
    if (synced == Long.MIN_VALUE || nanos - synced > RESYNC) {
      Instant now = Instant.now();
      offset = now.getEpochSecond() * 1_000_000_000L + now.getNano() - nanos;
      synced = nanos;
    }
  }

  /** What it was when it was read, as {@link System#nanoTime}. */
  public long nanos() {
    return nanos;
  }

  /** Writes that time into a frame. */
  public void stamp(Frame frame) {
    frame.nanos = nanos;
    frame.timestamp = nanos + offset;
  }
}
