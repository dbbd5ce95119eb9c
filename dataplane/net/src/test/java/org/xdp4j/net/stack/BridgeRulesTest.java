package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.link.Bridge;
import org.xdp4j.net.link.BridgePort;
import org.xdp4j.net.link.MacTable;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.IpAddress;

class BridgeRulesTest {
  private static final long A = 0x0200_0000_000aL;
  private static final long B = 0x0200_0000_000bL;

  private final Bridge bridge =
      new Bridge(
          0,
          List.of(
              BridgePort.access(1, 10),
              BridgePort.access(2, 10),
              BridgePort.access(3, 20),
              new BridgePort(4, 10, 20, 30)));

  private final TestRouter router =
      new TestRouter(
          RouterSettings.defaults(),
          List.of(bridge),
          Interface.builder(1, "br10")
              .bridge(0)
              .vlan(10)
              .mac(TestRouter.mac(1))
              .address("10.0.1.1/24"),
          Interface.builder(2, "br20")
              .bridge(0)
              .vlan(20)
              .mac(TestRouter.mac(1))
              .address("10.0.2.1/24"));

  private static byte[] frame(long to, long from) {
    return Packets.ethernet(to, from, 0x88b5, new byte[50]);
  }

  private List<Integer> ports() {
    List<Integer> ports = router.sent.stream().map(TestRouter.Sent::port).sorted().toList();
    router.sent.clear();
    return ports;
  }

  @Test
  void whoIsNotKnownIsLookedForOnAllPortsOfTheVlanButTheFramesOwn() {
    router.frame(1, frame(B, A));
    assertThat(ports()).containsExactly(2, 4);
  }

  @Test
  void whoHasSpokenIsFoundBehindItsPort() {
    router.frame(2, frame(A, B));
    router.sent.clear();
    byte[] frame = frame(B, A);
    assertThat(router.frame(1, frame)).isEqualTo(Outcome.TRANSMITTED);
    assertThat(router.sent.get(0).frame()).isEqualTo(frame);
    assertThat(ports()).containsExactly(2);
    router.frame(2, frame(A, B));
    assertThat(ports()).containsExactly(1);
  }

  @Test
  void aStationIsKnownInAllItsVlans() {
    MacTable table = new MacTable(16_384);
    for (int station = 0; station < 20; station++) {
      for (int vlan = 1; vlan <= 400; vlan++) {
        table.learn(vlan, A + station, station, 1);
      }
    }
    int known = 0;
    for (int station = 0; station < 20; station++) {
      for (int vlan = 1; vlan <= 400; vlan++) {
        known += table.find(vlan, A + station, 1) == station ? 1 : 0;
      }
    }
    assertThat(known).as("of 8000").isGreaterThan(7950);
  }

  /** Each table puts stations into sets of its own: which ones share a set nobody knows. */
  @Test
  void nobodyCanChooseAddressesThatPushOutACertainStation() {
    assertThat(places()).isNotEqualTo(places());
    for (int round = 0; round < 20; round++) {
      MacTable table = new MacTable(16_384);
      table.learn(1, A, 1, 0);
      for (long i = 1; i <= 1000; i++) {
        table.learn(1, A ^ i << 37, 2, 1);
        table.learn(1, A + (i << 32), 2, 1);
      }
      assertThat(table.find(1, A, 1)).isEqualTo(1);
    }
  }

  private static List<Long> places() {
    MacTable table = new MacTable(16_384);
    for (int i = 0; i < 100; i++) {
      table.learn(1, A + i, 1, 0);
    }
    return table.list(0).stream().map(MacTable.Entry::mac).toList();
  }

