package org.xdp4j.engine.port;

/** How often what went wrong, in one direction of a {@link FaultPort}. */
public record FaultCounts(
    long lost, long duplicated, long corrupted, long reordered, long delayed) {
  /** The sum of two. */
  FaultCounts plus(FaultCounts other) {
    return new FaultCounts(
        lost + other.lost,
        duplicated + other.duplicated,
        corrupted + other.corrupted,
        reordered + other.reordered,
        delayed + other.delayed);
  }
}
