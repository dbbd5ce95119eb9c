package org.xdp4j.bench;

import java.nio.file.Path;
import java.util.List;

/**
 * Frames of 64 bytes in through one end of a veth pair while another core sends as many as it can:
 * received and counted by a program, or sent back as well, beside the same in C without a program.
 */
final class VethBenchmark implements Benchmark {
  private static final int ROUNDS = 3;
  private static final double BAR = 0.9;

  @Override
  public String name() {
    return "veth";
  }

  @Override
  public String what() {
    return "veth receive and forward on one core, beside the same loops in C (root)";
  }

  @Override
  public void run(Path root, Report report) throws Exception {
    String missing = Namespaces.missing();
    try (CPrograms programs = new CPrograms(root)) {
      missing = missing == null ? programs.missing() : missing;
      if (missing != null) {
        report.out().println("  veth: skipped: " + missing);
        return;
      }
      try (Namespaces namespaces = new Namespaces()) {
        String space = namespaces.add("veth");
        namespaces.ip(space, "link add va type veth peer name vb");
        namespaces.ip(space, "link set va up");
        namespaces.ip(space, "link set vb up");
        PortRuns runs = new PortRuns(root, namespaces, programs);
        String c = programs.build("veth_loop");
        compare(runs, space, c, "xdp", "receive", "AF_XDP copy mode", report);
        compare(runs, space, c, "ring", "receive", "TPACKET_V3", report);
        compare(runs, space, c, "xdp", "swap", "AF_XDP copy mode", report);
      }
    }
  }

  private static void compare(
      PortRuns runs, String space, String c, String kind, String mode, String peer, Report report)
      throws Exception {
    String length = report.quick() ? "0.5" : "2";
    int rounds = report.quick() ? 1 : ROUNDS;
    Samples ours = new Samples(rounds);
    Samples theirs = new Samples(rounds);
    for (int round = 0; round < rounds; round++) {
      String warm = report.quick() ? "1" : "4";
      ours.add(mpps(runs, space, runs.ours(space, kind, mode, "vb", "-", warm, length)));
      theirs.add(
          mpps(
              runs,
              space,
              Namespaces.exec(space, c, kind, mode, "vb", PortRuns.CPU, "0.5", length)));
    }
    String workload =
        "veth " + (mode.equals("swap") ? "forward" : mode) + ", 64 bytes, 1 core, " + peer;
    report.add(
        Row.of("veth", workload, Unit.MILLION_FRAMES_A_SECOND, ours, "C " + peer, theirs, BAR));
  }

  private static double mpps(PortRuns runs, String space, List<String> forwarder) throws Exception {
    return runs.rate(forwarder, space, "va") / 1e6;
  }
}