  @Test
  void anInterfaceOnAnotherBridgeOfTheSameNumberBeginsAnew() {
    router.router.neighbors().heard(1, IpAddress.parse("10.0.1.9"), A, 0, true);
    Interface again =
        Interface.builder(1, "br10").bridge(0).vlan(10).mac(TestRouter.mac(1)).build();
    Bridge grown = new Bridge(0, List.of(BridgePort.access(2, 10), BridgePort.access(5, 10)));
    router.router.setTopology(Topology.of(List.of(again), List.of(grown)));
    assertThat(router.router.neighbors().size()).as("one port stays").isEqualTo(1);

    Interface moved =
        Interface.builder(1, "br10").bridge(0).vlan(10).mac(TestRouter.mac(1)).build();
    Bridge other = new Bridge(0, List.of(BridgePort.access(6, 10)));
    router.router.setTopology(Topology.of(List.of(moved), List.of(other)));
    assertThat(router.router.neighbors().size()).isZero();
  }

  @Test
  void whoMovesIsFoundBehindItsNewPort() {
    router.frame(1, frame(B, A));
    router.frame(4, frame(B, A));
    router.sent.clear();
    router.frame(2, frame(A, B));
    assertThat(ports()).containsExactly(4);
  }

  @Test
  void whoIsSilentForFiveMinutesIsForgotten() {
    router.frame(2, frame(A, B));
    router.pass(299);
    router.sent.clear();
    router.frame(1, frame(B, A));
    assertThat(ports()).containsExactly(2);
    router.pass(2);
    router.sent.clear();
    router.frame(1, frame(B, A));
    assertThat(ports()).containsExactly(2, 4);
  }

  @Test
  void aFrameToItsOwnPortGoesNoFurther() {
    router.frame(2, frame(A, B));
    router.sent.clear();
    router.frame(2, frame(B, A));
    assertThat(router.drop()).isEqualTo(DropReason.BRIDGE_SAME_PORT);
  }

  @Test
  void tagsComeOffAndGoOnAsEachPortWants() {
    router.frame(3, frame(B, A));
    byte[] tagged = router.only().frame();
    assertThat(tagged).isEqualTo(Packets.tagged(frame(B, A), EtherType.VLAN, 20));
    router.frame(4, Packets.tagged(frame(A, B), EtherType.VLAN, 20));
    TestRouter.Sent untagged = router.only();
    assertThat(untagged.port()).isEqualTo(3);
    assertThat(untagged.frame()).isEqualTo(frame(A, B));
    router.frame(1, frame(Ethernet.BROADCAST, A));
    assertThat(router.sent.get(1).frame()).isEqualTo(frame(Ethernet.BROADCAST, A));
    assertThat(ports()).containsExactly(2, 4);
  }

  @Test
  void aTagThatIsPutOnHasThePriorityOfTheOneTakenOff() {
    router.frame(3, Packets.tagged(frame(B, A), EtherType.VLAN, 0xb000));
    assertThat(router.only().frame())
        .isEqualTo(Packets.tagged(frame(B, A), EtherType.VLAN, 0xb000 | 20));
    router.frame(3, frame(B, A));
    assertThat(router.only().frame()).isEqualTo(Packets.tagged(frame(B, A), EtherType.VLAN, 20));
  }

  @Test
  void aVlanThatIsNotThePortsIsNotTaken() {
    router.frame(1, Packets.tagged(frame(B, A), EtherType.VLAN, 10));
    assertThat(router.drop()).isEqualTo(DropReason.VLAN_FILTERED);
    router.frame(4, Packets.tagged(frame(B, A), EtherType.VLAN, 40));
    assertThat(router.drop()).isEqualTo(DropReason.VLAN_FILTERED);
    assertThat(bridge.stations().list(router.now)).isEmpty();
    router.frame(1, Packets.tagged(frame(B, A), EtherType.VLAN, 7 << 13));
    assertThat(ports()).containsExactly(2, 4);
  }

  @Test
  void theSameAddressInAnotherVlanIsAnotherStation() {
    router.frame(1, frame(B, A));
    router.frame(3, frame(B, A));
    router.sent.clear();
    router.frame(2, frame(A, B));
    assertThat(ports()).containsExactly(1);
    router.frame(4, Packets.tagged(frame(A, B), EtherType.VLAN, 20));
    assertThat(ports()).containsExactly(3);
  }

