package org.xdp4j.net.police;

/** A token bucket that any thread takes from: one limit for all workers. */
public final class Policer {
  private final TokenBucket bucket;

  /** Makes a full one; rate and burst as in {@link TokenBucket}. */
  public Policer(long rate, long burst) {
    bucket = new TokenBucket(rate, burst);
  }

  /** Takes tokens if all of them are there. */
  public synchronized boolean take(long tokens, long now) {
    return bucket.take(tokens, now);
  }
}
