package org.xdp4j.bench;

import java.util.List;

/**
 * Frames of 64 bytes in through one end of a veth pair while another core sends as many as it can:
 * received and counted by a program, or sent back as well, beside the same in C without a program.
 */
final class VethBenchmark extends DeviceBenchmark {
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
  void measure(Bench bench) throws Exception {
    try (Namespaces namespaces = new Namespaces()) {
      String space = namespaces.add("veth");
      namespaces.ip(space, "link add va type veth peer name vb");
      namespaces.ip(space, "link set va up");
      namespaces.ip(space, "link set vb up");
      PortRuns runs = PortRuns.overVeth(bench.root(), namespaces, bench.programs(), "vb");
      compare(bench, runs, space, "xdp", "receive", "AF_XDP copy mode");
      compare(bench, runs, space, "ring", "receive", "TPACKET_V3");
      compare(bench, runs, space, "pcap", "receive", "libpcap");
      compare(bench, runs, space, "xdp", "swap", "AF_XDP copy mode");
    }
  }

  private static void compare(
      Bench bench, PortRuns runs, String space, String kind, String mode, String peer)
      throws Exception {
    String workload =
        "veth " + (mode.equals("swap") ? "forward" : mode) + ", 64 bytes, 1 core, " + peer;
    String program =
        kind.equals("pcap")
            ? bench.programs().build("veth_loop", "-DPCAP", "-lpcap")
            : bench.programs().build("veth_loop");
    Run ours =
        () ->
            mpps(
                runs, space, runs.ours(space, kind, mode, "vb", "-", bench.warm(), bench.length()));
    Unit unit = Unit.MILLION_FRAMES_A_SECOND;
    if (program == null) {
      Samples alone = inTurn(bench, List.of(ours)).getFirst();
      String missing = "libpcap's headers; apt-get install libpcap-dev";
      bench.report().add(Row.withoutPeer("veth", workload, unit, alone, "C " + peer, missing));
      return;
    }
    List<String> c =
        Namespaces.exec(space, program, kind, mode, "vb", PortRuns.CPU, "0.5", bench.length());
    List<Samples> both = inTurn(bench, List.of(ours, () -> mpps(runs, space, c)));
    bench
        .report()
        .add(Row.of("veth", workload, unit, both.getFirst(), "C " + peer, both.getLast(), BAR));
  }

  private static double mpps(PortRuns runs, String space, List<String> forwarder) throws Exception {
    return runs.rate(forwarder, space, "va") / 1e6;
  }
}
