package org.xdp4j.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.xdp4j.engine.forward.Forwarder;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.NeighborPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.plan.WorkerPlan;
import org.xdp4j.engine.worker.Affinity;
import org.xdp4j.net.wire.IpAddress;

/**
 * A router hop at loads: finds the highest rate at which nothing is lost, and forwards at shares of
 * it, in a process of its own. Prints a line each: share, frames a second, p50, p99, p99.99, most,
 * pauses by cause, and whether threads had to do without precedence.
 *
 * <p>{@code LatencySide IDLE MILLIS LOG rings|own}: with a sender on the other CPU and a ring each
 * way, or with frames that the worker makes itself
 */
public final class LatencySide {
  private static final int WORKER_CPU = 0;
  private static final int SENDER_CPU = 1;
  private static final double LEAST = 50_000;
  private static final double MOST = 40_000_000;
  private static final int TRIES = 8;
  private static final double STEP = 0.85;
  private static final int[] SHARES = {10, 50, 90};

  private LatencySide() {}

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    byte[] frame = BenchFrame.bytes();
    ByteBuffer.wrap(frame).putLong(0, CirclePort.ROUTER << 16 | 0x0200);
    boolean rings = args[3].equals("rings");
    TimedLoad ports = rings ? new TimedPorts(frame) : new OwnPorts(frame);
    long millis = Long.parseLong(args[1]);
    try (Forwarder forwarder = Forwarder.start(plan(ports, WorkerPlan.Idle.valueOf(args[0])))) {
      Affinity.ofSystem().ifPresent(system -> system.bind(SENDER_CPU));
      long worker = thread("forward-0");
      List<Long> needed = rings ? List.of(worker, own()) : List.of(worker);
      Pauses pauses = new Pauses(Path.of(args[2]), needed);
      ports.send(1_000_000, 2 * millis, (from, to) -> {});
      boolean preferred = preferred(needed); // now: until here the compiler was to have its turns
      double highest = holding(ports, highest(ports, Math.max(100, millis / 6)), millis);
      for (int share : SHARES) {
        double rate = highest * share / 100;
        pauses.begin();
        TimedLoad.Result result = ports.send(rate, millis, pauses);
        print(share, rate, result, pauses.text() + (preferred ? "" : "; without precedence"));
      }
      forwarder.books().requireBalance();
    }
  }

  /** Whether each of these threads got precedence over what else wants its CPU. */
  private static boolean preferred(List<Long> threads) {
    boolean all = true;
    for (long thread : threads) {
      all &= Precedence.give(thread);
    }
    return all;
  }

  private static void print(int share, double rate, TimedLoad.Result result, String pauses) {
    Histogram latency = result.latency();
    System.out.printf(
        "%d %.0f %d %d %d %d %s%s%n",
        share,
        rate,
        latency.getValueAtPercentile(50),
        latency.getValueAtPercentile(99),
        latency.getValueAtPercentile(99.99),
        latency.getMaxValue(),
        pauses,
        result.lost() == 0 ? "" : "; lost " + result.lost());
  }

  /** By bisection; a rate counts when one of two runs loses nothing, for others use the machine. */
  private static double highest(TimedLoad ports, long millis) {
    double good = LEAST;
    double bad = MOST;
    while (bad / good > 1.03) {
      double rate = Math.sqrt(good * bad);
      boolean lossFree = false;
      for (int i = 0; i < 2 && !lossFree; i++) {
        TimedLoad.Result result = ports.send(rate, millis, (from, to) -> {});
        lossFree = result.keptUp(millis);
      }
      good = lossFree ? rate : good;
      bad = lossFree ? bad : rate;
    }
    return good;
  }

  /**
   * That rate, or a lower one, at which nothing is lost for as long as is measured afterwards: what
   * stops a thread once in a second or two, short runs can do without.
   */
  private static double holding(TimedLoad ports, double rate, long millis) {
    double holds = rate;
    for (int i = 0; i < TRIES && !ports.send(holds, millis, (from, to) -> {}).keptUp(millis); i++) {
      holds *= STEP;
    }
    return holds;
  }

  private static ForwarderPlan plan(TimedLoad ports, WorkerPlan.Idle idle) {
    PortSettings in = PortSettings.of("in").withMac(CirclePort.ROUTER).withQueues(1);
    PortSettings out = PortSettings.of("out").withMac(CirclePort.ROUTER + 1).withQueues(1);
    return ForwarderPlan.empty()
        .withWorkers(new WorkerPlan(1, List.of(WORKER_CPU), idle))
        .withPorts(
            List.of(new PortPlan.Custom(in, ports.in()), new PortPlan.Custom(out, ports.out())))
        .withInterfaces(
            List.of(
                InterfacePlan.of("in", "in", "10.0.0.2/24"),
                InterfacePlan.of("out", "out", "10.1.0.2/24")))
        .withNeighbors(
            List.of(new NeighborPlan("out", IpAddress.parse("10.1.0.1"), 0x02_00_00_00_03_00L)));
  }

  private static long own() throws IOException {
    return Long.parseLong(Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName() + "");
  }

  /** The system's number of a thread of this JVM; names are cut to 15 characters. */
  private static long thread(String name) throws IOException {
    try (var tasks = Files.list(Path.of("/proc/self/task"))) {
      for (Path task : tasks.toList()) {
        if (Files.readString(task.resolve("comm")).strip().equals(name)) {
          return Long.parseLong(task.getFileName().toString());
        }
      }
    }
    throw new IOException("there is no thread " + name);
  }
}