  @Test
  void controlFramesOfALinkAreNotForwarded() {
    for (int last = 0; last < 16; last++) {
      router.frame(1, frame(0x0180_c200_0000L + last, A));
      assertThat(router.drop()).isEqualTo(DropReason.LINK_CONTROL);
    }
    router.frame(1, frame(0x0180_c200_0010L, A));
    assertThat(ports()).containsExactly(2, 4);
  }

  @Test
  void aPortThatGoesDownIsForgottenAndLeftOut() {
    router.frame(2, frame(A, B));
    bridge.setUp(2, false);
    router.sent.clear();
    router.frame(1, frame(B, A));
    assertThat(ports()).containsExactly(4);
    router.frame(2, frame(A, B));
    assertThat(router.drop()).isEqualTo(DropReason.INTERFACE_DOWN);
  }

  @Test
  void aVlanWithoutOtherPortsDropsTheFrame() {
    router.frame(4, Packets.tagged(frame(B, A), EtherType.VLAN, 30));
    assertThat(router.drop()).isEqualTo(DropReason.BRIDGE_NO_PORT);
  }

  @Test
  void theRouterIsAStationOfTheBridge() {
    byte[] request =
        Packets.arp(1, "02:00:00:00:00:0a", "10.0.1.9", "00:00:00:00:00:00", "10.0.1.1");
    router.frame(1, Packets.ethernet(Ethernet.BROADCAST, A, EtherType.ARP, request));
    // The request goes to the other ports of the VLAN, the answer to the asker's alone.
    assertThat(ports()).containsExactly(1, 2, 4);
  }

  @Test
  void aPacketIsRoutedFromOneVlanToAnother() {
    router.neighbor(2, "10.0.2.2");
    byte[] packet = Packets.ipv4("10.0.1.9", "10.0.2.2", 17, Packets.udp(1, 2, 20));
    router.frame(3, frame(A, TestRouter.hostMac(2)));
    router.sent.clear();
    router.frame(1, Packets.ethernet(TestRouter.mac(1), A, EtherType.IPV4, packet));
    TestRouter.Sent sent = router.only();
    assertThat(sent.port()).isEqualTo(3);
    assertThat(sent.type()).isEqualTo(EtherType.IPV4);
    assertThat(Packets.u8(sent.packet(), 8)).isEqualTo(63);
  }

  @Test
  void aStormOfAddressesNeverGrowsTheTable() {
    for (int i = 0; i < 40_000; i++) {
      router.frame(1, frame(B, 0x0200_0001_0000L + i));
      router.sent.clear();
    }
    assertThat(bridge.stations().list(router.now)).hasSizeLessThanOrEqualTo(32_768);
  }

  @Test
  void aMirroredInterfaceShowsTheTagThatAFrameCameWith() {
    TestRouter mirrored =
        new TestRouter(
            RouterSettings.defaults(),
            List.of(new Bridge(0, List.of(BridgePort.access(1, 10), new BridgePort(4, 0, 10)))),
            Interface.builder(1, "br10")
                .bridge(0)
                .vlan(10)
                .mac(TestRouter.mac(1))
                .mirror(true)
                .address("10.0.1.1/24"));
    byte[] echo = Packets.ipv4("10.0.1.9", "10.0.1.1", 1, Packets.icmp(8, 0, 1, new byte[4]));
    byte[] untagged = Packets.ethernet(TestRouter.mac(1), A, EtherType.IPV4, echo);
    byte[] tagged = Packets.tagged(untagged, EtherType.VLAN, 5 << 13 | 10);
    mirrored.frame(4, tagged);
    assertThat(mirrored.lastMirrored).isEqualTo(tagged);
    mirrored.frame(1, untagged);
    assertThat(mirrored.lastMirrored).isEqualTo(untagged);
    byte[] toAll = Packets.tagged(frame(Ethernet.BROADCAST, A), EtherType.VLAN, 10);
    mirrored.frame(4, toAll);
    assertThat(mirrored.lastMirrored).isEqualTo(toAll);
    mirrored.frame(4, Packets.tagged(frame(B, A), EtherType.VLAN, 10));
    assertThat(mirrored.mirrored).as("what is not for the router").isEqualTo(3);
  }
}
