package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.MacAddress;

class MldRulesTest {
  private static final String QUERIER_MAC = "02:00:00:00:01:09";
  private static final String QUERIER = "fe80::9";
  private static final String LINK_LOCAL = "fe80::ff:fe00:1";
  private static final int QUERY = 130;
  private static final int DONE = 132;
  private static final int IS_EXCLUDE = 2;
  private static final int TO_INCLUDE = 3;
  private static final int TO_EXCLUDE = 4;

  /** Of fd00:1::1 and fd00:1::, of the link-local address, and of all routers. */
  private static final String[] GROUPS = {"ff02::2", "ff05::2", "ff02::1:ff00:1", "ff02::1:ff00:0"};

  private TestRouter router(InterfaceBuilder builder) {
    return new TestRouter(RouterSettings.defaults(), builder);
  }

  /** The groups of a router that has said what it says of its own accord. */
  private TestRouter settled() {
    TestRouter router = router(TestRouter.builder(1));
    router.pass(12);
    router.reports.clear();
    return router;
  }

  private static Outcome hear(TestRouter router, byte[] packet) {
    long to = 0x3333_0000_0000L | Packets.i32(packet, 36) & 0xffffffffL;
    return router.frame(
        1, Packets.ethernet(to, MacAddress.parse(QUERIER_MAC), EtherType.IPV6, packet));
  }

  private static byte[] query(int maxDelay, String group, int... sources) {
    byte[] tail = new byte[4 + sources.length * 16];
    tail[0] = 2;
    tail[1] = 125;
    tail[3] = (byte) sources.length;
    byte[] body = Packets.concat(Packets.address(group), tail);
    byte[] message = Packets.message(QUERY, 0, maxDelay << 16, body);
    String to = group.equals("::") ? "ff02::1" : group;
    return Packets.listener(QUERIER, to, message);
  }

  private static byte[] oldMessage(int type, String from, int maxDelay, String group) {
    byte[] message = Packets.message(type, 0, maxDelay << 16, Packets.address(group));
    return Packets.listener(from, group.equals("::") ? "ff02::1" : group, message);
  }

  /** The records of reports of version 2, each as "KIND GROUP", which are otherwise right. */
  private static List<String> records(TestRouter router, String from) {
    List<String> records = new ArrayList<>();
    for (TestRouter.Sent sent : router.reports) {
      byte[] packet = sent.packet();
      assertThat(sent.frame()).startsWith(Packets.mac("33:33:00:00:00:16"));
      assertThat(Packets.address6(packet, 8)).isEqualTo(from);
      assertThat(Packets.address6(packet, 24)).isEqualTo("ff02::16");
      assertThat(Packets.u8(packet, 48)).isEqualTo(143);
      requireSound(packet);
      int count = Packets.u16(packet, 54);
      assertThat(packet).hasSize(56 + count * 20);
      for (int at = 56; at < packet.length; at += 20) {
        assertThat(Packets.i32(packet, at) & 0xffffff).isZero();
        records.add(Packets.u8(packet, at) + " " + Packets.address6(packet, at + 4));
      }
    }
    router.reports.clear();
    return records;
  }

  /** The messages of version 1, each as "TYPE GROUP", which are otherwise right. */
  private static List<String> oldMessages(TestRouter router) {
    List<String> messages = new ArrayList<>();
    for (TestRouter.Sent sent : router.reports) {
      byte[] packet = sent.packet();
      int type = Packets.u8(packet, 48);
      String group = Packets.address6(packet, 56);
      requireSound(packet);
      assertThat(packet).hasSize(72);
      assertThat(Packets.address6(packet, 24)).isEqualTo(type == DONE ? "ff02::2" : group);
      messages.add(type + " " + group);
    }
    router.reports.clear();
    return messages;
  }

