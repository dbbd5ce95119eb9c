package org.xdp4j.bench;

import java.nio.file.Path;
import java.util.List;

/**
 * Frames of 64 bytes from one tap to another, as many as one core moves while another sends more:
 * CPU time a frame, ours with a program that counts each, beside the same loop in C without one.
 */
final class TapBenchmark implements Benchmark {
  private static final int ROUNDS = 3;

  @Override
  public String name() {
    return "tap";
  }

  @Override
  public String what() {
    return "tap to tap on one core, beside the same loop in C (root)";
  }

  @Override
  public void run(Path root, Report report) throws Exception {
    String missing = Namespaces.missing();
    try (CPrograms programs = new CPrograms(root)) {
      missing = missing == null ? programs.missing() : missing;
      if (missing != null) {
        report.out().println("  tap: skipped: " + missing);
        return;
      }
      try (Namespaces namespaces = new Namespaces()) {
        measure(root, namespaces, programs, report);
      }
    }
  }

  private static void measure(Path root, Namespaces namespaces, CPrograms programs, Report report)
      throws Exception {
    String space = namespaces.add("tap");
    for (String tap : List.of("t0", "t1")) {
      namespaces.ip(space, "tuntap add " + tap + " mode tap");
      namespaces.ip(space, "link set " + tap + " up");
    }
    PortRuns runs = new PortRuns(root, namespaces, programs);
    String c = programs.build("tap_forward");
    String length = report.quick() ? "0.5" : "2";
    int rounds = report.quick() ? 1 : ROUNDS;
    Samples read = new Samples(rounds);
    Samples uring = new Samples(rounds);
    Samples ours = new Samples(rounds);
    Samples each = new Samples(rounds);
    for (int round = 0; round < rounds; round++) {
      String warm = report.quick() ? "1" : "4";
      read.add(
          nanos(
              runs,
              space,
              Namespaces.exec(space, c, "read", "plain", "t0", "t1", PortRuns.CPU, "0.5", length)));
      ours.add(nanos(runs, space, runs.ours(space, "tap", "forward", "t0", "t1", warm, length)));
      uring.add(
          nanos(
              runs,
              space,
              Namespaces.exec(
                  space, c, "uring", "plain", "t0", "t1", PortRuns.CPU, "0.5", length)));
      each.add(
          nanos(runs, space, runs.ours(space, "tap-each", "forward", "t0", "t1", warm, length)));
    }
    String workload = "tap to tap, 64 bytes, 1 core, ";
    report.add(
        Row.of(
            "tap", workload + "io_uring", Unit.NANOS_A_FRAME, ours, "C read()+write()", read, 1.1));
    report.add(
        Row.of("tap", workload + "io_uring", Unit.NANOS_A_FRAME, ours, "C io_uring", uring, 1.0));
    report.add(
        Row.of(
            "tap",
            workload + "read and write",
            Unit.NANOS_A_FRAME,
            each,
            "C read()+write()",
            read,
            1.1));
  }

  private static double nanos(PortRuns runs, String space, List<String> forwarder)
      throws Exception {
    return runs.nanos(forwarder, space, "t0");
  }
}
