package org.xdp4j.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
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
 * One router hop from ring to ring, the whole path: receive, header checks, longest prefix match,
 * neighbour, TTL and checksum, new link header, transmit; one worker. The frames go round in a
 * circle ({@link CirclePort}); writing the next destination into each is part of what is measured.
 */
final class ForwardBenchmark implements Benchmark {
  private static final int DESTINATIONS = 1 << 18;
  private static final int NEXT_HOPS = 16;
  private static final int ROUNDS = 5;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** How destinations are chosen among the routes. */
  private enum Choice {
    UNIFORM,
    ZIPF
  }

  private record Case(String name, boolean ipv6, int routes, Choice choice, boolean imix) {}

  @Override
  public String name() {
    return "forward";
  }

  @Override
  public String what() {
    return "a router hop from ring to ring, by size of the table and choice of destinations";
  }

  @Override
  public void run(Path root, Report report) throws Exception {
    int full = report.quick() ? 2_000 : 1_000_000;
    int small = report.quick() ? 500 : 65_000;
    int ipv6 = report.quick() ? 1_000 : 230_000;
    measure(new Case("IPv4, 1 route, 64 B", false, 1, Choice.UNIFORM, false), null, report);
    measure(
        new Case("IPv4, 65 k routes, uniform, 64 B", false, small, Choice.UNIFORM, false),
        null,
        report);
    measure(
        new Case("IPv4, 65 k routes, Zipf, 64 B", false, small, Choice.ZIPF, false), null, report);
    measure(
        new Case("IPv4, 1 M routes, uniform, IMIX", false, full, Choice.UNIFORM, true),
        null,
        report);
    measure(new Case("IPv4, 1 M routes, Zipf, IMIX", false, full, Choice.ZIPF, true), null, report);
    measure(
        new Case("IPv6, 230 k routes, uniform, 64 B", true, ipv6, Choice.UNIFORM, false),
        null,
        report);
    measure(
        new Case("IPv6, 230 k routes, Zipf, 64 B", true, ipv6, Choice.ZIPF, false), null, report);
    measure(
        new Case(
            "IPv4, 65 k routes, Zipf, 64 B, behind protocol_counter",
            false,
            small,
            Choice.ZIPF,
            false),
        root.resolve("filters/protocol_counter.bpf.o"),
        report);
  }

  private static void measure(Case one, Path program, Report report) throws Exception {
    List<IpPrefix> prefixes = prefixes(one);
    CirclePort.Circle circle =
        new CirclePort.Circle(destinations(one, prefixes), one.ipv6(), one.imix());
    ForwarderPlan plan = plan(prefixes, one.ipv6(), circle);
    if (program != null) {
      plan = plan.withPrograms(List.of(ProgramPlan.of("first", program, "in")));
    }
    Samples nanos = new Samples(ROUNDS);
    try (Forwarder forwarder = Forwarder.start(plan)) {
      Thread.sleep(report.quick() ? 200 : 4000);
      forwarder.latency();
      long worker = worker();
      long allocated = THREADS.getThreadAllocatedBytes(worker);
      long first = circle.frames();
      for (int round = 0; round < (report.quick() ? 1 : ROUNDS); round++) {
        long frames = circle.frames();
        long begin = System.nanoTime();
        Thread.sleep(report.quick() ? 100 : 1000);
        nanos.add((double) (System.nanoTime() - begin) / (circle.frames() - frames));
      }
      double bytes =
          (double) (THREADS.getThreadAllocatedBytes(worker) - allocated)
              / (circle.frames() - first);
      Percentiles latency = Percentiles.of(forwarder.latency().histogram());
      long dropped = forwarder.books().dropped();
      if (dropped > 0) {
        throw new IllegalStateException("frames were dropped: " + forwarder.books());
      }
      report.add(
          Row.alone("forward", one.name(), Unit.NANOS_A_FRAME, nanos)
              .allocating(bytes)
              .withLatency(latency));
    }
  }

  private static long worker() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("forward-0"))
        .findAny()
        .orElseThrow()
        .threadId();
  }

  /** Prefixes of lengths as in the Internet: most IPv4 ones are /24, most IPv6 ones /48 or /32. */
  private static List<IpPrefix> prefixes(Case one) {
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

  private static IpAddress[] destinations(Case one, List<IpPrefix> prefixes) {
    SplittableRandom random = new SplittableRandom(11);
    IpAddress[] all = new IpAddress[DESTINATIONS];
    for (int i = 0; i < all.length; i++) {
      int rank =
          one.choice() == Choice.UNIFORM
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
      List<IpPrefix> prefixes, boolean ipv6, CirclePort.Circle circle) {
    PortSettings in = PortSettings.of("in").withMac(CirclePort.ROUTER).withQueues(1);
    PortSettings out = PortSettings.of("out").withMac(CirclePort.ROUTER + 1).withQueues(1);
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
        .withWorkers(WorkerPlan.one().withIdle(WorkerPlan.Idle.SPIN))
        .withPorts(
            List.of(new PortPlan.Custom(in, circle::in), new PortPlan.Custom(out, circle::out)))
        .withInterfaces(
            List.of(
                InterfacePlan.of("in", "in", "10.0.1.1/24", "fd00:1::1/64"),
                InterfacePlan.of("out", "out", "10.0.2.1/24", "fd00:2::1/64")))
        .withNeighbors(neighbors)
        .withRoutes(routes);
  }
}
