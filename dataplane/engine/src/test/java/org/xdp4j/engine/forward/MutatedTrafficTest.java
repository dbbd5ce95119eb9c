package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.xdp4j.engine.plan.BridgePlan;
import org.xdp4j.engine.plan.FilterPlan;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.NatPlan;
import org.xdp4j.net.filter.Verdict;
import org.xdp4j.net.stack.ReversePath;

/** Broken frames of every kind through the whole path: no worker fails, and the books balance. */
class MutatedTrafficTest {
  private static final int FRAMES = Integer.getInteger("xdp4j.mutated.frames", 100_000);
  private static final int DRAIN = 500;

  private static List<byte[]> seeds() {
    long router = TestNetwork.ROUTER + 1;
    long host = TestNetwork.HOST + 1;
    List<byte[]> seeds = new ArrayList<>();
    byte[] udp = Frames.udp(1000, 53, new byte[64]);
    seeds.add(TestNetwork.datagram(1, "10.0.1.2", "10.2.3.4", 64));
    seeds.add(
        TestNetwork.frame(1, Frames.ipv4("10.0.1.2", "10.0.1.1", 1, 64, Frames.echo(1, 1, udp))));
    seeds.add(TestNetwork.frame(1, Frames.ipv4("10.0.1.2", "10.2.3.4", 17, 1, udp)));
    int from = TestNetwork.ip("10.0.1.2").ipv4();
    int to = TestNetwork.ip("10.2.3.4").ipv4();
    seeds.add(TestNetwork.frame(1, Frames.ipv4(from, to, 17, 64, 0x2000, udp)));
    seeds.add(TestNetwork.frame(1, Frames.ipv4(from, to, 17, 64, 0x0009, udp)));
    byte[] tcp =
        ByteBuffer.allocate(20).putInt(0x04d20050).putInt(0).putInt(0).putInt(0x5002_2000).array();
    seeds.add(TestNetwork.frame(1, Frames.ipv4("10.0.1.2", "10.2.3.4", 6, 64, tcp)));
    byte[] quoted = Frames.ipv4("10.0.2.1", "10.0.1.2", 17, 3, udp);
    byte[] error =
        ByteBuffer.allocate(8 + 28).putInt(0x0b00_0000).putInt(0).put(quoted, 0, 28).array();
    seeds.add(TestNetwork.frame(1, Frames.ipv4("10.0.1.2", "10.0.2.1", 1, 64, error)));
    byte[] arp = Frames.arp(1, host, "10.0.1.2", 0, "10.0.1.1");
    seeds.add(Frames.ethernet((1L << 48) - 1, host, 0x0806, arp));
    seeds.add(Frames.ethernet(router, host, 0x0806, arp));
    seeds.add(Frames.ethernet(router, host, 0x86dd, ipv6("fd00:1::2", "fd00:2::2", 17, udp)));
    seeds.add(Frames.ethernet(router, host, 0x86dd, ipv6("fd00:1::2", "fd00:1::1", 58, echo6())));
    byte[] hopByHop =
        ByteBuffer.allocate(16 + udp.length).put((byte) 17).put((byte) 1).put(16, udp).array();
    seeds.add(Frames.ethernet(router, host, 0x86dd, ipv6("fd00:1::2", "fd00:2::2", 0, hopByHop)));
    byte[] solicitation = new byte[32];
    solicitation[0] = (byte) 135;
    System.arraycopy(ip6("fd00:1::1"), 0, solicitation, 8, 16);
    seeds.add(
        Frames.ethernet(
            0x3333_ff00_0001L,
            host,
            0x86dd,
            ipv6("fd00:1::2", "ff02::1:ff00:1", 58, solicitation)));
    byte[] tagged = ByteBuffer.allocate(4 + udp.length).putInt(0x000a_0800).put(udp).array();
    seeds.add(Frames.ethernet(router, host, 0x8100, tagged));
    seeds.add(Frames.ethernet(0x0180_c200_000eL, host, 0x88cc, new byte[46]));
    return seeds;
  }

