package org.xdp4j.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.engine.plan.WorkerPlan;

/**
 * How long a frame takes through a router hop from ring to ring, at 10, 50 and 90 % of the highest
 * rate at which none is lost, by what the worker does when it is idle; measured from when each
 * frame should have been sent. Worker and sender have a CPU each and a ring each way; or there is
 * no sender, and the worker makes each frame itself when it is due: what the rings cost is the
 * difference.
 */
final class LatencyBenchmark implements Benchmark {
  private static final List<WorkerPlan.Idle> IDLES =
      List.of(WorkerPlan.Idle.SPIN, WorkerPlan.Idle.YIELD, WorkerPlan.Idle.PARK);

  @Override
  public String name() {
    return "latency";
  }

  @Override
  public String what() {
    return "latency of a router hop at 10, 50 and 90 % load, and pauses above 1 ms by cause";
  }

  @Override
  public void run(Path root, Report report) throws Exception {
    if (Runtime.getRuntime().availableProcessors() < 2) {
      report.out().println("  latency: skipped: worker and sender need a CPU each");
      return;
    }
    Path log = Files.createTempFile("xdp4j-bench", ".log");
    try {
      measure(root, new Way(WorkerPlan.Idle.SPIN, false), log, report);
      for (WorkerPlan.Idle idle : IDLES) {
        measure(root, new Way(idle, true), log, report);
      }
    } finally {
      Files.delete(log);
    }
  }

  /**
   * How frames go.
   *
   * @param idle what the worker does between them
   * @param rings whether another core sends them
   */
  record Way(WorkerPlan.Idle idle, boolean rings) {
    private String text() {
      return (rings ? "rings over two cores, " : "one core, ") + idle.name().toLowerCase();
    }
  }

  private static void measure(Path root, Way way, Path log, Report report)
      throws IOException, InterruptedException {
    for (String[] figures : run(root, List.of(), way, log, report.quick())) {
      String workload = "router hop, %s %% load, %s".formatted(figures[0], way.text());
      add("latency", workload, figures, report);
    }
  }

  /** Has a process of {@link LatencySide} measure, and returns the figures of each load. */
  static List<String[]> run(Path root, List<String> options, Way way, Path log, boolean quick)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(options);
    all.add(Pauses.option(log));
    List<String> command =
        Precedence.ownGroup(
            Launcher.command(
                root,
                all,
                LatencySide.class,
                way.idle().name(),
                quick ? "200" : "3000",
                log.toString(),
                way.rings() ? "rings" : "own"));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
    return said.strip().lines().map(line -> line.split(" ", 7)).toList();
  }

  /** Reports one load's figures. */
  static void add(String benchmark, String workload, String[] figures, Report report) {
    long most = Long.parseLong(figures[5]);
    Percentiles latency =
        new Percentiles(
            Long.parseLong(figures[2]),
            Long.parseLong(figures[3]),
            Long.parseLong(figures[4]),
            most);
    Samples rate = Samples.of(Double.parseDouble(figures[1]) / 1e6);
    report.add(
        Row.alone(benchmark, workload, Unit.MILLION_FRAMES_A_SECOND, rate).withLatency(latency));
    report.out().printf("    most %s; pauses above 1 ms %s%n", Numbers.nanos(most), figures[6]);
  }
}
