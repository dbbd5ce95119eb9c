package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.route.Neighbor;
import org.xdp4j.net.route.NeighborState;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.MacAddress;

class NdRulesTest {
  private static final String HOST_MAC = "02:00:00:00:01:09";
  private static final String HOST = "fd00:1::9";
  private static final String US = "fd00:1::1";
  private static final String OUR_GROUP = "ff02::1:ff00:1";

  private final TestRouter router = new TestRouter();

  private Outcome nd(TestRouter to, byte[] packet) {
    long group =
        Packets.u8(packet, 24) == 0xff
            ? 0x3333_0000_0000L | Packets.i32(packet, 36) & 0xffffffffL
            : TestRouter.mac(1);
    return to.frame(1, Packets.ethernet(group, MacAddress.parse(HOST_MAC), EtherType.IPV6, packet));
  }

  private static byte[] option(int type, String mac) {
    return Packets.concat(new byte[] {(byte) type, 1}, Packets.mac(mac));
  }

  private static byte[] solicitation(String from, String to, int hopLimit, String target) {
    byte[] option = from.equals("::") ? new byte[0] : option(1, HOST_MAC);
    byte[] body = Packets.concat(Packets.address(target), option);
    return Packets.icmp6(from, to, hopLimit, Packets.message(135, 0, 0, body));
  }

  private static byte[] advertisement(String from, String to, int flags, String target) {
    byte[] body = Packets.concat(Packets.address(target), option(2, HOST_MAC));
    return Packets.icmp6(from, to, 255, Packets.message(136, 0, flags << 24, body));
  }

  private Neighbor neighbor(String address) {
    return router.router.neighbors().find(1, IpAddress.parse(address));
  }

  @Test
  void aSolicitationForOurAddressIsAnsweredAndItsSenderLearned() {
    assertThat(nd(router, solicitation(HOST, OUR_GROUP, 255, US))).isEqualTo(Outcome.DELIVERED);
    TestRouter.Sent sent = router.only();
    byte[] answer = sent.packet();
    assertThat(sent.frame()).startsWith(Packets.mac(HOST_MAC));
    assertThat(Packets.isSound6(answer)).isTrue();
    assertThat(Packets.u8(answer, 7)).isEqualTo(255);
    assertThat(Packets.u8(answer, 40)).isEqualTo(136);
    // Router, solicited, override.
    assertThat(Packets.u8(answer, 44)).isEqualTo(0xe0);
    assertThat(Packets.address6(answer, 8)).isEqualTo(US);
    assertThat(Packets.address6(answer, 24)).isEqualTo(HOST);
    assertThat(Packets.address6(answer, 48)).isEqualTo(US);
    assertThat(Packets.from(answer, 64)).isEqualTo(option(2, "02:00:00:00:00:01"));
    assertThat(neighbor(HOST).state()).isEqualTo(NeighborState.STALE);
    assertThat(neighbor(HOST).mac()).isEqualTo(MacAddress.parse(HOST_MAC));
  }

  @Test
  void aSolicitationThatBreaksARuleIsDropped() {
    byte[] good = solicitation(HOST, OUR_GROUP, 255, US);
    byte[] zeroOption =
        Packets.icmp6(
            HOST,
            OUR_GROUP,
            255,
            Packets.message(
                135,
                0,
                0,
                Packets.concat(Packets.address(US), new byte[] {1, 0, 0, 0, 0, 0, 0, 0})));
    byte[] code =
        Packets.icmp6(HOST, OUR_GROUP, 255, Packets.message(135, 1, 0, Packets.address(US)));
    byte[] shorter = Packets.icmp6(HOST, OUR_GROUP, 255, Packets.message(135, 0, 0, new byte[8]));
    byte[] probeWithOption =
        Packets.icmp6(
            "::",
            OUR_GROUP,
            255,
            Packets.message(135, 0, 0, Packets.concat(Packets.address(US), option(1, HOST_MAC))));
    byte[] probeToUs = solicitation("::", US, 255, US);
    for (byte[] bad :
        new byte[][] {
          solicitation(HOST, OUR_GROUP, 254, US),
          zeroOption,
          code,
          shorter,
          probeWithOption,
          probeToUs,
          solicitation(HOST, OUR_GROUP, 255, "ff02::1")
        }) {
      assertThat(nd(router, bad)).isEqualTo(Outcome.DROPPED);
      assertThat(router.drop()).isEqualTo(DropReason.ND_INVALID);
    }
    assertThat(nd(router, Packets.with(good, 42, 1, 2))).isEqualTo(Outcome.DROPPED);
    assertThat(router.drop()).isEqualTo(DropReason.ICMP_MALFORMED);
    assertThat(router.sent).isEmpty();
    assertThat(neighbor(HOST)).isNull();
  }

