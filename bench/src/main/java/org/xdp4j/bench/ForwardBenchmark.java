package org.xdp4j.bench;

import java.io.IOException;
import java.nio.file.Path;

/**
 * One router hop from ring to ring, the whole path: receive, header checks, longest prefix match,
 * neighbour, TTL and checksum, new link header, transmit; one worker. The frames go round in a
 * circle ({@link CirclePort}); writing the next destination into each is part of what is measured.
 * The kernel's frames are made by {@code BPF_PROG_TEST_RUN}; what that and its buffers cost is
 * measured beside, with frames for another host, and is not in its figure. Each in a process of its
 * own, by the CPU time of the thread that moves frames.
 *
 * <p>{@code -Dforward.only=REGEX} leaves out workloads whose name does not contain it.
 */
final class ForwardBenchmark implements Benchmark {
  private static final int ROUNDS = 5;
  private static final int CPU = 0;

  /**
   * A table and what goes through it.
   *
   * @param zipf whether few destinations get most frames; else all are as likely
   * @param imix whether frames are of a mix of sizes; else of 64 bytes
   * @param counted whether a program counts them first
   */
  record Workload(
      String name, boolean ipv6, int routes, boolean zipf, boolean imix, boolean counted) {}

  /** The workloads by name, so that another process can be told. */
  enum Case {
    ONE(false, 1, 1, false, false, false, "IPv4, 1 route, 64 B"),
    UNIFORM(false, 65_000, 500, false, false, false, "IPv4, 65 k routes, uniform, 64 B"),
    ZIPF(false, 65_000, 500, true, false, false, "IPv4, 65 k routes, Zipf, 64 B"),
    IMIX_UNIFORM(false, 1_000_000, 2_000, false, true, false, "IPv4, 1 M routes, uniform, IMIX"),
    IMIX_ZIPF(false, 1_000_000, 2_000, true, true, false, "IPv4, 1 M routes, Zipf, IMIX"),
    IPV6_UNIFORM(true, 230_000, 1_000, false, false, false, "IPv6, 230 k routes, uniform, 64 B"),
    IPV6_ZIPF(true, 230_000, 1_000, true, false, false, "IPv6, 230 k routes, Zipf, 64 B"),
    COUNTED(
        false,
        65_000,
        500,
        true,
        false,
        true,
        "IPv4, 65 k routes, Zipf, 64 B, behind protocol_counter");

    private final Workload full;
    private final Workload small;

    Case(
        boolean ipv6,
        int routes,
        int few,
        boolean zipf,
        boolean imix,
        boolean counted,
        String name) {
      full = new Workload(name, ipv6, routes, zipf, imix, counted);
      small = new Workload(name, ipv6, few, zipf, imix, counted);
    }

    Workload of(boolean isFull) {
      return isFull ? full : small;
    }

    /** Whether the kernel is asked for the same. */
    boolean hasPeer() {
      return this == ONE || this == UNIFORM;
    }
  }

  @Override
  public String name() {
    return "forward";
  }

  @Override
  public String what() {
    return "a router hop from ring to ring, beside the kernel's ip_forward";
  }

  @Override
  public void run(Path root, Report report) throws Exception {
    String only = ".*" + System.getProperty("forward.only", "") + ".*";
    for (Case one : Case.values()) {
      if (!one.of(true).name().matches(only)) {
        continue;
      }
      if (!one.hasPeer()) {
        measure(root, one, null, null, report);
      } else if (KernelHop.missing() != null) {
        measure(root, one, null, KernelHop.missing(), report);
      } else {
        try (KernelHop hop = new KernelHop(root, CPU);
            Side kernel = hop.byStack(one.of(!report.quick()).routes())) {
          measure(root, one, kernel, null, report);
        }
      }
    }
  }

  private static void measure(Path root, Case one, Side kernel, String missing, Report report)
      throws IOException {
    Rounds rounds = Rounds.of(report, ROUNDS, 4000);
    Samples ours = rounds.samples();
    Samples theirs = rounds.samples();
    Samples beside = rounds.samples();
    double bytes = 0;
    Percentiles latency = null;
    try (Side side = ourSide(root, one, report.quick())) {
      side.measure(rounds.warm());
      for (int round = 0; round < rounds.count(); round++) {
        double[] figures = side.measure(rounds.millis());
        ours.add(figures[0]);
        bytes = Math.max(bytes, figures[1]);
        latency = // of all rounds so far
            new Percentiles(
                (long) figures[2], (long) figures[3], (long) figures[4], (long) figures[5]);
        if (kernel != null) {
          double[] hop = kernel.measure(rounds.millis());
          theirs.add(hop[0] - hop[1]);
          beside.add(hop[1]);
        }
      }
    }
    String name = one.of(true).name();
    String peer = "kernel, ip_forward";
    Row row =
        kernel != null
            ? Row.of("forward", name, Unit.NANOS_A_FRAME, ours, peer, theirs, 0.1)
            : missing != null
                ? Row.withoutPeer("forward", name, Unit.NANOS_A_FRAME, ours, peer, missing)
                : Row.alone("forward", name, Unit.NANOS_A_FRAME, ours);
    report.add(row.allocating(bytes).withLatency(latency));
    if (kernel != null) {
      report
          .out()
          .printf(
              "    not in the kernel's figure: %s ns to address a frame and make a buffer for it%n",
              Numbers.spread(beside));
    }
  }

  private static Side ourSide(Path root, Case one, boolean quick) throws IOException {
    return ourSide(root, one, quick, Integer.toString(CPU));
  }

  /** Ours, a worker on each of these CPUs. */
  static Side ourSide(Path root, Case one, boolean quick, String cpus) throws IOException {
    String size = quick ? "SMALL" : "FULL";
    return new Side(
        Launcher.command(root, ForwardSide.class, one.name(), size, root.toString(), cpus));
  }
}
