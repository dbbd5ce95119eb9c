package org.xdp4j.bench;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One TCP stream between two hosts (namespaces) whose taps are joined by one core: plain, and with
 * checksums and segmentation left to the taps. Ours with a program that counts each frame, beside
 * the same loop in C without one; iperf3 at both ends.
 */
final class TcpBenchmark extends DeviceBenchmark {
  private static final double BAR = 0.9;
  private static final Pattern RATE =
      Pattern.compile("\"sum_received\":.*?\"bits_per_second\":\\s*([0-9.e+]+)", Pattern.DOTALL);

  @Override
  public String name() {
    return "tcp";
  }

  @Override
  public String what() {
    return "one TCP stream from tap to tap, beside the same loop in C (root, iperf3)";
  }

  @Override
  String missing(CPrograms programs) {
    String missing = super.missing(programs);
    return missing != null || Processes.installed("iperf3")
        ? missing
        : "iperf3 is not installed (package iperf3)";
  }

  @Override
  void measure(Bench bench) throws Exception {
    compare(bench, "plain", "tap");
    compare(bench, "vnet", "tap-offload");
  }

  private static void compare(Bench bench, String mode, String kind) throws Exception {
    String c = bench.programs().build("tap_forward");
    List<Samples> both =
        inTurn(bench, List.of(() -> stream(bench, kind, null), () -> stream(bench, mode, c)));
    boolean offload = mode.equals("vnet");
    bench
        .report()
        .add(
            Row.of(
                "tcp",
                "one TCP stream, tap to tap, " + (offload ? "IFF_VNET_HDR with TSO" : "plain"),
                Unit.GIGABITS_A_SECOND,
                both.getFirst(),
                offload ? "C, the same" : "C read()+write()",
                both.getLast(),
                BAR));
  }

  /** Gigabits a second through a forwarder in C, or ours when there is none. */
  private static double stream(Bench bench, String kind, String c) throws Exception {
    boolean quick = bench.report().quick();
    try (Namespaces namespaces = new Namespaces()) {
      String middle = namespaces.add("m");
      String a = namespaces.add("a");
      String b = namespaces.add("b");
      PortRuns runs = new PortRuns(bench.root(), namespaces, bench.programs());
      runs.start(
          c == null
              ? runs.ours(middle, kind, "forward", "t0", "t1", "0", "60")
              : Namespaces.exec(middle, c, "read", kind, "t0", "t1", PortRuns.CPU, "0", "60"));
      join(namespaces, middle, a, "t0", "10.9.0.1/24");
      join(namespaces, middle, b, "t1", "10.9.0.2/24");
      namespaces.start(Namespaces.exec(b, "iperf3", "-s", "-1"));
      Thread.sleep(300);
      String omitted = quick ? "1" : "3";
      String json =
          Namespaces.run(
              Namespaces.exec(
                  a, "iperf3", "-c", "10.9.0.2", "-J", "-O", omitted, "-t", quick ? "1" : "3"));
      Matcher matcher = RATE.matcher(json);
      if (!matcher.find()) {
        throw new IOException("iperf3 gives no rate: " + json);
      }
      return Double.parseDouble(matcher.group(1)) / 1e9;
    }
  }

  private static void join(
      Namespaces namespaces, String middle, String host, String tap, String address)
      throws Exception {
    namespaces.ip(middle, "link set " + tap + " netns " + host);
    namespaces.ip(host, "addr add " + address + " dev " + tap);
    namespaces.ip(host, "link set " + tap + " up");
  }
}