  @Test
  void packetsWaitForTheAdvertisementAndLeaveInOrder() {
    byte[] packet = Packets.ipv6("fd00:2::2", HOST, 17, Packets.udp(1, 2, 10));
    assertThat(router.receive(2, packet)).isEqualTo(Outcome.HELD);
    assertThat(router.receive(2, packet)).isEqualTo(Outcome.HELD);
    TestRouter.Sent sent = router.only();
    byte[] solicitation = sent.packet();
    assertThat(sent.frame()).startsWith(Packets.mac("33:33:ff:00:00:09"));
    assertThat(Packets.isSound6(solicitation)).isTrue();
    assertThat(Packets.address6(solicitation, 24)).isEqualTo("ff02::1:ff00:9");
    assertThat(Packets.address6(solicitation, 48)).isEqualTo(HOST);
    assertThat(Packets.from(solicitation, 64)).isEqualTo(option(1, "02:00:00:00:00:01"));

    nd(router, advertisement(HOST, US, 0x60, HOST));

    assertThat(router.sent).hasSize(2);
    assertThat(router.sent.get(0).frame()).startsWith(Packets.mac(HOST_MAC));
    assertThat(neighbor(HOST).state()).isEqualTo(NeighborState.REACHABLE);
    assertThat(neighbor(HOST).isRouter()).isFalse();
  }

  @Test
  void anAdvertisementNobodyAskedForMakesNoEntry() {
    assertThat(nd(router, advertisement(HOST, "ff02::1", 0x20, HOST))).isEqualTo(Outcome.DELIVERED);
    assertThat(neighbor(HOST)).isNull();
  }

  @Test
  void anUnaskedAdvertisementDoesNotBringBackWhoWasGivenUp() {
    router.receive(2, Packets.ipv6("fd00:2::2", HOST, 17, Packets.udp(1, 2, 10)));
    router.pass(3.5);
    assertThat(neighbor(HOST).state()).isEqualTo(NeighborState.FAILED);
    nd(router, advertisement(HOST, US, 0x60, HOST));
    assertThat(neighbor(HOST).state()).isEqualTo(NeighborState.FAILED);
  }

  @Test
  void theRoutersAnycastAddressIsResolvedOnItsLink() {
    nd(router, solicitation(HOST, "ff02::1:ff00:0", 255, "fd00:1::"));
    assertThat(router.drops).isEmpty();
    assertThat(router.sent).as("all routers were asked, and do not answer at once").isEmpty();
    router.pass(1.1);
    byte[] answer = router.only().packet();
    assertThat(Packets.address6(answer, 8)).isEqualTo(US);
    assertThat(Packets.address6(answer, 24)).isEqualTo(HOST);
    assertThat(Packets.address6(answer, 48)).isEqualTo("fd00:1::");
    assertThat(Packets.u8(answer, 44)).as("router, solicited, no override").isEqualTo(0xc0);

    nd(router, solicitation(HOST, "fd00:1::", 255, "fd00:1::"));
    assertThat(Packets.u8(router.only().packet(), 44)).as("asked alone").isEqualTo(0xc0);
    nd(router, solicitation(HOST, "ff02::1:ff00:0", 255, "fd00:2::"));
    router.pass(1.1);
    assertThat(router.sent).as("the address of another link").isEmpty();
  }

  @Test
  void aSenderOffTheLinkIsAnsweredAndNotLearned() {
    nd(router, solicitation("2001:db8::9", OUR_GROUP, 255, US));
    byte[] answer = router.only().packet();
    assertThat(Packets.address6(answer, 24)).isEqualTo("2001:db8::9");
    assertThat(neighbor("2001:db8::9")).isNull();
    nd(router, solicitation("fe80::9", OUR_GROUP, 255, US));
    assertThat(neighbor("fe80::9").state()).isEqualTo(NeighborState.STALE);
  }

