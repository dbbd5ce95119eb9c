package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpAddress;

class LinkRulesTest {
  private static final byte[] PACKET =
      Packets.ipv4("10.0.1.2", "10.0.2.2", 17, Packets.udp(1, 2, 20));

  private final TestRouter router =
      new TestRouter(
          RouterSettings.defaults(),
          TestRouter.builder(1),
          Interface.builder(2, "eth1.7")
              .port(1)
              .vlan(7)
              .mac(TestRouter.mac(1))
              .address("10.0.2.1/24"),
          Interface.builder(3, "eth1.8.9")
              .port(1)
              .vlan(8, 9)
              .mac(TestRouter.mac(1))
              .address("10.0.3.1/24"));

  private static byte[] frame(byte[] packet) {
    return Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), EtherType.IPV4, packet);
  }

  @Test
  void aTagLeadsToTheInterfaceOfItsVlanAndIsPutOnAgain() {
    router.neighbor(2, "10.0.2.2");
    router.frame(1, frame(PACKET));
    byte[] sent = router.only().frame();
    assertThat(Arrays.copyOfRange(sent, 12, 18))
        .containsExactly(0x81, 0x00, 0x00, 0x07, 0x08, 0x00);
    router.neighbor(1, "10.0.1.2");
    byte[] back = Packets.ipv4("10.0.2.2", "10.0.1.2", 17, Packets.udp(1, 2, 20));
    router.frame(1, Packets.tagged(frame(back), EtherType.VLAN, 7 | 3 << 13));
    assertThat(router.only().type()).isEqualTo(EtherType.IPV4);
  }

  @Test
  void twoTagsLeadToTheInterfaceOfBoth() {
    router.neighbor(3, "10.0.3.2");
    byte[] to = Packets.ipv4("10.0.1.2", "10.0.3.2", 17, Packets.udp(1, 2, 20));
    router.frame(1, frame(to));
    byte[] sent = router.only().frame();
    assertThat(Arrays.copyOfRange(sent, 12, 22))
        .containsExactly(0x88, 0xa8, 0x00, 0x08, 0x81, 0x00, 0x00, 0x09, 0x08, 0x00);
    router.neighbor(1, "10.0.1.2");
    byte[] back = Packets.ipv4("10.0.3.2", "10.0.1.2", 17, Packets.udp(1, 2, 20));
    router.frame(1, Packets.tagged(frame(back), EtherType.SERVICE_VLAN, 8, EtherType.VLAN, 9));
    assertThat(router.only().type()).isEqualTo(EtherType.IPV4);
  }

  @Test
  void aPriorityTagIsNoVlan() {
    router.neighbor(2, "10.0.2.2");
    router.frame(1, Packets.tagged(frame(PACKET), EtherType.VLAN, 5 << 13));
    router.only();
  }

  @Test
  void aVlanNobodyHasIsDropped() {
    router.frame(1, Packets.tagged(frame(PACKET), EtherType.VLAN, 99));
    assertThat(router.drop()).isEqualTo(DropReason.UNKNOWN_VLAN);
    router.frame(5, frame(PACKET));
    assertThat(router.drop()).isEqualTo(DropReason.UNKNOWN_PORT);
  }

  @Test
  void aFrameToAnotherStationIsNotTaken() {
    router.frame(
        1, Packets.ethernet(0x0200_0000_0999L, TestRouter.hostMac(1), EtherType.IPV4, PACKET));
    assertThat(router.drop()).isEqualTo(DropReason.NOT_FOR_US);
  }

  @Test
  void aGroupCannotSendAFrame() {
    router.frame(1, Packets.ethernet(TestRouter.mac(1), 0x0300_0000_0001L, EtherType.IPV4, PACKET));
    assertThat(router.drop()).isEqualTo(DropReason.BAD_SOURCE_MAC);
  }

  @Test
  void framesWithoutAWholeLinkHeaderAreDropped() {
    byte[] tagged = Packets.tagged(frame(PACKET), EtherType.VLAN, 7);
    for (int length = 0; length < 18; length++) {
      router.frame(1, Arrays.copyOf(tagged, length));
      assertThat(router.drop()).isEqualTo(DropReason.FRAME_TOO_SHORT);
    }
  }

  @Test
  void aServiceVlanIsNotTheCustomersOfTheSameNumber() {
    byte[] back = frame(Packets.ipv4("10.0.2.2", "10.0.1.2", 17, Packets.udp(1, 2, 20)));
    for (byte[] frame :
        new byte[][] {
          Packets.tagged(back, EtherType.SERVICE_VLAN, 7),
          Packets.tagged(back, EtherType.OLD_SERVICE_VLAN, 7),
          Packets.tagged(back, EtherType.VLAN, 8, EtherType.VLAN, 9),
          Packets.tagged(back, EtherType.OLD_SERVICE_VLAN, 8, EtherType.VLAN, 9),
          Packets.tagged(back, EtherType.SERVICE_VLAN, 8, EtherType.SERVICE_VLAN, 9)
        }) {
      router.frame(1, frame);
      assertThat(router.drop()).isEqualTo(DropReason.UNKNOWN_VLAN);
    }
    router.neighbor(1, "10.0.1.2");
    router.frame(1, Packets.tagged(back, EtherType.VLAN, 7));
    router.only();
  }

  @Test
  void anInterfaceThatIsDownTakesAndSendsNothing() {
    router.neighbor(2, "10.0.2.2");
    router.router.setUp(2, false);
    router.frame(1, frame(PACKET));
    assertThat(router.drop()).isEqualTo(DropReason.OUTPUT_DOWN);
    router.frame(1, Packets.tagged(frame(PACKET), EtherType.VLAN, 7));
    assertThat(router.drop()).isEqualTo(DropReason.INTERFACE_DOWN);
  }

  @Test
  void anInterfaceThatStaysGoesOnAsItWas() {
    InterfaceBuilder builder = TestRouter.builder(1).detectDuplicates(true);
    TestRouter checked = new TestRouter(RouterSettings.defaults(), builder, TestRouter.builder(2));
    checked.pass(10);
    checked.router.setUp(2, false);
    checked.router.neighbors().heard(1, IpAddress.parse("10.0.1.2"), 0x0200_0000_0101L, 0, true);
    checked.sent.clear();

    checked.router.setTopology(
        Topology.of(List.of(builder.mtu(1400).build(), TestRouter.builder(2).build())));

    assertThat(checked.router.topology().byIndex(1).addresses())
        .allMatch(InterfaceAddress::isPreferred);
    assertThat(checked.router.topology().byIndex(2).isUp()).isFalse();
    assertThat(checked.router.neighbors().size()).isEqualTo(1);
    checked.pass(2);
    assertThat(checked.sent).isEmpty();

    checked.router.setTopology(Topology.of(List.of(builder.mac("02:00:00:00:00:77").build())));

    assertThat(checked.router.neighbors().size()).isZero();
  }

  @Test
  void aMirroredInterfaceShowsItsFramesAsTheyCame() {
    TestRouter mirrored =
        new TestRouter(
            RouterSettings.defaults(), TestRouter.builder(1).mirror(true), TestRouter.builder(2));
    mirrored.neighbor(2, "10.0.2.2");
    mirrored.frame(1, frame(PACKET));
    mirrored.frame(2, frame(PACKET));
    assertThat(mirrored.mirrored).isEqualTo(1);
  }

  @Test
  void contradictionsInAPictureAreRefused() {
    InterfaceBuilder one = TestRouter.builder(1);
    Interface first = one.build();
    assertThatThrownBy(() -> Topology.of(List.of(first, one.build())))
        .hasMessage("interface eth1: index 1 is another's");
    Interface same =
        Interface.builder(9, "x").port(1).mac(TestRouter.mac(1)).address("10.9.0.1/24").build();
    assertThatThrownBy(() -> Topology.of(List.of(first, same)))
        .hasMessage("interface x: another has the same frames of port 1");
    assertThatThrownBy(() -> TestRouter.builder(1).address("10.0.9.255/24").build())
        .hasMessage(
            "interface eth1: 10.0.9.255/24 is the address of a network or of all its stations");
    assertThatThrownBy(() -> TestRouter.builder(1).mtu(1000).build())
        .hasMessage("interface eth1: its MTU of 1000 is too small for IPv6, which needs 1280");
  }
}
