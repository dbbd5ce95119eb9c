package org.xdp4j.bench;

import java.nio.file.Path;
import java.util.List;

/**
 * Frames a second with two workers beside one: the router hop of {@code forward}, each worker with
 * queues and frames of its own and the same routes, programs and per-CPU maps. There is no device,
 * so neither receiving nor a sender is the limit: what is left is what workers share (counters,
 * routes, caches, memory). A second is one of each worker's CPU time, for others use the machine;
 * what came by the clock is said beside.
 */
final class ScalingBenchmark implements Benchmark {
  private static final int ROUNDS = 7;
  private static final double BAR = 1.8;
  private static final List<ForwardBenchmark.Case> CASES =
      List.of(
          ForwardBenchmark.Case.ONE,
          ForwardBenchmark.Case.UNIFORM,
          ForwardBenchmark.Case.COUNTED,
          ForwardBenchmark.Case.IMIX_UNIFORM);

  @Override
  public String name() {
    return "scaling";
  }

  @Override
  public String what() {
    return "a router hop by two workers beside one";
  }

  @Override
  public void run(Path root, Report report) throws Exception {
    if (Runtime.getRuntime().availableProcessors() < 2) {
      report.out().println("  scaling: skipped: two workers need a CPU each");
      return;
    }
    for (ForwardBenchmark.Case one : report.quick() ? CASES.subList(0, 1) : CASES) {
      measure(root, one, report);
    }
  }

  private static void measure(Path root, ForwardBenchmark.Case one, Report report)
      throws Exception {
    boolean quick = report.quick();
    Rounds rounds = Rounds.of(report, ROUNDS, 3000);
    Samples alone = rounds.samples();
    Samples both = rounds.samples();
    Samples clock = rounds.samples();
    try (Side first = ForwardBenchmark.ourSide(root, one, quick, "0");
        Side second = ForwardBenchmark.ourSide(root, one, quick, "0,1")) {
      first.measure(rounds.warm());
      second.measure(rounds.warm());
      for (int round = 0; round < rounds.count(); round++) {
        double[] single = first.measure(rounds.millis());
        double[] two = second.measure(rounds.millis());
        alone.add(1e3 / single[0]);
        both.add(2e3 / two[0]);
        clock.add(two[6] / single[6]);
      }
    }
    String workload = one.of(!quick).name() + ", 2 workers";
    Unit unit = Unit.MILLION_FRAMES_A_SECOND;
    report.add(Row.of("scaling", workload, unit, both, "1 worker", alone, BAR));
    report.out().printf("    ratio by the clock: %s%n", Numbers.spread(clock));
  }
}
