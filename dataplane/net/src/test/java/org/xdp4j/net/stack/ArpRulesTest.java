package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.route.NeighborState;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.MacAddress;

class ArpRulesTest {
  private static final String ZERO = "00:00:00:00:00:00";
  private static final String HOST = "02:00:00:00:01:09";
  private static final String US = "02:00:00:00:00:01";

  private final TestRouter router = new TestRouter();

  private Outcome arp(long to, String from, byte[] arp) {
    return router.frame(1, Packets.ethernet(to, MacAddress.parse(from), EtherType.ARP, arp));
  }

  private NeighborState state(String address) {
    var entry = router.router.neighbors().find(1, IpAddress.parse(address));
    return entry == null ? null : entry.state();
  }

  private byte[] udpTo(String destination) {
    return Packets.ipv4("10.0.2.2", destination, IpProtocol.UDP, Packets.udp(1, 2, 10));
  }

  @Test
  void aRequestForOurAddressIsAnsweredAndItsSenderLearned() {
    byte[] request = Packets.arp(1, HOST, "10.0.1.9", ZERO, "10.0.1.1");
    assertThat(arp(Ethernet.BROADCAST, HOST, request)).isEqualTo(Outcome.DELIVERED);

    TestRouter.Sent reply = router.only();
    assertThat(reply.port()).isEqualTo(1);
    assertThat(reply.frame())
        .isEqualTo(
            Packets.ethernet(
                MacAddress.parse(HOST),
                TestRouter.mac(1),
                EtherType.ARP,
                Packets.arp(2, US, "10.0.1.1", HOST, "10.0.1.9")));
    assertThat(state("10.0.1.9")).isEqualTo(NeighborState.STALE);
  }

  @Test
  void aRequestForAnotherAddressIsNotAnsweredAndNotLearned() {
    byte[] request = Packets.arp(1, HOST, "10.0.1.9", ZERO, "10.0.1.7");
    assertThat(arp(Ethernet.BROADCAST, HOST, request)).isEqualTo(Outcome.DELIVERED);
    assertThat(router.sent).isEmpty();
    assertThat(state("10.0.1.9")).isNull();
  }

  @Test
  void anAddressOfAnotherInterfaceIsNotAnsweredFor() {
    arp(Ethernet.BROADCAST, HOST, Packets.arp(1, HOST, "10.0.1.9", ZERO, "10.0.2.1"));
    assertThat(router.sent).isEmpty();
  }

  @Test
  void aKnownNeighbourIsUpdatedByWhateverItSends() {
    arp(Ethernet.BROADCAST, HOST, Packets.arp(1, HOST, "10.0.1.9", ZERO, "10.0.1.1"));
    router.sent.clear();
    String other = "02:00:00:00:01:0a";
    arp(Ethernet.BROADCAST, other, Packets.arp(1, other, "10.0.1.9", ZERO, "10.0.1.9"));
    assertThat(router.router.neighbors().find(1, IpAddress.parse("10.0.1.9")).mac())
        .isEqualTo(MacAddress.parse(other));
  }

  @Test
  void aSenderOffTheLinkIsNotLearned() {
    arp(Ethernet.BROADCAST, HOST, Packets.arp(1, HOST, "192.0.2.9", ZERO, "10.0.1.1"));
    assertThat(state("192.0.2.9")).isNull();
  }

  @Test
  void anUnaskedReplyMakesNoEntry() {
    arp(TestRouter.mac(1), HOST, Packets.arp(2, HOST, "10.0.1.9", US, "10.0.1.1"));
    assertThat(state("10.0.1.9")).isNull();
  }

