package org.xdp4j.bench;

import java.nio.file.Path;
import java.util.List;

/**
 * A benchmark of ports on devices of its own, in network namespaces, beside the same loops in C:
 * needs root and a C compiler, and is skipped with a word where they are missing. Forwarders are
 * processes on one CPU, measured in turn.
 */
abstract class DeviceBenchmark implements Benchmark {
  private static final int ROUNDS = 5;

  /** What a benchmark needs: a place for its devices, and the peers. */
  record Bench(Path root, CPrograms programs, Report report) {
    int rounds() {
      return report.quick() ? 1 : ROUNDS;
    }

    /** Seconds that are measured, for command lines. */
    String length() {
      return report.quick() ? "0.5" : "2";
    }

    /** Seconds before these, in which our JVM compiles. */
    String warm() {
      return report.quick() ? "1" : "4";
    }
  }

  /** One side's measurement. */
  @FunctionalInterface
  interface Run {
    double once() throws Exception;
  }

  @Override
  public final void run(Path root, Report report) throws Exception {
    try (CPrograms programs = new CPrograms(root)) {
      String missing = missing(programs);
      if (missing == null) {
        measure(new Bench(root, programs, report));
      } else {
        report.out().printf("  %s: skipped: %s%n", name(), missing);
      }
    }
  }

  /** Why it cannot run here, or null. */
  String missing(CPrograms programs) {
    String missing = Namespaces.missing();
    return missing == null ? programs.missing() : missing;
  }

  /** Does it. */
  abstract void measure(Bench bench) throws Exception;

  /** Measures several sides in turn, round after round. */
  static List<Samples> inTurn(Bench bench, List<Run> sides) throws Exception {
    List<Samples> samples = sides.stream().map(side -> new Samples(bench.rounds())).toList();
    for (int round = 0; round < bench.rounds(); round++) {
      for (int i = 0; i < sides.size(); i++) {
        samples.get(i).add(sides.get(i).once());
      }
    }
    return samples;
  }
}
