package org.xdp4j.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.engine.plan.WorkerPlan;

/**
 * What the JVM's garbage collector costs a forwarder that allocates nothing: the barriers at every
 * store of a reference, and pauses. The router hop of {@code forward} with one route, in turn, and
 * the latency of {@code latency} at half load. The launcher's choice follows from it.
 */
final class CollectorsBenchmark implements Benchmark {
  private static final int ROUNDS = 7;
  private static final int CPU = 0;
  private static final LatencyBenchmark.Way SPIN =
      new LatencyBenchmark.Way(WorkerPlan.Idle.SPIN, true);
  private static final String LAUNCHER = "as the launcher has it";
  private static final String OTHER = "-XX:-UseSerialGC";

  private static final Map<String, List<String>> COLLECTORS = new LinkedHashMap<>();

  static {
    COLLECTORS.put(LAUNCHER, List.of());
    COLLECTORS.put("Serial, UseCondCardMark", List.of("-XX:+UseCondCardMark"));
    COLLECTORS.put("Serial, AlwaysPreTouch, 256 MB", List.of("-XX:+AlwaysPreTouch", "-Xms256m"));
    COLLECTORS.put("Parallel", List.of(OTHER, "-XX:+UseParallelGC"));
    COLLECTORS.put("G1", List.of(OTHER, "-XX:+UseG1GC"));
    COLLECTORS.put("ZGC", List.of(OTHER, "-XX:+UseZGC"));
  }

  @Override
  public String name() {
    return "collectors";
  }

  @Override
  public String what() {
    return "a router hop by garbage collector: time a frame, and latency at half load";
  }

  @Override
  public void run(Path root, Report report) throws Exception {
    times(root, report);
    Path log = Files.createTempFile("xdp4j-bench", ".log");
    try {
      for (Map.Entry<String, List<String>> each : COLLECTORS.entrySet()) {
        for (String[] figures :
            LatencyBenchmark.run(root, each.getValue(), SPIN, log, report.quick())) {
          if (figures[0].equals("50")) {
            LatencyBenchmark.add(
                name(), "router hop, 50 % load, " + each.getKey(), figures, report);
          }
        }
      }
    } finally {
      Files.delete(log);
    }
  }

  private void times(Path root, Report report) throws Exception {
    List<Side> sides = new ArrayList<>();
    try {
      for (List<String> options : COLLECTORS.values()) {
        sides.add(
            new Side(
                Launcher.command(
                    root, options, ForwardSide.class, "ONE", "FULL", root.toString(), "" + CPU)));
      }
      long millis = report.quick() ? 100 : 300;
      for (Side side : sides) {
        side.measure(report.quick() ? 500 : 4000);
      }
      List<Samples> samples = sides.stream().map(side -> new Samples(ROUNDS)).toList();
      for (int round = 0; round < (report.quick() ? 1 : ROUNDS); round++) {
        for (int i = 0; i < sides.size(); i++) {
          samples.get(i).add(sides.get(i).measure(millis)[0]);
        }
      }
      int next = 0;
      for (String collector : COLLECTORS.keySet()) {
        Samples ours = samples.get(next++);
        String workload = "router hop, " + collector;
        report.add(
            collector.equals(LAUNCHER)
                ? Row.alone(name(), workload, Unit.NANOS_A_FRAME, ours)
                : Row.of(
                    name(),
                    workload,
                    Unit.NANOS_A_FRAME,
                    ours,
                    LAUNCHER,
                    samples.getFirst(),
                    Double.NaN));
      }
    } finally {
      sides.forEach(Side::close);
    }
  }
}
