package org.xdp4j.bench;

import org.HdrHistogram.AbstractHistogram;

/** Latency in nanoseconds, from when a frame should have been sent. */
record Percentiles(long p50, long p99, long p9999, long most) {
  static Percentiles of(AbstractHistogram histogram) {
    return new Percentiles(
        histogram.getValueAtPercentile(50),
        histogram.getValueAtPercentile(99),
        histogram.getValueAtPercentile(99.99),
        histogram.getMaxValue());
  }

  @Override
  public String toString() {
    return "%s/%s/%s".formatted(Numbers.nanos(p50), Numbers.nanos(p99), Numbers.nanos(p9999));
  }
}