  @Test
  void aSolicitedAdvertisementToAGroupIsInvalid() {
    nd(router, advertisement(HOST, "ff02::1", 0x60, HOST));
    assertThat(router.drop()).isEqualTo(DropReason.ND_INVALID);
  }

  @Test
  void aProbeForOurAddressIsAnsweredToAll() {
    nd(router, solicitation("::", OUR_GROUP, 255, US));
    byte[] answer = router.only().packet();
    assertThat(Packets.address6(answer, 24)).isEqualTo("ff02::1");
    assertThat(Packets.u8(answer, 44)).isEqualTo(0xa0);
  }

  private static TestRouter checking() {
    return new TestRouter(
        RouterSettings.defaults(),
        Interface.builder(1, "eth1")
            .port(1)
            .mac(TestRouter.mac(1))
            .address("fd00:1::1/64")
            .detectDuplicates(true));
  }

  @Test
  void anAddressIsProbedBeforeItIsUsed() {
    TestRouter fresh = checking();
    nd(fresh, solicitation(HOST, OUR_GROUP, 255, US));
    assertThat(fresh.sent).isEmpty();
    fresh.pass(2.2);
    assertThat(fresh.sent).hasSize(2);
    assertThat(fresh.sent)
        .allMatch(probe -> Packets.address6(probe.packet(), 8).equals("::"))
        .anyMatch(probe -> Packets.address6(probe.packet(), 48).equals(US));
    fresh.sent.clear();
    nd(fresh, solicitation(HOST, OUR_GROUP, 255, US));
    fresh.only();
  }

  @Test
  void anAddressAnotherStationHasOrWantsIsNotUsed() {
    for (byte[] claim :
        new byte[][] {
          advertisement(US, "ff02::1", 0x20, US), solicitation("::", OUR_GROUP, 255, US)
        }) {
      TestRouter fresh = checking();
      fresh.pass(0.1);
      nd(fresh, claim);
      fresh.pass(3);
      assertThat(fresh.router.topology().byIndex(1).find6(0xfd000001L << 32, 1).state())
          .isEqualTo(InterfaceAddress.State.DUPLICATE);
    }
  }

  @Test
  void anAnswerToASolicitationIsDelayedByChance() {
    TestRouter advertising =
        new TestRouter(RouterSettings.defaults(), TestRouter.builder(1).advertise(true));
    advertising.pass(10);
    advertising.only();
    nd(advertising, solicitationOfRouters());
    assertThat(advertising.sent).isEmpty();
    advertising.pass(0.6);
    advertising.only();
  }

  @Test
  void anInterfaceWithOtherPrefixesTellsThem() {
    TestRouter advertising =
        new TestRouter(RouterSettings.defaults(), TestRouter.builder(1).advertise(true));
    advertising.pass(60);
    advertising.sent.clear();
    advertising.router.setTopology(
        Topology.of(
            List.of(TestRouter.builder(1).advertise(true).address("fd00:77::1/64").build()),
            List.of()));
    advertising.pass(0.1);
    assertThat(Packets.u16(advertising.only().packet(), 4)).isEqualTo(32 + 2 * 32);
    advertising.pass(40);
    assertThat(advertising.sent).hasSize(2);
  }

  @Test
  void prefixesThatOneMessageHasNoRoomForGoIntoMore() {
    InterfaceBuilder many = TestRouter.builder(1).advertise(true).mtu(1280);
    for (int i = 0; i < 60; i++) {
      many.address("fd00:99:0:" + i + "::1/64").address("fd00:99:0:" + i + "::2/64");
    }
    TestRouter advertising = new TestRouter(RouterSettings.defaults(), many);
    advertising.pass(0.1);
    assertThat(advertising.sent).hasSize(2);
    int prefixes = 0;
    for (TestRouter.Sent each : advertising.sent) {
      assertThat(each.packet().length).isLessThanOrEqualTo(1280);
      prefixes += (Packets.u16(each.packet(), 4) - 32) / 32;
    }
    assertThat(prefixes).isEqualTo(61);
  }

