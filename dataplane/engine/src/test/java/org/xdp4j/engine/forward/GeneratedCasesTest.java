package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.LimitPlan;
import org.xdp4j.engine.plan.RoutePlan;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/**
 * Thousands of packets through a router with random routes, each against a model of ten lines:
 * where it has to come out and how, or who is told what (RFC 1812, sections 5.2 and 5.3).
 */
class GeneratedCasesTest {
  private static final int CASES = Integer.getInteger("xdp4j.forward.cases", 2500);
  private static final int PORTS = 4;
  private static final int SMALL_MTU = 600;
  private static final int SMALL_PORT = 3;

  private record Expected(int port, int ttl, int frames, int icmpType, int icmpCode) {
    static Expected nothing() {
      return new Expected(0, 0, 0, -1, -1);
    }

    static Expected icmp(int port, int type, int code) {
      return new Expected(port, 0, 1, type, code);
    }
  }

  private static List<RoutePlan> routes(SplittableRandom random) {
    List<RoutePlan> routes = new ArrayList<>();
    List<IpPrefix> used = new ArrayList<>();
    while (routes.size() < 80) {
      int length = 9 + random.nextInt(24);
      IpPrefix prefix =
          new IpPrefix(IpAddress.of(0x1400_0000 | random.nextInt(1 << 10) << 14), length).network();
      if (used.contains(prefix)) {
        continue;
      }
      used.add(prefix);
      RouteType[] special = {RouteType.BLACKHOLE, RouteType.UNREACHABLE, RouteType.PROHIBIT};
      routes.add(
          random.nextInt(6) == 0
              ? new RoutePlan(prefix, special[random.nextInt(3)], List.of())
              : RoutePlan.via(prefix.toString(), "10.0." + (1 + random.nextInt(PORTS)) + ".2"));
    }
    return routes;
  }

  private static Expected model(
      List<RoutePlan> routes, int in, int destination, int ttl, int size, boolean mayFragment) {
    RoutePlan best = null;
    for (RoutePlan route : routes) {
      boolean longer = best == null || route.prefix().length() > best.prefix().length();
      if (longer && route.prefix().contains(IpAddress.of(destination))) {
        best = route;
      }
    }
    if (best == null) {
      return Expected.icmp(in, 3, 0);
    }
    switch (best.type()) {
      case BLACKHOLE -> {
        return Expected.nothing();
      }
      case UNREACHABLE -> {
        return Expected.icmp(in, 3, 1);
      }
      case PROHIBIT -> {
        return Expected.icmp(in, 3, 13);
      }
      default -> {
        if (ttl <= 1) {
          return Expected.icmp(in, 11, 0);
        }
      }
    }
    int out = best.hops().getFirst().gateway().ipv4() >>> 8 & 0xff;
    if (out != SMALL_PORT || size <= SMALL_MTU) {
      return new Expected(out, ttl - 1, 1, -1, -1);
    }
    if (!mayFragment) {
      return Expected.icmp(in, 3, 4);
    }
    int each = (SMALL_MTU - 20) / 8 * 8;
    return new Expected(out, ttl - 1, (size - 20 + each - 1) / each, -1, -1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void everyPacketComesOutWhereTheModelSays(int workers) throws Exception {
    SplittableRandom random = new SplittableRandom(workers);
    TestNetwork net = new TestNetwork(PORTS);
    List<RoutePlan> routes = routes(random);
    List<InterfacePlan> interfaces = new ArrayList<>();
    for (int i = 1; i <= PORTS; i++) {
      InterfacePlan one = InterfacePlan.of("p" + i, "p" + i, "10.0." + i + ".1/24");
      one = one.withOptions(InterfacePlan.Options.defaults().withRedirects(false));
      interfaces.add(i == SMALL_PORT ? one.withMtu(SMALL_MTU) : one);
    }
    LimitPlan limits = LimitPlan.defaults();
    ForwarderPlan plan =
        net.plan(workers)
            .withLimits(
                new LimitPlan(
                    limits.frames(),
                    limits.ring(),
                    limits.regionBytes(),
                    64,
                    1_000_000,
                    1_000_000,
                    limits.neighbors(),
                    64,
                    1024))
            .withInterfaces(interfaces)
            .withRoutes(routes);
    try (Forwarder forwarder = Forwarder.start(plan)) {
      for (int i = 0; i < CASES; i++) {
        int in = 1 + random.nextInt(PORTS);
        int destination = 0x1400_0000 | random.nextInt(1 << 24);
        if (random.nextInt(4) != 0) {
          RoutePlan near = routes.get(random.nextInt(routes.size()));
          destination = near.prefix().address().ipv4() ^ random.nextInt(1 << random.nextInt(1, 24));
        }
        int ttl = random.nextInt(5) == 0 ? random.nextInt(3) : 2 + random.nextInt(250);
        int size = random.nextInt(3) == 0 ? 601 + random.nextInt(900) : 40 + random.nextInt(560);
        boolean mayFragment = random.nextBoolean();
        byte[] udp = Frames.udp(random.nextInt(65536), 9, new byte[size - 28]);
        int source = 0x0a00_0002 | in << 8;
        byte[] packet =
            Frames.ipv4(source, destination, Frames.UDP, ttl, mayFragment ? 0 : 0x4000, udp);
        net.wire(in).send(TestNetwork.frame(in, packet));
        Expected expected = model(routes, in, destination, ttl, size, mayFragment);
        check(net, expected, destination, "case " + i + ": to " + IpAddress.of(destination));
      }
      ForwardBooks books = net.stop(forwarder);
      assertThat(books.received()).isEqualTo(CASES);
      net.wires.forEach(wire -> assertThat(wire.poll()).as("nothing else came out").isNull());
    }
  }

  private static void check(TestNetwork net, Expected expected, int destination, String name) {
    int bytes = 0;
    for (int i = 0; i < expected.frames; i++) {
      byte[] out = net.wire(expected.port).await();
      assertThat(Frames.hasRightHeaderSum(out)).as(name).isTrue();
      if (expected.icmpType >= 0) {
        assertThat(Frames.protocol(out)).as(name).isEqualTo(Frames.ICMP);
        int at = Frames.ETHERNET + Frames.IPV4;
        assertThat(out[at]).as(name).isEqualTo((byte) expected.icmpType);
        assertThat(out[at + 1]).as(name).isEqualTo((byte) expected.icmpCode);
        assertThat(Frames.destinationIp(out)).as(name).isEqualTo("10.0." + expected.port + ".2");
      } else {
        assertThat(Frames.destination(out)).as(name).isEqualTo(TestNetwork.HOST + expected.port);
        assertThat(Frames.ttl(out)).as(name).isEqualTo(expected.ttl);
        assertThat(Frames.i32(out, 30)).as(name).isEqualTo(destination);
        bytes += Frames.u16(out, 16) - 20;
      }
    }
    assertThat(bytes >= 0).isTrue();
  }
}
