package org.xdp4j.bench;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;
import org.xdp4j.engine.forward.Forwarder;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.NeighborPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.plan.ProgramPlan;
import org.xdp4j.engine.plan.RoutePlan;
import org.xdp4j.engine.plan.WorkerPlan;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/**
 * A router in a process of its own; see {@link ForwardBenchmark}. A line with a number of
 * milliseconds is answered by nanoseconds of its workers' CPU time and bytes of heap a frame,
 * latency (p50, p99, p99.99 and the most) in all answers but the first, which is for warming up,
 * and frames a second.
 *
 * <p>{@code ForwardSide CASE FULL|SMALL ROOT CPU,...}: a worker a CPU, each with frames of its own
 */
public final class ForwardSide {
  private static final int DESTINATIONS = 1 << 18;
  private static final int NEXT_HOPS = 16;

  private ForwardSide() {}

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    ForwardBenchmark.Workload one =
        ForwardBenchmark.Case.valueOf(args[0]).of(args[1].equals("FULL"));
    List<IpPrefix> prefixes = prefixes(one);
    List<Integer> cpus = Arrays.stream(args[3].split(",")).map(Integer::valueOf).toList();
    IpAddress[] destinations = destinations(one, prefixes);
    List<CirclePort.Circle> circles =
        cpus.stream()
            .map(cpu -> new CirclePort.Circle(destinations, one.ipv6(), one.imix()))
            .toList();
    ForwarderPlan plan = plan(prefixes, one.ipv6(), circles, cpus);
    if (one.counted()) {
      Path program = Path.of(args[2]).resolve("filters/protocol_counter.bpf.o");
      plan = plan.withPrograms(List.of(ProgramPlan.of("first", program, "in")));
    }
    try (Forwarder forwarder = Forwarder.start(plan)) {
      serve(forwarder, circles);
    }
  }

  private static void serve(Forwarder forwarder, List<CirclePort.Circle> circles) throws Exception {
    List<FrameGate> gates = circles.stream().map(CirclePort.Circle::gate).toList();
    Histogram warmingUp = null;
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line;
    while ((line = in.readLine()) != null) {
      FrameGate.Cost cost = FrameGate.measure(gates, Long.parseLong(line));
      Histogram took = forwarder.latency().histogram(); // since it began
      if (warmingUp == null) {
        warmingUp = took.copy();
      } else {
        took.subtract(warmingUp);
      }
      Percentiles latency = Percentiles.of(took);
      // What the router says of itself on its links finds no room in a circle that is full.
      if (forwarder.books().dropped() > forwarder.books().generated()) {
        throw new IllegalStateException("frames were dropped: " + forwarder.books());
      }
      System.out.printf(
          "%f %f %d %d %d %d %f%n",
          cost.nanos(),
          cost.bytes(),
          latency.p50(),
          latency.p99(),
          latency.p9999(),
          latency.most(),
          cost.rate());
    }
  }

  /** Prefixes of lengths as in the Internet: most IPv4 ones are /24, most IPv6 ones /48 or /32. */
  private static List<IpPrefix> prefixes(ForwardBenchmark.Workload one) {
    SplittableRandom random = new SplittableRandom(7);
    Set<IpPrefix> found = new LinkedHashSet<>();
    while (found.size() < one.routes()) {
      found.add(one.ipv6() ? ipv6(random) : ipv4(random));
    }
    return List.copyOf(found);
  }

  private static IpPrefix ipv4(SplittableRandom random) {
    int kind = random.nextInt(100);
    int length = kind < 60 ? 24 : kind < 98 ? 16 + random.nextInt(8) : 25 + random.nextInt(8);
    int address = 11 + random.nextInt(112) << 24 | random.nextInt(1 << 24);
    return new IpPrefix(IpAddress.of(address), length).network();
  }

  private static IpPrefix ipv6(SplittableRandom random) {
    int kind = random.nextInt(100);
    int length = kind < 50 ? 48 : kind < 95 ? 29 + random.nextInt(19) : 49 + random.nextInt(16);
    // As registries hand them out: 2000::/3, some 30,000 blocks of /32.
    long block = 0x2000_0000L | (long) random.nextInt(15_000) * 0x7_0001 & 0x1fff_ffffL;
    long high = block << 32 | random.nextLong() >>> 32;
    return new IpPrefix(IpAddress.of(high, 0), length).network();
  }

  private static IpAddress[] destinations(ForwardBenchmark.Workload one, List<IpPrefix> prefixes) {
    SplittableRandom random = new SplittableRandom(11);
    IpAddress[] all = new IpAddress[DESTINATIONS];
    for (int i = 0; i < all.length; i++) {
      int rank =
          !one.zipf()
              ? random.nextInt(prefixes.size())
              : (int) Math.pow(prefixes.size(), random.nextDouble()) - 1;
      IpPrefix prefix = prefixes.get(rank);
      long high = prefix.address().high();
      long host = random.nextLong() & ~IpPrefix.maskHigh(prefix.length());
      all[i] =
          one.ipv6()
              ? IpAddress.of(high | host, random.nextLong())
              : IpAddress.of((int) ((high | host) >>> 32));
    }
    return all;
  }

  private static ForwarderPlan plan(
      List<IpPrefix> prefixes, boolean ipv6, List<CirclePort.Circle> circles, List<Integer> cpus) {
    int queues = circles.size();
    PortSettings in = PortSettings.of("in").withMac(CirclePort.ROUTER).withQueues(queues);
    PortSettings out = PortSettings.of("out").withMac(CirclePort.ROUTER + 1).withQueues(queues);
    List<NeighborPlan> neighbors = new ArrayList<>();
    List<RoutePlan.Hop> hops = new ArrayList<>();
    for (int i = 0; i < NEXT_HOPS; i++) {
      String gateway = ipv6 ? "fd00:2::" + (16 + i) : "10.0.2." + (16 + i);
      neighbors.add(new NeighborPlan("out", IpAddress.parse(gateway), 0x02_00_00_00_03_00L + i));
      hops.add(new RoutePlan.Hop("out", IpAddress.parse(gateway), 1));
    }
    List<RoutePlan> routes = new ArrayList<>(prefixes.size());
    for (int i = 0; i < prefixes.size(); i++) {
      routes.add(
          new RoutePlan(prefixes.get(i), RouteType.UNICAST, List.of(hops.get(i * 31 % NEXT_HOPS))));
    }
    return ForwarderPlan.empty()
        .withWorkers(new WorkerPlan(queues, cpus, WorkerPlan.Idle.PARK))
        .withPorts(
            List.of(
                new PortPlan.Custom(in, CirclePort.in(circles)),
                new PortPlan.Custom(out, CirclePort.out(circles))))
        .withInterfaces(
            List.of(
                InterfacePlan.of("in", "in", "10.0.1.1/24", "fd00:1::1/64"),
                InterfacePlan.of("out", "out", "10.0.2.1/24", "fd00:2::1/64")))
        .withNeighbors(neighbors)
        .withRoutes(routes);
  }
}
