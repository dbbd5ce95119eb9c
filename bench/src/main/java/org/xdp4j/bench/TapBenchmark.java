package org.xdp4j.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Frames of 64 bytes from one tap to another, as many as one core moves while another sends more:
 * CPU time a frame, ours with a program that counts each, beside the same loop in C and DPDK's taps
 * without one.
 */
final class TapBenchmark extends DeviceBenchmark {
  private static final String WORKLOAD = "tap to tap, 64 bytes, 1 core, ";

  @Override
  public String name() {
    return "tap";
  }

  @Override
  public String what() {
    return "tap to tap on one core, beside the same loop in C and DPDK (root)";
  }

  @Override
  void measure(Bench bench) throws Exception {
    try (Namespaces namespaces = new Namespaces()) {
      String space = namespaces.add("tap");
      for (String tap : List.of("t0", "t1")) {
        namespaces.ip(space, "tuntap add " + tap + " mode tap");
        namespaces.ip(space, "link set " + tap + " up");
      }
      PortRuns runs = new PortRuns(bench.root(), namespaces, bench.programs());
      List<Run> sides = new ArrayList<>();
      sides.add(() -> ours(bench, runs, space, "tap"));
      sides.add(() -> c(bench, runs, space, "uring"));
      sides.add(() -> ours(bench, runs, space, "tap-each"));
      sides.add(() -> c(bench, runs, space, "read"));
      String missing = Testpmd.missing();
      if (missing == null) {
        sides.add(() -> dpdk(bench, runs, namespaces));
      }
      List<Samples> samples = inTurn(bench, sides);
      Samples uring = samples.get(0);
      row(bench, "io_uring", uring, "C io_uring", samples.get(1), 1.0);
      row(bench, "io_uring", uring, "C read()+write()", samples.get(3), 1.1);
      row(bench, "read and write", samples.get(2), "C read()+write()", samples.get(3), 1.1);
      if (missing == null) {
        row(bench, "io_uring", uring, "DPDK net_tap, io", samples.get(4), 1.0);
      } else {
        bench
            .report()
            .add(
                Row.withoutPeer(
                    "tap", WORKLOAD + "io_uring", Unit.NANOS_A_FRAME, uring, "DPDK", missing));
      }
    }
  }

  private static void row(
      Bench bench, String how, Samples ours, String peer, Samples theirs, double bar) {
    bench.report().add(Row.of("tap", WORKLOAD + how, Unit.NANOS_A_FRAME, ours, peer, theirs, bar));
  }

  private double ours(Bench bench, PortRuns runs, String space, String kind) throws Exception {
    return runs.nanos(
        runs.ours(space, kind, "forward", "t0", "t1", bench.warm(), bench.length()), space, "t0");
  }

  private double c(Bench bench, PortRuns runs, String space, String how) throws Exception {
    String program = bench.programs().build("tap_forward");
    return runs.nanos(
        Namespaces.exec(
            space, program, how, "plain", "t0", "t1", PortRuns.CPU, "0.5", bench.length()),
        space,
        "t0");
  }

  /** In a namespace of its own, for it makes its taps itself. */
  private double dpdk(Bench bench, PortRuns runs, Namespaces namespaces) throws Exception {
    String space = namespaces.add("dpdk" + System.nanoTime());
    try (Testpmd testpmd =
        new Testpmd(
            Namespaces.exec(space),
            Integer.parseInt(PortRuns.CPU),
            "io",
            "net_tap0,iface=d0",
            "net_tap1,iface=d1")) {
      long millis = (long) (1000 * Double.parseDouble(bench.length()));
      return runs.sending(space, "d0", () -> testpmd.nanos(0, millis));
    }
  }
}
