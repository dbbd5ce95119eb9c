package org.xdp4j.bench;

/**
 * How often, and how long each time, the sides of a comparison are measured in turn.
 *
 * @param warm milliseconds before, for the JVM to have compiled what is measured
 */
record Rounds(int count, long warm, long millis) {
  /** So many rounds; of a quick run one. */
  static Rounds of(Report report, int count, long warm) {
    return report.quick() ? new Rounds(1, 500, 100) : new Rounds(count, warm, 400);
  }

  /** Room for a figure a round. */
  Samples samples() {
    return new Samples(count);
  }
}
