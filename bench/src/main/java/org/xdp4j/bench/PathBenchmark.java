package org.xdp4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The whole path of a frame through a forwarder without a device at either end: receive, program,
 * redirect, transmit; beside DPDK's testpmd, which does as much in C. Both have two ports and one
 * core, the same one in turn, and are measured by the CPU time of the thread that moves frames.
 */
final class PathBenchmark implements Benchmark {
  private static final int CPU = 0;
  private static final int ROUNDS = 7;

  /**
   * @param kind of ports, ours as {@link PathPort} has them
   * @param program of bench/programs/path.bpf.c
   * @param mode of testpmd
   * @param parse whether testpmd runs a program as well
   */
  private record Case(String name, String kind, String program, String mode, boolean parse) {}

  private static final List<Case> CASES =
      List.of(
          new Case("null in, program, null out: untouched", "null", "io", "io", false),
          new Case("null in, program, null out: MACs written", "null", "mac", "mac", false),
          new Case("null in, program, null out: MACs swapped", "null", "macswap", "macswap", false),
          new Case("ring to ring, program: MACs written", "ring", "mac", "mac", false),
          new Case("ring to ring, program: MACs swapped", "ring", "macswap", "macswap", false),
          new Case(
              "ring to ring, program: parsed, MACs swapped",
              "ring",
              "parse_macswap",
              "macswap",
              true));

  @Override
  public String name() {
    return "path";
  }

  @Override
  public String what() {
    return "the path of a frame without devices, beside DPDK's";
  }

  @Override
  public void run(Path root, Report report) throws Exception {
    for (Case one : report.quick() ? List.of(CASES.getFirst(), CASES.getLast()) : CASES) {
      measure(root, one, report);
    }
    for (int routes : report.quick() ? new int[] {4096} : new int[] {4096, 65_000}) {
      router(root, routes, report);
    }
  }

  /** A hop of a router that is a program, from ring to ring, beside the same in the kernel. */
  private static void router(Path root, int routes, Report report) throws Exception {
    String workload = "router hop by a program, %,d routes".formatted(routes);
    String peer = "kernel XDP, live frames";
    String missing = KernelHop.missing();
    Rounds rounds = Rounds.of(report, ROUNDS, 4000);
    Samples ours = rounds.samples();
    Samples theirs = rounds.samples();
    Samples bytes = rounds.samples();
    Case one = new Case(workload, "ring", "router:" + routes, "", false);
    try (KernelHop hop = missing == null ? new KernelHop(root, CPU) : null;
        Side kernel = hop == null ? null : hop.byProgram(routes);
        Side side = ourSide(root, one)) {
      side.measure(rounds.warm());
      for (int round = 0; round < rounds.count(); round++) {
        double[] figures = side.measure(rounds.millis());
        ours.add(figures[0]);
        bytes.add(figures[1]);
        if (kernel != null) {
          theirs.add(kernel.measure(rounds.millis())[0]);
        }
      }
    }
    Row row =
        missing == null
            ? Row.of("path", workload, Unit.NANOS_A_FRAME, ours, peer, theirs, 0.25)
            : Row.withoutPeer("path", workload, Unit.NANOS_A_FRAME, ours, peer, missing);
    report.add(row.allocating(bytes.median()));
  }

  private static void measure(Path root, Case one, Report report) throws Exception {
    String peer = "DPDK net_" + one.kind + ", " + one.mode + (one.parse ? " + rte_bpf" : "");
    Rounds rounds = Rounds.of(report, ROUNDS, 4000);
    Samples ours = rounds.samples();
    Samples theirs = rounds.samples();
    Samples bytes = rounds.samples();
    String missing = Testpmd.missing();
    try (Side side = ourSide(root, one);
        Testpmd testpmd = missing == null ? theirSide(root, one) : null) {
      side.measure(rounds.warm());
      for (int round = 0; round < rounds.count(); round++) {
        double[] figures = side.measure(rounds.millis());
        ours.add(figures[0]);
        bytes.add(figures[1]);
        if (testpmd != null) {
          theirs.add(testpmd.nanos(one.kind.equals("ring") ? PathPort.BURST : 0, rounds.millis()));
        }
      }
    }
    Row row =
        missing == null
            ? Row.of("path", one.name, Unit.NANOS_A_FRAME, ours, peer, theirs, bar(one))
            : Row.withoutPeer("path", one.name, Unit.NANOS_A_FRAME, ours, peer, missing);
    report.add(row.allocating(bytes.median()));
  }

  private static double bar(Case one) {
    return one.kind.equals("null") ? 1.0 : 1.5;
  }

  private static Side ourSide(Path root, Case one) throws IOException {
    return new Side(
        Launcher.command(
            root, PathSide.class, root.toString(), one.kind, one.program, Integer.toString(CPU)));
  }

  private static Testpmd theirSide(Path root, Case one) throws IOException {
    String options = one.kind.equals("null") ? ",size=64" : "";
    Testpmd testpmd =
        new Testpmd(
            List.of(),
            CPU,
            one.mode,
            "net_" + one.kind + "0" + options,
            "net_" + one.kind + "1" + options);
    if (one.parse) {
      Path object = root.resolve("bench/programs/dpdk_parse.bpf.o");
      testpmd.load(0, object);
      testpmd.load(1, object);
    }
    return testpmd;
  }
}