  private static byte[] solicitationOfRouters() {
    return Packets.icmp6(
        "fe80::9", "ff02::2", 255, Packets.message(133, 0, 0, option(1, HOST_MAC)));
  }

  @Test
  void theRouterAdvertisesItsPrefixesAndAnswersSolicitations() {
    TestRouter advertising =
        new TestRouter(
            RouterSettings.defaults(),
            TestRouter.builder(1).advertise(true).mtu(1400),
            TestRouter.builder(2));
    advertising.pass(0.1);
    TestRouter.Sent sent = advertising.only();
    byte[] message = sent.packet();
    assertThat(sent.port()).isEqualTo(1);
    assertThat(sent.frame()).startsWith(Packets.mac("33:33:00:00:00:01"));
    assertThat(Packets.isSound6(message)).isTrue();
    assertThat(Packets.u8(message, 7)).isEqualTo(255);
    assertThat(Packets.address6(message, 8)).isEqualTo("fe80::ff:fe00:1");
    assertThat(Packets.u8(message, 40)).isEqualTo(134);
    assertThat(Packets.u8(message, 44)).isEqualTo(64);
    assertThat(Packets.u16(message, 46)).isEqualTo(1800);
    assertThat(Packets.i32(message, 68)).isEqualTo(1400);
    assertThat(Arrays.copyOfRange(message, 72, 76)).containsExactly(3, 4, 64, (byte) 0xc0);
    assertThat(Packets.address6(message, 88)).isEqualTo("fd00:1::");

    nd(advertising, solicitationOfRouters());
    assertThat(advertising.sent).isEmpty();
    advertising.pass(2.8);
    assertThat(advertising.sent).isEmpty();
    advertising.pass(0.3);
    advertising.only();
    advertising.pass(40);
    assertThat(advertising.sent).hasSize(1);
    advertising.pass(600);
    assertThat(advertising.sent.size()).isBetween(2, 5);
  }

  @Test
  void aRouterSolicitationThatBreaksARuleIsDropped() {
    byte[] bad =
        Packets.icmp6("::", "ff02::2", 255, Packets.message(133, 0, 0, option(1, HOST_MAC)));
    nd(router, bad);
    assertThat(router.drop()).isEqualTo(DropReason.ND_INVALID);
    nd(router, Packets.icmp6("fe80::9", "ff02::2", 64, Packets.message(133, 0, 0, new byte[0])));
    assertThat(router.drop()).isEqualTo(DropReason.ND_INVALID);
  }

  @Test
  void groupsNobodyListensToAreDropped() {
    nd(router, solicitation(HOST, "ff02::1:ff00:77", 255, "fd00:1::77"));
    assertThat(router.drop()).isEqualTo(DropReason.MULTICAST);
  }

  private static TestRouter advertising() {
    TestRouter router =
        new TestRouter(
            RouterSettings.defaults(),
            TestRouter.builder(1).advertise(true),
            TestRouter.builder(2).advertise(true));
    router.pass(60);
    router.sent.clear();
    return router;
  }

  /** Changes the interfaces as an owner of stacks does. */
  private static void change(TestRouter router, Interface... interfaces) {
    Topology fresh = Topology.of(List.of(interfaces));
    if (router.router.leaveFor(fresh)) {
      router.stack.sayFarewells(router.now);
    }
    router.router.setTopology(fresh);
    router.requireBalance();
  }

  /** Checks that the only frame sent, by port 1, tells hosts that there is no router any more. */
  private static void requireFarewell(TestRouter router) {
    TestRouter.Sent sent = router.only();
    byte[] message = sent.packet();
    assertThat(sent.port()).isEqualTo(1);
    assertThat(Packets.isSound6(message)).isTrue();
    assertThat(Packets.address6(message, 8)).isEqualTo("fe80::ff:fe00:1");
    assertThat(Packets.u8(message, 40)).isEqualTo(134);
    assertThat(Packets.u16(message, 46)).as("lifetime").isZero();
    router.pass(700);
    assertThat(router.sent).allSatisfy(each -> assertThat(each.port()).isEqualTo(2));
    router.sent.clear();
  }