  /** Hop limit 1, a router alert of value 0, a right checksum. */
  private static void requireSound(byte[] packet) {
    assertThat(Packets.u8(packet, 7)).isEqualTo(1);
    assertThat(Packets.i32(packet, 40)).isEqualTo(0x3a000502);
    assertThat(Packets.i32(packet, 44)).isEqualTo(0x00000100);
    byte[] message = Packets.from(packet, 48);
    byte[] again =
        Packets.listener(
            Packets.address6(packet, 8), Packets.address6(packet, 24), message.clone());
    assertThat(packet).isEqualTo(again);
  }

  private static String[] each(int kind, String... groups) {
    String[] records = new String[groups.length];
    for (int i = 0; i < groups.length; i++) {
      records[i] = kind + " " + groups[i];
    }
    return records;
  }

  @Test
  void theGroupsOfAnInterfaceAreReportedTwice() {
    TestRouter router = router(TestRouter.builder(1));
    router.stack.tick(router.now);
    assertThat(router.reports).hasSize(1);
    assertThat(records(router, LINK_LOCAL)).containsExactlyInAnyOrder(each(TO_EXCLUDE, GROUPS));
    router.pass(1.1);
    assertThat(router.reports).hasSize(1);
    assertThat(records(router, LINK_LOCAL)).containsExactlyInAnyOrder(each(TO_EXCLUDE, GROUPS));
    router.pass(300);
    assertThat(router.reports).isEmpty();
  }

  @Test
  void aHostReportsNoGroupOfRouters() {
    TestRouter host = router(TestRouter.builder(1).forwarding(false));
    host.stack.tick(host.now);
    assertThat(records(host, LINK_LOCAL)).containsExactly(each(TO_EXCLUDE, "ff02::1:ff00:1"));
    TestRouter without =
        router(Interface.builder(1, "eth1").port(1).mac(TestRouter.mac(1)).address("10.0.1.1/24"));
    without.pass(5);
    assertThat(without.reports).isEmpty();
  }

  @Test
  void anAddressIsReportedBeforeItIsProbedAndAgainWithAnAddressOfTheLink() {
    TestRouter router = router(TestRouter.builder(1).detectDuplicates(true));
    router.stack.tick(router.now);
    assertThat(router.sent).isEmpty();
    assertThat(records(router, "::")).contains("4 ff02::1:ff00:1");
    router.pass(1.1);
    assertThat(router.sent).isNotEmpty();
    router.reports.clear();
    router.pass(3.5);
    assertThat(records(router, LINK_LOCAL)).contains(each(TO_EXCLUDE, GROUPS));
  }

  @Test
  void aGroupThatComesOrGoesIsToldWithoutTheOthers() {
    TestRouter router = settled();
    Interface before = router.router.topology().byIndex(1);
    Interface fresh = TestRouter.builder(1).address("fd00:1::1:2345/64").build();
    router.router.setTopology(Topology.of(List.of(fresh)));
    router.pass(1.5);
    assertThat(records(router, LINK_LOCAL))
        .containsExactly("4 ff02::1:ff01:2345", "4 ff02::1:ff01:2345");
    assertThat(before.listener).isSameAs(fresh.listener);

    router.router.setTopology(Topology.of(List.of(TestRouter.builder(1).build())));
    router.pass(1.5);
    String left = TO_INCLUDE + " ff02::1:ff01:2345";
    assertThat(records(router, LINK_LOCAL)).containsExactly(left, left);
    hear(router, query(0, "::"));
    router.pass(0.1);
    assertThat(records(router, LINK_LOCAL)).doesNotContain("2 ff02::1:ff01:2345").hasSize(4);
  }

  @Test
  void aLinkThatComesBackIsToldAllGroups() {
    TestRouter router = settled();
    router.router.setUp(1, false);
    router.pass(1);
    assertThat(router.reports).isEmpty();
    router.router.setUp(1, true);
    router.pass(0.1);
    assertThat(records(router, LINK_LOCAL)).containsExactlyInAnyOrder(each(TO_EXCLUDE, GROUPS));
  }

