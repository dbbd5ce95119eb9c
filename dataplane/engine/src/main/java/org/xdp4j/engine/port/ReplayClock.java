package org.xdp4j.engine.port;

/**
 * Turns captures' timestamps into a clock that never goes back. A frame older than the one before
 * it has that one's time; a capture that starts in the past of what was replayed before it (another
 * pass, another file) is moved to follow on.
 */
final class ReplayClock {
  /** Nanoseconds between the last frame of a capture and the first of one that is moved. */
  static final long GAP = 1000;

  private long now = Long.MIN_VALUE;
  private long shift;
  private boolean starting = true;

  /** The next frame is the first of a capture. */
  void startCapture() {
    starting = true;
  }

  /** The time of a frame with this timestamp. */
  long at(long timestamp) {
    if (starting) {
      starting = false;
      shift = now != Long.MIN_VALUE && timestamp <= now ? now + GAP - timestamp : 0;
    }
    now = Math.max(now, timestamp + shift);
    return now;
  }

  /** The times of {@code size} frames, one after the other. */
  void at(long[] timestamps, int start, long[] times, int size) {
    if (size == 0) {
      return;
    }
    long last = at(timestamps[start]);
    long moved = shift;
    times[0] = last;
    for (int i = 1; i < size; i++) {
      last = Math.max(last, timestamps[start + i] + moved);
      times[i] = last;
    }
    now = last;
  }
}
