package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.MacAddress;

/** Addresses of ours that another station has, or may have. */
class DuplicateRulesTest {
  private static final String ZERO = "00:00:00:00:00:00";
  private static final String OWNER = "02:00:00:00:01:09";
  private static final String US4 = "10.0.1.1";
  private static final String US6 = "fd00:1::1";

  private TestRouter router;

  /** 10.0.1.1 and fd00:1::1 are checked; 10.0.1.200 and fd00:1::200 are free. */
  private static InterfaceBuilder checked(boolean detect) {
    return TestRouter.builder(1)
        .address("10.0.1.200/24")
        .address("fd00:1::200/64")
        .detectDuplicates(detect);
  }

  @BeforeEach
  void makeRouter() {
    router = new TestRouter(RouterSettings.defaults(), checked(true), TestRouter.builder(2));
    router.neighbor(2, "10.0.2.2");
    router.neighbor(2, "fd00:2::2");
    router.pass(0.1);
  }

  private void frame(long to, int type, byte[] packet) {
    router.frame(1, Packets.ethernet(to, MacAddress.parse(OWNER), type, packet));
  }

  /** Another station says that both addresses are its own. */
  private void claim() {
    frame(Ethernet.BROADCAST, EtherType.ARP, Packets.arp(1, OWNER, US4, ZERO, US4));
    byte[] body = Packets.concat(Packets.address(US6), new byte[] {2, 1}, Packets.mac(OWNER));
    byte[] message = Packets.message(136, 0, 0x20 << 24, body);
    frame(0x3333_0000_0001L, EtherType.IPV6, Packets.icmp6(US6, "ff02::1", 255, message));
  }

  private InterfaceAddress.State state4() {
    return router.router.topology().byIndex(1).find4(IpAddress.parse(US4).ipv4()).state();
  }

  private InterfaceAddress.State state6() {
    IpAddress own = IpAddress.parse(US6);
    return router.router.topology().byIndex(1).find6(own.high(), own.low()).state();
  }

  private void requireStates(InterfaceAddress.State state) {
    assertThat(state4()).isEqualTo(state);
    assertThat(state6()).isEqualTo(state);
  }

  private void reload(InterfaceBuilder first) {
    router.router.setTopology(Topology.of(List.of(first.build(), TestRouter.builder(2).build())));
  }

  @Test
  void theStationThatHasAnAddressOfOursSendsAndReceives() {
    claim();
    requireStates(InterfaceAddress.State.DUPLICATE);
    router.pass(10);
    router.sent.clear();
    router.drops.clear();

    byte[] out = Packets.ipv4(US4, "10.0.2.2", 17, Packets.udp(1, 2, 10));
    router.receive(1, out);
    assertThat(router.only().port()).isEqualTo(2);

    router.receive(2, Packets.ipv4("10.0.2.2", US4, 17, Packets.udp(1, 2, 10)));
    assertThat(router.only().packet())
        .as("it is asked for like any neighbour")
        .isEqualTo(Packets.arp(1, "02:00:00:00:00:01", "10.0.1.200", ZERO, US4));
    frame(
        TestRouter.mac(1),
        EtherType.ARP,
        Packets.arp(2, OWNER, US4, "02:00:00:00:00:01", "10.0.1.200"));
    assertThat(router.only().frame()).startsWith(Packets.mac(OWNER));

    router.receive(2, Packets.udp6("fd00:2::2", US6, Packets.udp(1, 2, 10)));
    assertThat(Packets.address6(router.only().packet(), 48)).isEqualTo(US6);
    byte[] body = Packets.concat(Packets.address(US6), new byte[] {2, 1}, Packets.mac(OWNER));
    byte[] message = Packets.message(136, 0, 0x60 << 24, body);
    frame(TestRouter.mac(1), EtherType.IPV6, Packets.icmp6(US6, "fd00:1::200", 255, message));
    assertThat(router.only().frame()).startsWith(Packets.mac(OWNER));
    assertThat(router.drops).isEmpty();
  }

  @Test
  void aLinkThatComesBackHasItsAddressesCheckedAgain() {
    router.pass(12);
    requireStates(InterfaceAddress.State.PREFERRED);
    router.router.setUp(1, false);
    router.pass(1);
    router.sent.clear();
    router.router.setUp(1, true);
    requireStates(InterfaceAddress.State.TENTATIVE);
    router.pass(12);
    requireStates(InterfaceAddress.State.PREFERRED);
    long probes = router.sent.stream().filter(sent -> sent.type() == EtherType.ARP).count();
    assertThat(probes).as("of two addresses: 3 probes, 2 announcements").isEqualTo(10);
  }

  @Test
  void aDuplicateIsCheckedOnceMoreWhenTheLinkComesBackOrTheConfigurationIsReadAgain() {
    claim();
    router.pass(12);
    requireStates(InterfaceAddress.State.DUPLICATE);

    reload(checked(true).mtu(1400));
    requireStates(InterfaceAddress.State.DUPLICATE);
    router.pass(0.2);
    claim();
    router.pass(12);
    requireStates(InterfaceAddress.State.DUPLICATE);

    router.router.setUp(1, false);
    router.router.setUp(1, true);
    requireStates(InterfaceAddress.State.DUPLICATE);
    router.pass(12);
    requireStates(InterfaceAddress.State.PREFERRED);
  }

  @Test
  void withoutDetectionFromNowOnADuplicateIsUsed() {
    claim();
    requireStates(InterfaceAddress.State.DUPLICATE);
    reload(checked(false));
    requireStates(InterfaceAddress.State.PREFERRED);
    reload(checked(true));
    requireStates(InterfaceAddress.State.PREFERRED);
  }

  @Test
  void aProbeOfOursThatComesBackIsNobodysClaim() {
    for (int i = 0; i < 12; i++) {
      router.pass(0.2);
      List<TestRouter.Sent> sent = List.copyOf(router.sent);
      router.sent.clear();
      sent.stream().filter(each -> each.port() == 1).forEach(each -> router.frame(1, each.frame()));
    }
    assertThat(state6()).isEqualTo(InterfaceAddress.State.PREFERRED);
    router.pass(10);
    requireStates(InterfaceAddress.State.PREFERRED);
  }

  @Test
  void aProbeOfAnotherStationIsAClaimWhateverItsNonce() {
    byte[] body = Packets.concat(Packets.address(US6), new byte[] {14, 1, 1, 2, 3, 4, 5, 6});
    byte[] probe = Packets.icmp6("::", "ff02::1:ff00:1", 255, Packets.message(135, 0, 0, body));
    frame(0x3333_ff00_0001L, EtherType.IPV6, probe);
    assertThat(state6()).isEqualTo(InterfaceAddress.State.DUPLICATE);
  }
}