  @Test
  void aGeneralQueryIsAnsweredOnceWithAllGroupsAfterADelay() {
    TestRouter router = settled();
    assertThat(hear(router, query(10_000, "::"))).isEqualTo(Outcome.DELIVERED);
    double waited = 0;
    while (router.reports.isEmpty() && waited < 11) {
      router.pass(0.1);
      waited += 0.1;
    }
    assertThat(waited).isBetween(0.1, 10.05);
    assertThat(router.reports).hasSize(1);
    assertThat(records(router, LINK_LOCAL)).containsExactlyInAnyOrder(each(IS_EXCLUDE, GROUPS));
    router.pass(30);
    assertThat(router.reports).isEmpty();
  }

  @Test
  void delaysAreOthersEachTimeAndOnEachStation() {
    List<Long> delays = new ArrayList<>();
    for (int station = 1; station <= 3; station++) {
      TestRouter router = router(TestRouter.builder(1).mac(TestRouter.mac(station)));
      router.pass(12);
      for (int i = 0; i < 5; i++) {
        router.reports.clear();
        hear(router, query(10_000, "::"));
        long asked = router.now;
        while (router.reports.isEmpty()) {
          router.pass(0.1);
        }
        delays.add((router.now - asked) / 100_000_000);
      }
    }
    assertThat(delays.stream().distinct().count()).isGreaterThan(9);
    assertThat(delays).allSatisfy(delay -> assertThat(delay).isBetween(1L, 100L));
  }

  @Test
  void aQueryAboutAGroupIsAnsweredForThatGroupOnly() {
    TestRouter router = settled();
    hear(router, query(1000, "ff02::1:ff00:1"));
    hear(router, query(1000, "ff02::1:ff00:1", 1));
    router.pass(2.1);
    assertThat(records(router, LINK_LOCAL)).containsExactly("2 ff02::1:ff00:1");
    hear(router, query(1000, "ff02::1:ff00:77"));
    router.pass(2.1);
    assertThat(router.reports).isEmpty();
    // One about all that is sooner will do.
    hear(router, query(0, "::"));
    hear(router, query(10_000, "ff02::1:ff00:1"));
    router.pass(12);
    assertThat(records(router, LINK_LOCAL)).hasSize(4);
  }

  @Test
  void aLongDelayIsWrittenAsAFloatingPointNumber() {
    TestRouter router = settled();
    // Mantissa 0x1fff, exponent 7 + 3: 8387584 ms, nearly two and a half hours.
    hear(router, query(0xffff, "::"));
    router.pass(70);
    assertThat(router.reports).isEmpty();
  }

  @Test
  void moreGroupsThanOneReportHasRoomForGoIntoMore() {
    InterfaceBuilder builder = TestRouter.builder(1).mtu(1280);
    for (int i = 2; i < 100; i++) {
      builder.address("fd00:1::" + i + "/64");
    }
    TestRouter router = router(builder);
    router.stack.tick(router.now);
    assertThat(router.reports).hasSize(2);
    assertThat(router.reports)
        .allSatisfy(sent -> assertThat(sent.packet().length).isLessThanOrEqualTo(1280));
    assertThat(records(router, LINK_LOCAL)).doesNotHaveDuplicates().hasSize(102);
  }

