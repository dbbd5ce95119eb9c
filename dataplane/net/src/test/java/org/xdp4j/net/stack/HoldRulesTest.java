package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.route.Neighbor;
import org.xdp4j.net.route.NeighborState;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.MacAddress;
import org.xdp4j.net.wire.PacketBuffer;

/** Packets that wait for neighbours while others do, and while somebody floods. */
class HoldRulesTest {
  private static final String US = "02:00:00:00:00:03";
  private static final String HOST = "02:00:00:00:03:09";

  private final TestRouter router =
      new TestRouter(
          RouterSettings.defaults().withHeld(16, 128),
          TestRouter.builder(1),
          TestRouter.builder(2),
          TestRouter.builder(3));

  private final Random random = new Random(2);

  private static byte[] to(String destination, int number) {
    return Packets.ipv4("10.0.1.2", destination, 17, Packets.udp(number, 2, 10));
  }

  private static byte[] inFrame(byte[] packet) {
    return Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), EtherType.IPV4, packet);
  }

  private static byte[] reply(String address) {
    byte[] arp = Packets.arp(2, HOST, address, US, "10.0.3.1");
    return Packets.ethernet(TestRouter.mac(3), MacAddress.parse(HOST), EtherType.ARP, arp);
  }

  /** A packet from off the link to an address of a link's /64 that nobody has. */
  private void scan(int port, int packets) {
    for (int i = 0; i < packets; i++) {
      String target = "fd00:%d::%x:%x".formatted(port, 1 + random.nextInt(0xffff), i);
      router.receive(1, Packets.ipv6("fd00:1::2", target, 17, Packets.udp(1, 2, 10)));
    }
  }

  private List<Integer> sourcePorts(int port) {
    List<Integer> ports = new ArrayList<>();
    for (TestRouter.Sent sent : router.sent) {
      if (sent.port() == port && sent.type() == EtherType.IPV4) {
        ports.add(Packets.u16(sent.packet(), 20));
      }
    }
    return ports;
  }

  @Test
  void aScanOfOneLinkKeepsNobodyOnAnotherFromBeingFound() {
    Neighbor known =
        router
            .router
            .neighbors()
            .resolve(3, IpAddress.parse("10.0.3.50"), router.now, (entry, unicast) -> {});
    router.router.neighbors().advertised(known, 0x0200_0000_0333L, true, true, router.now);
    for (int host = 100; host < 200; host++) {
      String address = "10.0.3." + host;
      scan(2, 300);
      assertThat(router.receive(1, to(address, host))).isEqualTo(Outcome.HELD);
      scan(2, 300);
      router.pass(0.1);
      router.sent.clear();
      router.frame(3, reply(address));
      assertThat(sourcePorts(3)).containsExactly(host);
    }
    assertThat(router.drops).containsOnly(DropReason.NEIGHBOR_QUEUE_FULL);
    router.pass(120);
    assertThat(known.state()).isEqualTo(NeighborState.STALE);
  }

  @Test
  void whoAnswersOnALinkThatIsScannedIsFound() {
    for (int host = 0x100; host < 0x140; host++) {
      String address = "fd00:3::" + Integer.toHexString(host);
      byte[] packet = Packets.ipv6("fd00:1::2", address, 17, Packets.udp(host, 2, 10));
      assertThat(router.receive(1, packet)).isEqualTo(Outcome.HELD);
      scan(3, 100);
      router.sent.clear();
      byte[] body = Packets.concat(Packets.address(address), new byte[] {2, 1}, Packets.mac(HOST));
      byte[] answer =
          Packets.icmp6(address, "fd00:3::1", 255, Packets.message(136, 0, 0x60 << 24, body));
      router.frame(
          3, Packets.ethernet(TestRouter.mac(3), MacAddress.parse(HOST), EtherType.IPV6, answer));
      assertThat(router.only().frame()).startsWith(Packets.mac(HOST));
    }
  }

  @Test
  void theQueueInAllIsBoundedAndTheLargestShareMakesRoom() {
    for (int host = 100; host < 108; host++) {
      for (int i = 0; i < 16; i++) {
        router.receive(1, to("10.0.2." + host, i));
      }
    }
    assertThat(router.drops).isEmpty();
    for (int i = 0; i < 16; i++) {
      assertThat(router.receive(1, to("10.0.3.9", i))).isEqualTo(Outcome.HELD);
    }
    assertThat(router.drops).hasSize(16).containsOnly(DropReason.NEIGHBOR_QUEUE_FULL);
    router.sent.clear();
    router.frame(3, reply("10.0.3.9"));
    assertThat(sourcePorts(3)).hasSize(16).isSorted();
  }

  @Test
  void madeUpSendersPushOutNobodyThatAnswered() {
    TestRouter small =
        new TestRouter(
            new RouterSettings(false, 64, 1000, 100, 64, 16, 128),
            TestRouter.builder(1),
            TestRouter.builder(3));
    IpAddress there = IpAddress.parse("10.0.3.50");
    Neighbor known = small.router.neighbors().resolve(2, there, small.now, (entry, unicast) -> {});
    small.router.neighbors().advertised(known, 0x0200_0000_0333L, true, true, small.now);
    for (int i = 1; i < 2000; i++) {
      String from = "fd00:1::" + Integer.toHexString(0x100 + i);
      byte[] body =
          Packets.concat(Packets.address("fd00:1::1"), new byte[] {1, 1}, Packets.mac(HOST));
      byte[] message = Packets.message(135, 0, 0, body);
      byte[] packet = Packets.icmp6(from, "fd00:1::1", 255, message);
      small.frame(
          1, Packets.ethernet(TestRouter.mac(1), MacAddress.parse(HOST), EtherType.IPV6, packet));
      small.sent.clear();
    }
    assertThat(small.router.neighbors().size()).isLessThanOrEqualTo(33);
    assertThat(small.router.neighbors().find(2, there)).isSameAs(known);
    assertThat(small.receive(1, to("10.0.3.9", 1))).isEqualTo(Outcome.HELD);
  }

  /** The worker that holds the packets is another than the one that hears the answer. */
  @Test
  void packetsLeaveInOrderWhoeverFoundTheNeighbour() {
    for (int i = 1; i <= 3; i++) {
      router.receive(1, to("10.0.3.9", i));
    }
    Stack other = new Stack(router.pool.memory, router.router, router);
    other.receive(router.pool.acquire(reply("10.0.3.9")), 3, router.now);
    assertThat(sourcePorts(3)).isEmpty();
    router.receive(1, to("10.0.3.9", 4));
    assertThat(sourcePorts(3)).containsExactly(1, 2, 3, 4);
    router.requireBalance();
  }

  /** A worker that is too busy to look after its timers. */
  @Test
  void aBatchSendsWhatWaitedForANeighbourThatWasFoundMeanwhile() {
    router.neighbor(2, "10.0.2.2");
    router.receive(1, to("10.0.3.9", 1));
    Stack other = new Stack(router.pool.memory, router.router, router);
    other.receive(router.pool.acquire(reply("10.0.3.9")), 3, router.now);
    PacketBuffer[] batch = {
      router.pool.acquire(inFrame(to("10.0.2.2", 5))),
      router.pool.acquire(inFrame(to("10.0.2.2", 6)))
    };
    router.stack.receive(batch, 0, 2, 1, router.now);
    assertThat(sourcePorts(3)).containsExactly(1);
    assertThat(sourcePorts(2)).containsExactly(5, 6);
  }

  @Test
  void whatWaitsLeavesInTheOrderTheNeighboursWereAskedFor() {
    List<Integer> asked = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int host = 100 + i * 37 % 100;
      asked.add(host);
      router.receive(1, to("10.0.3." + host, host));
    }
    router.sent.clear();
    for (int host = 199; host >= 100; host--) {
      IpAddress address = IpAddress.parse("10.0.3." + host);
      Neighbor entry = router.router.neighbors().find(3, address);
      router.router.neighbors().advertised(entry, MacAddress.parse(HOST), true, true, router.now);
    }
    router.stack.tick(router.now);
    assertThat(sourcePorts(3)).isEqualTo(asked);
  }
}
