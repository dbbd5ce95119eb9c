package org.xdp4j.bench;

/** Figures as people read them: three digits, and no more. */
final class Numbers {
  private Numbers() {}

  /** Three digits that count. */
  static String short3(double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    double size = Math.abs(value);
    if (size >= 100) {
      return "%,.0f".formatted(value);
    }
    return (size >= 10 ? "%.1f" : "%.2f").formatted(value);
  }

  /** A median with the least and the most beside it. */
  static String spread(Samples samples) {
    return samples == null
        ? "-"
        : short3(samples.median())
            + " ("
            + short3(samples.least())
            + "-"
            + short3(samples.most())
            + ")";
  }

  /** Nanoseconds in the unit that suits them. */
  static String nanos(long nanos) {
    if (nanos < 1_000) {
      return nanos + " ns";
    }
    return nanos < 1_000_000 ? short3(nanos / 1e3) + " us" : short3(nanos / 1e6) + " ms";
  }
}
