package org.xdp4j.bpf;

import java.time.Duration;

/**
 * What {@link XdpProgram#warm} came to.
 *
 * @param frames how many were run on trial
 * @param firstNanos nanoseconds a frame in the first 20 ms
 * @param bestNanos in the best 20 ms
 * @param took all of it
 * @param steady whether it got no faster in the end; else time ran out
 */
public record WarmupResult(
    long frames, double firstNanos, double bestNanos, Duration took, boolean steady) {
  /** Nothing to warm up, or nothing to do it with. */
  static final WarmupResult NONE = new WarmupResult(0, 0, 0, Duration.ZERO, true);
}