  @Test
  void packetsWaitForTheReplyAndLeaveInOrder() {
    for (int i = 0; i < 3; i++) {
      assertThat(router.receive(2, udpTo("10.0.1.9"))).isEqualTo(Outcome.HELD);
    }
    TestRouter.Sent request = router.only();
    assertThat(request.frame())
        .isEqualTo(
            Packets.ethernet(
                Ethernet.BROADCAST,
                TestRouter.mac(1),
                EtherType.ARP,
                Packets.arp(1, US, "10.0.1.1", ZERO, "10.0.1.9")));

    arp(TestRouter.mac(1), HOST, Packets.arp(2, HOST, "10.0.1.9", US, "10.0.1.1"));

    assertThat(router.sent).hasSize(3);
    for (TestRouter.Sent sent : router.sent) {
      assertThat(Ethernet.destination(MemorySegment.ofArray(sent.frame()), 0))
          .isEqualTo(MacAddress.parse(HOST));
      assertThat(Packets.u8(sent.packet(), 8)).isEqualTo(63);
    }
    assertThat(state("10.0.1.9")).isEqualTo(NeighborState.REACHABLE);
  }

  @Test
  void whoDoesNotAnswerIsAskedThreeTimesAndItsPacketsRefused() {
    router.receive(2, udpTo("10.0.1.9"));
    router.pass(5);

    assertThat(router.sent.stream().filter(sent -> sent.type() == EtherType.ARP)).hasSize(3);
    assertThat(router.drop()).isEqualTo(DropReason.NEIGHBOR_FAILED);
    byte[] error = router.sent.getLast().packet();
    assertThat(router.sent.getLast().port()).isEqualTo(2);
    // ICMP host unreachable, quoting the packet with the TTL it came with.
    assertThat(Packets.u8(error, 20)).isEqualTo(3);
    assertThat(Packets.u8(error, 21)).isEqualTo(1);
    assertThat(Packets.u8(error, 28 + 8)).isEqualTo(64);
  }

  @Test
  void theQueueOfANeighbourIsBoundedAndTheOldestMakesRoom() {
    for (int i = 0; i < 100; i++) {
      assertThat(router.receive(2, udpTo("10.0.1.9"))).isEqualTo(Outcome.HELD);
    }
    assertThat(router.drops).hasSize(36).containsOnly(DropReason.NEIGHBOR_QUEUE_FULL);
    router.drops.clear();
    router.stack.stop();
    router.requireBalance();
    assertThat(router.drops).hasSize(64).containsOnly(DropReason.STOPPED);
  }

  @Test
  void aUsedNeighbourIsProbedByUnicastBeforeItIsGivenUp() {
    arp(Ethernet.BROADCAST, HOST, Packets.arp(1, HOST, "10.0.1.9", ZERO, "10.0.1.1"));
    router.sent.clear();
    assertThat(router.receive(2, udpTo("10.0.1.9"))).isEqualTo(Outcome.TRANSMITTED);
    router.sent.clear();
    router.pass(5.2);
    TestRouter.Sent probe = router.only();
    assertThat(Packets.from(probe.frame(), 0)).startsWith(Packets.mac(HOST));
    arp(TestRouter.mac(1), HOST, Packets.arp(2, HOST, "10.0.1.9", US, "10.0.1.1"));
    assertThat(state("10.0.1.9")).isEqualTo(NeighborState.REACHABLE);
  }

  @Test
  void aProbeIsAnsweredWithoutLearning() {
    arp(Ethernet.BROADCAST, HOST, Packets.arp(1, HOST, "0.0.0.0", ZERO, "10.0.1.1"));
    assertThat(Packets.u16(router.only().frame(), 20)).isEqualTo(2);
    assertThat(router.router.neighbors().find(1, IpAddress.parse("0.0.0.0"))).isNull();
  }

  @Test
  void anAddressInUseIsDefendedOnceInTenSeconds() {
    byte[] claim = Packets.arp(1, HOST, "10.0.1.1", ZERO, "10.0.1.1");
    assertThat(arp(Ethernet.BROADCAST, HOST, claim)).isEqualTo(Outcome.DROPPED);
    assertThat(router.drop()).isEqualTo(DropReason.ARP_CONFLICT);
    assertThat(Packets.from(router.only().frame(), 14))
        .isEqualTo(Packets.arp(1, US, "10.0.1.1", ZERO, "10.0.1.1"));
    arp(Ethernet.BROADCAST, HOST, claim);
    assertThat(router.sent).isEmpty();
    router.pass(10);
    arp(Ethernet.BROADCAST, HOST, claim);
    router.only();
  }

