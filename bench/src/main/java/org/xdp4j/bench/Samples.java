package org.xdp4j.bench;

import java.util.Arrays;

/** Figures of one thing, several rounds. */
final class Samples {
  private double[] values;
  private int count;

  Samples(int rounds) {
    values = new double[rounds];
  }

  /** These figures, a round each. */
  static Samples of(double... rounds) {
    Samples samples = new Samples(rounds.length);
    for (double round : rounds) {
      samples.add(round);
    }
    return samples;
  }

  void add(double value) {
    if (count == values.length) {
      values = Arrays.copyOf(values, Math.max(8, 2 * count));
    }
    values[count++] = value;
  }

  int count() {
    return count;
  }

  double median() {
    double[] sorted = sorted();
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
  }

  double least() {
    return sorted()[0];
  }

  double most() {
    return sorted()[count - 1];
  }

  /** Each round's ratio to the same round of another: a machine that drifts drifts for both. */
  Samples over(Samples other) {
    Samples ratios = new Samples(count);
    for (int i = 0; i < Math.min(count, other.count); i++) {
      ratios.add(values[i] / other.values[i]);
    }
    return ratios;
  }

  private double[] sorted() {
    double[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return sorted;
  }
}
