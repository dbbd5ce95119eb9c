package org.xdp4j.bench;

import java.util.Arrays;

/** Times of one thing, several rounds. */
final class Samples {
  private final double[] values;
  private int count;

  Samples(int rounds) {
    values = new double[rounds];
  }

  void add(double value) {
    values[count++] = value;
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

  private double[] sorted() {
    double[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return sorted;
  }
}