  @Test
  void theDefenceOfOneAddressDoesNotSilenceThatOfAnother() {
    InterfaceBuilder two =
        Interface.builder(1, "eth1")
            .port(1)
            .mac(TestRouter.mac(1))
            .address("10.0.1.1/24")
            .address("10.0.1.5/24");
    TestRouter both = new TestRouter(RouterSettings.defaults(), two);
    Stack other = new Stack(both.pool.memory, both.router, both);
    for (String address : List.of("10.0.1.1", "10.0.1.5")) {
      byte[] claim = Packets.arp(1, HOST, address, ZERO, address);
      byte[] frame = Packets.ethernet(Ethernet.BROADCAST, 0x0200_0000_0109L, EtherType.ARP, claim);
      both.frame(1, frame);
      assertThat(both.only().frame()).endsWith(Packets.arp(1, US, address, ZERO, address));
      other.receive(both.pool.acquire(frame), 1, both.now);
      assertThat(both.sent).as("another worker's turn is the same").isEmpty();
    }
  }

  @Test
  void anAddressIsProbedThreeTimesAndAnnouncedBeforeItIsUsed() {
    TestRouter fresh =
        new TestRouter(
            RouterSettings.defaults(),
            Interface.builder(1, "eth1")
                .port(1)
                .mac(TestRouter.mac(1))
                .address("10.0.1.1/24")
                .detectDuplicates(true));
    byte[] request = Packets.arp(1, HOST, "10.0.1.9", ZERO, "10.0.1.1");
    byte[] frame = Packets.ethernet(Ethernet.BROADCAST, 0x0200_0000_0109L, EtherType.ARP, request);
    fresh.frame(1, frame);
    assertThat(fresh.sent).isEmpty();
    List<Double> times = new ArrayList<>();
    for (int tenths = 1; tenths <= 100; tenths++) {
      fresh.pass(0.1);
      while (times.size() < fresh.sent.size()) {
        times.add(tenths / 10.0);
      }
    }
    assertThat(times).hasSize(5);
    assertThat(times.get(0)).as("PROBE_WAIT").isLessThanOrEqualTo(1.2);
    for (int i = 1; i < 3; i++) {
      double between = times.get(i) - times.get(i - 1);
      assertThat(between).as("PROBE_MIN to PROBE_MAX").isBetween(0.95, 2.15);
    }
    for (int i = 3; i < 5; i++) {
      double between = times.get(i) - times.get(i - 1);
      assertThat(between).as("ANNOUNCE_WAIT and ANNOUNCE_INTERVAL").isBetween(1.95, 2.15);
    }
    assertThat(Packets.from(fresh.sent.get(0).frame(), 14))
        .isEqualTo(Packets.arp(1, US, "0.0.0.0", ZERO, "10.0.1.1"));
    assertThat(Packets.from(fresh.sent.get(4).frame(), 14))
        .isEqualTo(Packets.arp(1, US, "10.0.1.1", ZERO, "10.0.1.1"));
    fresh.sent.clear();
    fresh.frame(1, frame);
    fresh.only();
  }

  @Test
  void anAddressAnotherStationHasIsNotUsed() {
    InterfaceBuilder builder =
        Interface.builder(1, "eth1")
            .port(1)
            .mac(TestRouter.mac(1))
            .address("10.0.1.1/24")
            .detectDuplicates(true);
    TestRouter fresh = new TestRouter(RouterSettings.defaults(), builder);
    fresh.pass(1);
    byte[] reply = Packets.arp(2, HOST, "10.0.1.1", US, "0.0.0.0");
    fresh.frame(1, Packets.ethernet(TestRouter.mac(1), 0x0200_0000_0109L, EtherType.ARP, reply));
    fresh.pass(5);
    assertThat(fresh.router.topology().byIndex(1).addresses().get(0).state())
        .isEqualTo(InterfaceAddress.State.DUPLICATE);
  }

