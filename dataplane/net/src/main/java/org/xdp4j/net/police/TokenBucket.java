package org.xdp4j.net.police;

/**
 * Lets through so many tokens (packets, bytes) a second, and at once no more than a burst. Exact:
 * what it holds is counted in tokens times nanoseconds. Owned by one thread.
 */
public final class TokenBucket {
  private static final long SECOND = 1_000_000_000L;

  /** The largest rate and burst, so that their products stay within a long. */
  public static final long MAX = 4_000_000_000L;

  private final long rate;
  private final long full;
  private long level;
  private long last = Long.MIN_VALUE;

  /**
   * Makes a full bucket.
   *
   * @param rate tokens a second, 1 to {@value #MAX}
   * @param burst tokens it holds, 1 to {@value #MAX}
   */
  public TokenBucket(long rate, long burst) {
    if (rate < 1 || rate > MAX || burst < 1 || burst > MAX) {
      throw new IllegalArgumentException(
          "rate and burst are 1 to " + MAX + ", not " + rate + " and " + burst);
    }
    this.rate = rate;
    this.full = burst * SECOND;
    this.level = full;
  }

  /**
   * Takes tokens if all of them are there.
   *
   * @param now nanoseconds; earlier than before counts as no time passed
   */
  public boolean take(long tokens, long now) {
    fill(now);
    if (tokens > MAX || tokens * SECOND > level) {
      return false;
    }
    level -= tokens * SECOND;
    return true;
  }

  private void fill(long now) {
    if (last == Long.MIN_VALUE) {
      last = now;
      return;
    }
    long passed = now - last;
    if (passed <= 0) {
      return;
    }
    last = now;
    long missing = full - level;
    level = passed > missing / rate ? full : level + passed * rate;
  }
}