  @Test
  void aQueryThatBreaksARuleIsDropped() {
    TestRouter router = settled();
    byte[] good = query(0, "::");
    byte[] message = Packets.from(good, 48);
    byte[] noAlert = Packets.with(good, 42, 1, 2);
    byte[] otherAlert = Packets.with(good, 45, 1);
    for (byte[] bad :
        new byte[][] {
          Packets.with(good, 7, 64),
          noAlert,
          otherAlert,
          Packets.listener("fd00:1::9", "ff02::1", message),
          Packets.listener("::", "ff02::1", message),
          Packets.listener(QUERIER, "ff02::1", Packets.message(QUERY, 0, 0, new byte[17])),
          Packets.listener(QUERIER, "ff02::1", Packets.message(QUERY, 0, 0, new byte[8])),
          Packets.icmp6(QUERIER, "ff02::1", 1, message)
        }) {
      assertThat(hear(router, bad)).isEqualTo(Outcome.DROPPED);
      assertThat(router.drop()).isEqualTo(DropReason.MLD_INVALID);
    }
    assertThat(hear(router, Packets.with(good, 50, 1, 2))).isEqualTo(Outcome.DROPPED);
    assertThat(router.drop()).isEqualTo(DropReason.ICMP_MALFORMED);
    router.pass(11);
    assertThat(router.reports).isEmpty();
  }

  @Test
  void whereAQuerierSpeaksVersion1SoDoWe() {
    TestRouter router = settled();
    hear(router, oldMessage(QUERY, QUERIER, 1000, "::"));
    router.pass(1.1);
    assertThat(oldMessages(router)).containsExactlyInAnyOrder(each(131, GROUPS));
    hear(router, query(1000, "::"));
    router.pass(1.1);
    assertThat(oldMessages(router)).containsExactlyInAnyOrder(each(131, GROUPS));
    hear(router, oldMessage(QUERY, QUERIER, 0, "ff02::1:ff00:1"));
    router.pass(0.1);
    assertThat(oldMessages(router)).containsExactly("131 ff02::1:ff00:1");
    // 2 times 125 s and 10 s after the last of its queries nobody does any more.
    router.pass(259);
    hear(router, query(0, "::"));
    router.pass(0.1);
    assertThat(oldMessages(router)).hasSize(4);
    router.pass(1);
    hear(router, query(0, "::"));
    router.pass(0.1);
    assertThat(records(router, LINK_LOCAL)).containsExactlyInAnyOrder(each(IS_EXCLUDE, GROUPS));
  }

  @ParameterizedTest
  @ValueSource(strings = {QUERIER, "::"})
  void inVersion1AnotherStationsReportWillDo(String from) {
    TestRouter router = settled();
    hear(router, oldMessage(QUERY, QUERIER, 1000, "::"));
    hear(router, oldMessage(131, from, 0, "ff02::1:ff00:1"));
    router.pass(1.1);
    assertThat(oldMessages(router)).hasSize(3).doesNotContain("131 ff02::1:ff00:1");
  }

  @Test
  void inVersion1WhoSpokeLastSaysThatItLeaves() {
    TestRouter router = settled();
    hear(router, oldMessage(QUERY, QUERIER, 0, "::"));
    Interface fresh =
        TestRouter.builder(1).address("fd00:1::12/64").address("fd00:1::13/64").build();
    router.router.setTopology(Topology.of(List.of(fresh)));
    router.pass(15);
    assertThat(oldMessages(router)).contains("131 ff02::1:ff00:12", "131 ff02::1:ff00:13");
    hear(router, oldMessage(131, QUERIER, 0, "ff02::1:ff00:12"));
    router.router.setTopology(Topology.of(List.of(TestRouter.builder(1).build())));
    router.pass(15);
    assertThat(oldMessages(router)).containsExactly("132 ff02::1:ff00:13");
  }

  @Test
  void aDuplicatesGroupIsLeft() {
    TestRouter router = router(TestRouter.builder(1).detectDuplicates(true).mac(TestRouter.mac(5)));
    router.pass(1.1);
    byte[] body = Packets.concat(Packets.address("fd00:1::1"), new byte[] {2, 1}, new byte[6]);
    byte[] claim = Packets.icmp6("fd00:1::1", "ff02::1", 255, Packets.message(136, 0, 0, body));
    hear(router, claim);
    router.reports.clear();
    router.pass(1);
    assertThat(records(router, "fe80::ff:fe00:5")).contains("3 ff02::1:ff00:1");
  }
}