  @Test
  void whatIsNoArpForEthernetAndIpv4IsDropped() {
    byte[] good = Packets.arp(1, HOST, "10.0.1.9", ZERO, "10.0.1.1");
    for (byte[] bad :
        new byte[][] {
          Packets.with(good, 0, 0, 6),
          Packets.with(good, 4, 8),
          Packets.with(good, 7, 3),
          Packets.with(good, 8, 1),
          Packets.with(good, 14, 224),
          Arrays.copyOf(good, 27)
        }) {
      assertThat(arp(Ethernet.BROADCAST, HOST, bad)).isEqualTo(Outcome.DROPPED);
      assertThat(router.drop()).isEqualTo(DropReason.ARP_MALFORMED);
    }
  }

  /** Port 1 has 10.0.1.1, port 2 no address; 192.0.2.0/24 is behind a router there. */
  private static TestRouter unnumbered(InterfaceBuilder first) {
    TestRouter router =
        new TestRouter(
            RouterSettings.defaults(),
            first,
            Interface.builder(2, "eth2").port(2).mac(TestRouter.mac(2)));
    router.route("192.0.2.0/24", 2, "10.9.9.9");
    return router;
  }

  private static void arp2(TestRouter router, long to, int operation, String target) {
    byte[] arp = Packets.arp(operation, HOST, "10.9.9.9", "02:00:00:00:00:02", target);
    router.frame(2, Packets.ethernet(to, MacAddress.parse(HOST), EtherType.ARP, arp));
  }

  @Test
  void anUnnumberedInterfaceAsksFromAnAddressOfAnother() {
    TestRouter router = unnumbered(TestRouter.builder(1));
    byte[] packet = Packets.ipv4("10.0.1.2", "192.0.2.1", IpProtocol.UDP, Packets.udp(1, 2, 10));
    assertThat(router.receive(1, packet)).isEqualTo(Outcome.HELD);
    byte[] request = Packets.arp(1, "02:00:00:00:00:02", "10.0.1.1", ZERO, "10.9.9.9");
    assertThat(router.only().packet()).isEqualTo(request);
    arp2(router, TestRouter.mac(2), 2, "10.0.1.1");
    assertThat(router.only().frame()).startsWith(Packets.mac(HOST));
    assertThat(router.router.neighbors().find(2, IpAddress.parse("10.9.9.9")).state())
        .isEqualTo(NeighborState.REACHABLE);
  }

  @Test
  void anUnnumberedInterfaceAnswersToTheAddressItBorrows() {
    TestRouter router = unnumbered(TestRouter.builder(1));
    arp2(router, Ethernet.BROADCAST, 1, "10.0.1.1");
    byte[] reply = Packets.arp(2, "02:00:00:00:00:02", "10.0.1.1", HOST, "10.9.9.9");
    assertThat(router.only().packet()).isEqualTo(reply);
    arp2(router, Ethernet.BROADCAST, 1, "10.0.1.7");
    assertThat(router.sent).isEmpty();
  }

  @Test
  void whoHasNoAddressAsksNobody() {
    InterfaceBuilder bare = Interface.builder(1, "eth1").port(1).mac(TestRouter.mac(1));
    TestRouter router = unnumbered(bare.address("fd00:1::1/64"));
    router.route("2001:db8::/32", 2, "fe80::7");
    router.receive(1, Packets.ipv4("10.0.1.2", "192.0.2.1", IpProtocol.UDP, Packets.udp(1, 2, 10)));
    assertThat(router.drop()).isEqualTo(DropReason.NO_SOURCE_ADDRESS);
    router.receive(
        1, Packets.ipv6("fd00:1::2", "2001:db8::1", IpProtocol.UDP, Packets.udp(1, 2, 10)));
    assertThat(router.drop()).isEqualTo(DropReason.NO_SOURCE_ADDRESS);
    router.pass(4);
    assertThat(router.sent).isEmpty();
  }
}