  @Test
  void hostsAreToldWhenARouterLeaves() {
    TestRouter router = advertising();
    Interface second = TestRouter.builder(2).advertise(true).build();
    change(router, second);
    requireFarewell(router);

    router = advertising();
    change(router, TestRouter.builder(1).build(), second);
    requireFarewell(router);
    change(router, TestRouter.builder(1).advertise(true).build(), second);
    router.pass(0.1);
    assertThat(Packets.u16(router.only().packet(), 46)).isEqualTo(1800);

    router = advertising();
    router.router.leaveFor(Topology.EMPTY);
    router.stack.sayFarewells(router.now);
    assertThat(router.sent).hasSize(2);
    router.pass(700);
    assertThat(router.sent).hasSize(2);
  }

  @Test
  void hostsAreToldWhenARouterAdvertisesFromAnotherAddress() {
    InterfaceBuilder before = TestRouter.builder(1).address("fe80::1/64").advertise(true);
    TestRouter router = new TestRouter(RouterSettings.defaults(), before);
    router.pass(60);
    router.sent.clear();
    change(router, TestRouter.builder(1).address("fe80::2/64").advertise(true).build());
    byte[] last = router.only().packet();
    assertThat(Packets.address6(last, 8)).isEqualTo("fe80::1");
    assertThat(Packets.u16(last, 46)).as("lifetime").isZero();
    router.sent.clear();
    router.pass(4);

    byte[] first =
        router.sent.stream()
            .map(TestRouter.Sent::packet)
            .filter(each -> Packets.u8(each, 40) == 134)
            .findFirst()
            .orElseThrow();
    assertThat(Packets.address6(first, 8)).isEqualTo("fe80::2");
    assertThat(Packets.u16(first, 46)).isEqualTo(1800);
  }

  @Test
  void whoNeverAdvertisedSaysNoFarewell() {
    TestRouter router =
        new TestRouter(
            RouterSettings.defaults(),
            TestRouter.builder(1).advertise(true),
            TestRouter.builder(2));
    change(router);
    assertThat(router.sent).isEmpty();
  }

  @Test
  void aPrefixThatIsNoLongerOnTheLinkIsTakenBack() {
    TestRouter router = advertising();
    InterfaceBuilder other =
        Interface.builder(1, "eth1").port(1).mac(TestRouter.mac(1)).advertise(true);
    Interface fresh = other.address("fd00:77::1/64").build();
    Interface second = TestRouter.builder(2).advertise(true).build();
    change(router, fresh, second);
    router.pass(40);
    List<byte[]> told =
        router.sent.stream().filter(each -> each.port() == 1).map(TestRouter.Sent::packet).toList();
    assertThat(told).hasSize(3);
    for (byte[] message : told) {
      assertThat(Packets.u16(message, 46)).isEqualTo(1800);
      assertThat(Packets.u16(message, 4)).isEqualTo(32 + 2 * 32);
      assertThat(Packets.address6(message, 88)).isEqualTo("fd00:77::");
      assertThat(Packets.i32(message, 76)).isEqualTo(2_592_000);
      assertThat(Packets.address6(message, 120)).isEqualTo("fd00:1::");
      assertThat(Packets.i32(message, 108)).as("valid").isZero();
      assertThat(Packets.i32(message, 112)).as("preferred").isZero();
    }
    router.sent.clear();
    router.pass(700);
    assertThat(router.sent)
        .isNotEmpty()
        .allSatisfy(each -> assertThat(Packets.u16(each.packet(), 4)).isEqualTo(32 + 32));
  }

  @Test
  void aPrefixThatComesBackIsNotTakenBack() {
    TestRouter router = advertising();
    Interface second = TestRouter.builder(2).advertise(true).build();
    InterfaceBuilder other =
        Interface.builder(1, "eth1").port(1).mac(TestRouter.mac(1)).advertise(true);
    change(router, other.address("fd00:77::1/64").build(), second);
    change(router, TestRouter.builder(1).advertise(true).build(), second);
    router.pass(0.1);
    byte[] message = router.sent.get(0).packet();
    assertThat(Packets.address6(message, 88)).isEqualTo("fd00:1::");
    assertThat(Packets.i32(message, 76)).isEqualTo(2_592_000);
    assertThat(Packets.address6(message, 120)).isEqualTo("fd00:77::");
    assertThat(Packets.i32(message, 108)).isZero();
  }
}