  private static byte[] ip6(String text) {
    var address = TestNetwork.ip(text);
    return ByteBuffer.allocate(16).putLong(address.high()).putLong(address.low()).array();
  }

  private static byte[] ipv6(String source, String destination, int next, byte[] payload) {
    return ByteBuffer.allocate(40 + payload.length)
        .putInt(0x6000_0000)
        .putShort((short) payload.length)
        .put((byte) next)
        .put((byte) 64)
        .put(ip6(source))
        .put(ip6(destination))
        .put(payload)
        .array();
  }

  private static byte[] echo6() {
    return ByteBuffer.allocate(40).putInt(0x8000_0000).array();
  }

  private static byte[] mutate(byte[] seed, SplittableRandom random) {
    byte[] frame = seed.clone();
    int changes = random.nextInt(6);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(frame.length);
      frame[at] =
          switch (random.nextInt(4)) {
            case 0 -> (byte) random.nextInt();
            case 1 -> (byte) (frame[at] ^ 1 << random.nextInt(8));
            case 2 -> (byte) (random.nextBoolean() ? 0xff : 0);
            default -> frame[random.nextInt(frame.length)];
          };
    }
    return switch (random.nextInt(8)) {
      case 0 -> Arrays.copyOf(frame, 1 + random.nextInt(frame.length));
      case 1 -> Arrays.copyOf(frame, frame.length + random.nextInt(100));
      case 2 -> Arrays.copyOf(frame, 1400 + random.nextInt(2000));
      default -> frame;
    };
  }

  private static ForwarderPlan plan(TestNetwork net) {
    ForwarderPlan plan = net.plan(2);
    List<InterfacePlan> interfaces = new ArrayList<>();
    for (InterfacePlan each : plan.interfaces().subList(0, 3)) {
      InterfacePlan.Options options =
          InterfacePlan.Options.defaults()
              .withReversePath(ReversePath.LOOSE)
              .withMirror(each.name().equals("p2"));
      interfaces.add(each.withOptions(options));
    }
    BridgePlan bridge =
        new BridgePlan(
            "br", List.of(new BridgePlan.Member("p4", 1, List.of(10)), BridgePlan.Member.of("p5")));
    interfaces.add(InterfacePlan.of("br", "br", "10.0.9.1/24"));
    return plan.withInterfaces(interfaces)
        .withBridges(List.of(bridge))
        .withNeighbors(plan.neighbors().subList(0, 6))
        .withRoutes(plan.routes().subList(0, 3))
        .withNat(new NatPlan(List.of("p2"), List.of(TestNetwork.ip("10.0.2.1")), 256, List.of()))
        .withFilter(new FilterPlan(List.of(), Verdict.ACCEPT, 512))
        .withPunt("p3")
        .withMirror("p6");
  }

  @Test
  void brokenFramesHarmNobody() throws Exception {
    TestNetwork net = new TestNetwork(6, 1, true);
    SplittableRandom random = new SplittableRandom(20251128);
    List<byte[]> seeds = seeds();
    try (Forwarder forwarder = Forwarder.start(plan(net))) {
      for (int i = 0; i < FRAMES; i++) {
        byte[] frame = mutate(seeds.get(random.nextInt(seeds.size())), random);
        net.wire(random.nextInt(3) == 0 ? 4 : 1 + random.nextInt(2)).send(frame);
        if (i % DRAIN == 0) {
          net.wires.forEach(TestWire::drain);
        }
        if (i % 20_000 == 0) {
          assertThat(forwarder.books().difference()).isZero();
        }
      }
      ForwardBooks books = net.stop(forwarder);
      long sent = net.wires.stream().mapToLong(TestWire::sent).sum();
      assertThat(sent).isEqualTo(FRAMES);
      assertThat(books.received()).isEqualTo(FRAMES);
      assertThat(books.dropped("internal-error")).isZero();
      assertThat(books.drops().size()).as("reasons met").isGreaterThan(20);
    }
  }
}
