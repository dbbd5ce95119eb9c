package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.filter.Filter;
import org.xdp4j.net.filter.FilterRule;
import org.xdp4j.net.filter.Verdict;
import org.xdp4j.net.link.Bridge;
import org.xdp4j.net.link.BridgePort;
import org.xdp4j.net.nat.Nat44;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.IpAddress;

/** Whatever comes in, each frame has one end, nothing is thrown, and the books balance. */
class MutatedFramesTest {
  private static final int FRAMES = 100_000;
  private static final String HOST = "02:00:00:00:01:01";
  private static final String ZERO = "00:00:00:00:00:00";

  private static byte[] unicast(int type, byte[] packet) {
    return Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), type, packet);
  }

  private static byte[] unicast4(byte[] packet) {
    return unicast(EtherType.IPV4, packet);
  }

  private static byte[] unicast6(byte[] packet) {
    return unicast(EtherType.IPV6, packet);
  }

  private static List<byte[]> seeds() {
    byte[] udp = Packets.udp(1000, 53, 40);
    byte[] options = {7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    byte[] hop = {5, 2, 0, 0, 1, 0};
    byte[] chain = Packets.extension(60, hop, Packets.extension(43, new byte[6], udp));
    byte[] group =
        Packets.concat(Packets.address("fd00:1::1"), new byte[] {1, 1, 2, 0, 0, 0, 1, 9});
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(unicast4(Packets.ipv4("10.0.1.2", "10.0.2.2", 17, udp)));
    seeds.add(unicast4(Packets.ipv4("10.0.1.2", "10.0.2.77", 17, udp)));
    seeds.add(unicast4(Packets.ipv4("10.0.1.2", "10.0.3.2", 17, Packets.udp(1, 2, 2500))));
    seeds.add(unicast4(Packets.ipv4("10.0.1.2", "10.0.2.2", 17, 64, 0, options, udp)));
    seeds.add(unicast4(Packets.ipv4("10.0.1.2", "10.0.2.2", 17, 1, 0x2000, new byte[0], udp)));
    seeds.add(unicast4(Packets.ipv4("10.0.1.2", "10.0.1.1", 1, Packets.icmp(8, 0, 1, udp))));
    seeds.add(unicast4(Packets.ipv4("10.0.1.2", "10.0.2.1", 17, udp)));
    seeds.add(unicast4(Packets.ipv4("10.0.1.2", "192.0.2.1", 6, udp)));
    seeds.add(unicast6(Packets.ipv6("fd00:1::2", "fd00:2::2", 17, udp)));
    seeds.add(unicast6(Packets.ipv6("fd00:1::2", "fd00:2::77", 17, udp)));
    seeds.add(unicast6(Packets.ipv6("fd00:1::2", "fd00:2::2", 0, chain)));
    seeds.add(unicast6(Packets.ipv6("fd00:1::2", "fd00:1::1", 0, chain)));
    seeds.add(unicast6(Packets.ipv6("fd00:1::2", "fd00:3::2", 17, Packets.udp(1, 2, 1400))));
    seeds.add(
        unicast6(Packets.icmp6("fd00:1::2", "fd00:1::1", 64, Packets.message(128, 0, 1, udp))));
    seeds.add(
        unicast6(Packets.icmp6("fe80::2", "fd00:1::1", 255, Packets.message(135, 0, 0, group))));
    seeds.add(
        unicast6(
            Packets.icmp6(
                "fe80::2", "fe80::ff:fe00:1", 255, Packets.message(133, 0, 0, new byte[0]))));
    seeds.add(
        Packets.ethernet(
            Ethernet.BROADCAST,
            TestRouter.hostMac(1),
            EtherType.ARP,
            Packets.arp(1, HOST, "10.0.1.2", ZERO, "10.0.1.1")));
    seeds.add(unicast(EtherType.ARP, Packets.arp(2, HOST, "10.0.1.7", HOST, "10.0.1.1")));
    seeds.add(Packets.tagged(seeds.get(0), 0x8100, 5));
    seeds.add(Packets.tagged(seeds.get(8), 0x88a8, 5, 0x8100, 6));
    return seeds;
  }

  private static byte[] mutated(byte[] seed, Random random) {
    byte[] frame = seed.clone();
    int changes = random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int at = 12 + random.nextInt(Math.min(frame.length - 12, 90));
      frame[at] = random.nextInt(3) == 0 ? (byte) (random.nextInt(3) - 1) : (byte) random.nextInt();
    }
    if (random.nextInt(4) == 0) {
      frame = Arrays.copyOf(frame, random.nextInt(frame.length + 1));
    }
    boolean ipv4 = frame.length >= 34 && Packets.u16(frame, 12) == EtherType.IPV4;
    if (ipv4 && random.nextInt(4) != 0) {
      byte[] packet = Packets.from(frame, 14);
      int header = (packet[0] & 0xf) * 4;
      if (header >= 20 && header <= packet.length) {
        System.arraycopy(Packets.sealed(packet), 0, frame, 14, packet.length);
      }
    }
    return frame;
  }

  @Test
  void everyFrameHasOneEndAndTheBooksBalance() {
    assertThat(run(router(), FRAMES)).hasSizeGreaterThan(25);
  }

  @Test
  void soItIsBehindFilterNatAndBridge() {
    TestRouter router = router();
    Filter filter =
        new Filter(List.of(FilterRule.any(Verdict.REJECT).port(17, 2)), Verdict.ACCEPT, 500);
    router.router.setFilter(filter);
    router.router.setNat(new Nat44(List.of(2), List.of(IpAddress.parse("10.0.2.1")), 300));
    assertThat(run(router, FRAMES / 2)).contains(DropReason.FILTERED, DropReason.NAT_UNSUPPORTED);
    TestRouter bridged =
        new TestRouter(
            RouterSettings.defaults().withIcmp(1_000_000, 1000),
            List.of(
                new Bridge(
                    0,
                    List.of(
                        new BridgePort(1, 1, 5),
                        new BridgePort(2, 1),
                        new BridgePort(3, 0, 1, 5)))),
            Interface.builder(1, "br1").bridge(0).mac(TestRouter.mac(1)).address("10.0.1.1/24"),
            Interface.builder(2, "br5")
                .bridge(0)
                .vlan(5)
                .mac(TestRouter.mac(2))
                .address("10.0.2.1/24"));
    assertThat(run(bridged, FRAMES / 2)).contains(DropReason.VLAN_FILTERED);
  }

  private static TestRouter router() {
    TestRouter router =
        new TestRouter(
            RouterSettings.defaults().withIcmp(1_000_000, 1000).withHeld(4, 50),
            TestRouter.builder(1).reversePath(ReversePath.LOOSE).sourceRoute(true),
            TestRouter.builder(2).advertise(true),
            TestRouter.builder(3).mtu(1300),
            Interface.builder(4, "eth1.5").port(1).vlan(5).mac(TestRouter.mac(1)),
            Interface.builder(5, "eth1.5.6").port(1).vlan(5, 6).mac(TestRouter.mac(1)));
    for (int port = 1; port <= 3; port++) {
      router.neighbor(port, "10.0." + port + ".2");
      router.neighbor(port, "fd00:" + port + "::2");
    }
    return router;
  }

  /** Sends mutated frames; returns the reasons some were dropped for. */
  private static Set<DropReason> run(TestRouter router, int frames) {
    // A bridge passes on whatever its stations say to each other.
    boolean routed = router.router.topology().bridges().isEmpty();
    List<byte[]> seeds = seeds();
    Random random = new Random(20);
    Set<DropReason> seen = EnumSet.noneOf(DropReason.class);
    for (int i = 0; i < frames; i++) {
      router.frame(1, mutated(seeds.get(i % seeds.size()), random));
      for (TestRouter.Sent sent : router.sent) {
        if (routed && sent.type() == EtherType.IPV4) {
          isSoundHeader(sent.packet());
        }
      }
      seen.addAll(router.drops);
      router.sent.clear();
      router.drops.clear();
      if (i % 16 == 0) {
        router.pass(0.1);
      }
    }
    router.stack.stop();
    router.requireBalance();
    assertThat(router.router.neighbors().size()).isLessThan(16_384);
    return seen;
  }

  private static void isSoundHeader(byte[] packet) {
    byte[] header = Arrays.copyOf(packet, (packet[0] & 0xf) * 4);
    byte[] sealed = Packets.sealed(header.clone());
    if (!Arrays.equals(header, sealed) || Packets.u8(packet, 8) == 0) {
      throw new AssertionError("a packet left with a bad header: " + Arrays.toString(header));
    }
  }
}
