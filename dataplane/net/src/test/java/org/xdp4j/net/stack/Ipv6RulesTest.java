package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;

class Ipv6RulesTest {
  private static final int UDP = 17;
  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int DESTINATION = 60;

  private final TestRouter router = new TestRouter();

  private static byte[] packet(String from, String to) {
    return Packets.ipv6(from, to, UDP, Packets.udp(1000, 53, 30));
  }

  private static byte[] good() {
    return packet("fd00:1::2", "fd00:2::2");
  }

  private void isDropped(byte[] packet, DropReason reason) {
    assertThat(router.receive(1, packet)).isEqualTo(Outcome.DROPPED);
    assertThat(router.drop()).isEqualTo(reason);
  }

  private void isDroppedSilently(byte[] packet, DropReason reason) {
    isDropped(packet, reason);
    assertThat(router.sent).isEmpty();
  }

  /** Checks the only packet sent: an ICMPv6 error of this type, code and rest. */
  private byte[] error(int type, int code, int rest) {
    byte[] error = router.only().packet();
    assertThat(Packets.isSound6(error)).isTrue();
    assertThat(Packets.u8(error, 40)).isEqualTo(type);
    assertThat(Packets.u8(error, 41)).isEqualTo(code);
    assertThat(Packets.i32(error, 44)).isEqualTo(rest);
    return error;
  }

  @Test
  void aPacketIsForwardedWithOneHopLessAndOtherwiseAsItCame() {
    assertThat(router.receive(1, good())).isEqualTo(Outcome.TRANSMITTED);
    TestRouter.Sent sent = router.only();
    assertThat(sent.port()).isEqualTo(2);
    assertThat(sent.frame())
        .isEqualTo(
            Packets.ethernet(
                TestRouter.hostMac(2),
                TestRouter.mac(2),
                EtherType.IPV6,
                Packets.with(good(), 7, 63)));
  }

  @Test
  void aPacketCutShortOrOfAnotherVersionIsDropped() {
    for (int length = 0; length < good().length; length++) {
      byte[] cut = Arrays.copyOf(good(), length);
      router.frame(
          1, Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), EtherType.IPV6, cut));
      assertThat(router.drop()).isEqualTo(DropReason.IPV6_TRUNCATED);
    }
    router.frame(
        1,
        Packets.ethernet(
            TestRouter.mac(1),
            TestRouter.hostMac(1),
            EtherType.IPV6,
            Packets.with(good(), 0, 0x40)));
    assertThat(router.drop()).isEqualTo(DropReason.IPV6_BAD_HEADER);
  }

  @Test
  void paddingOfTheLinkIsCutOff() {
    router.receive(1, Packets.concat(good(), new byte[9]));
    assertThat(router.only().packet()).hasSize(good().length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ff02::1", "::1", "::ffff:10.0.0.1", "::"})
  void aSourceThatIsNoStationIsNotForwarded(String source) {
    isDroppedSilently(packet(source, "fd00:2::2"), DropReason.MARTIAN_SOURCE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"::", "::1", "ff01::1", "ff00::1", "::ffff:10.0.2.2"})
  void aDestinationThatIsNeverOnALinkIsDropped(String destination) {
    isDroppedSilently(packet("fd00:1::2", destination), DropReason.MARTIAN_DESTINATION);
  }

  @Test
  void linkLocalAddressesStayOnTheirLink() {
    isDroppedSilently(packet("fd00:1::2", "fe80::9"), DropReason.LINK_LOCAL);
    byte[] packet = packet("fe80::9", "fd00:2::2");
    router.neighbor(1, "fe80::9");
    isDropped(packet, DropReason.LINK_LOCAL);
    byte[] error = error(1, 2, 0);
    assertThat(Packets.address6(error, 24)).isEqualTo("fe80::9");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aHopLimitThatRunsOutIsToldToTheSender(int hopLimit) {
    byte[] packet = Packets.ipv6("fd00:1::2", "fd00:2::2", UDP, hopLimit, Packets.udp(1, 2, 10));
    isDropped(packet, DropReason.TTL_EXCEEDED);
    byte[] error = error(3, 0, 0);
    assertThat(Packets.from(error, 48)).isEqualTo(packet);
    assertThat(Packets.address6(error, 8)).isEqualTo("fd00:1::1");
  }

  @Test
  void routesOfAllKindsDoWhatTheySay() {
    isDropped(packet("fd00:1::2", "2001:db8::1"), DropReason.NO_ROUTE);
    error(1, 0, 0);
    router.special("2001:db8:1::/48", RouteType.BLACKHOLE);
    router.special("2001:db8:2::/48", RouteType.UNREACHABLE);
    router.special("2001:db8:3::/48", RouteType.PROHIBIT);
    router.route("2001:db8:4::/48", 2, "fd00:2::2");
    isDroppedSilently(packet("fd00:1::2", "2001:db8:1::1"), DropReason.BLACKHOLE);
    isDropped(packet("fd00:1::2", "2001:db8:2::1"), DropReason.UNREACHABLE_ROUTE);
    error(1, 0, 0);
    isDropped(packet("fd00:1::2", "2001:db8:3::1"), DropReason.PROHIBITED_ROUTE);
    error(1, 1, 0);
    assertThat(router.receive(1, packet("fd00:1::2", "2001:db8:4::1")))
        .isEqualTo(Outcome.TRANSMITTED);
  }

  @Test
  void aPacketLargerThanTheMtuIsRefusedWithTheMtu() {
    byte[] packet = Packets.ipv6("fd00:1::2", "fd00:3::2", UDP, Packets.udp(1, 2, 1300));
    isDropped(packet, DropReason.FRAGMENTATION_NEEDED);
    byte[] error = error(2, 0, 1300);
    assertThat(error).hasSize(1280);
    assertThat(Packets.from(error, 48)).isEqualTo(Arrays.copyOf(packet, 1232));
  }

  @Test
  void aNextHopThatDoesNotAnswerIsUnreachable() {
    byte[] packet = packet("fd00:1::2", "fd00:2::99");
    assertThat(router.receive(1, packet)).isEqualTo(Outcome.HELD);
    router.pass(5);
    assertThat(router.drop()).isEqualTo(DropReason.NEIGHBOR_FAILED);
    byte[] last = router.sent.removeLast().packet();
    router.sent.clear();
    assertThat(Packets.u16(last, 40)).isEqualTo(1 << 8 | 3);
    assertThat(Packets.u8(last, 48 + 7)).isEqualTo(64);
  }

  @Test
  void aPacketToOneInAFrameToManyIsNotTaken() {
    router.frame(
        1, Packets.ethernet(Ethernet.BROADCAST, TestRouter.hostMac(1), EtherType.IPV6, good()));
    assertThat(router.drop()).isEqualTo(DropReason.LINK_BROADCAST);
  }

  @Test
  void sourcesAreCheckedAgainstTheReversePath() {
    TestRouter strict =
        new TestRouter(
            RouterSettings.defaults(),
            TestRouter.builder(1).reversePath(ReversePath.STRICT),
            TestRouter.builder(2));
    strict.neighbor(2, "fd00:2::2");
    strict.receive(1, packet("fd00:2::9", "fd00:2::2"));
    assertThat(strict.drop()).isEqualTo(DropReason.REVERSE_PATH);
    strict.receive(1, packet("fd00:2::1", "fd00:2::2"));
    assertThat(strict.drop()).isEqualTo(DropReason.MARTIAN_SOURCE);
    assertThat(strict.receive(1, good())).isEqualTo(Outcome.TRANSMITTED);
  }

  @Test
  void anEchoIsAnsweredWithItsData() {
    byte[] request =
        Packets.icmp6("fd00:1::2", "fd00:2::1", 64, Packets.message(128, 0, 0x10002, new byte[9]));
    assertThat(router.receive(1, request)).isEqualTo(Outcome.TRANSMITTED);
    byte[] reply = router.only().packet();
    assertThat(reply)
        .isEqualTo(
            Packets.icmp6(
                "fd00:2::1", "fd00:1::2", 64, Packets.message(129, 0, 0x10002, new byte[9])));
  }

  @Test
  void anEchoToAGroupIsAnsweredFromAnAddressOfTheLink() {
    router.neighbor(1, "fe80::9");
    byte[] request =
        Packets.icmp6("fe80::9", "ff02::1", 64, Packets.message(128, 0, 1, new byte[9]));
    router.frame(
        1, Packets.ethernet(0x3333_0000_0001L, TestRouter.hostMac(1), EtherType.IPV6, request));
    byte[] reply = router.only().packet();
    assertThat(Packets.isSound6(reply)).isTrue();
    assertThat(Packets.address6(reply, 8)).isEqualTo("fe80::ff:fe00:1");
  }

  @Test
  void aDatagramWithoutAChecksumIsNotAnswered() {
    byte[] packet = Packets.ipv6("fd00:1::2", "fd00:2::1", UDP, Packets.udp(1, 2, 3));
    isDroppedSilently(packet, DropReason.UDP_MALFORMED);
    byte[] sound = Packets.udp6("fd00:1::2", "fd00:2::1", Packets.udp(1, 2, 3));
    isDropped(sound, DropReason.NO_LISTENER);
    error(1, 4, 0);
  }

  @Test
  void anEchoToAnAnycastAddressIsAnsweredFromAnAddressOfTheInterface() {
    byte[] request =
        Packets.icmp6("fd00:1::2", "fd00:1::", 64, Packets.message(128, 0, 1, new byte[2]));
    router.receive(1, request);
    byte[] reply = router.only().packet();
    assertThat(Packets.address6(reply, 8)).isEqualTo("fd00:1::1");
    assertThat(Packets.isSound6(reply)).isTrue();
  }

  @Test
  void aNeighborMessageBehindAFragmentHeaderIsIgnored() {
    byte[] target = Packets.address("fd00:1::1");
    byte[] option = Packets.concat(new byte[] {1, 1}, Packets.mac("02:00:00:00:01:09"));
    byte[] message = Packets.message(135, 0, 0, Packets.concat(target, option));
    byte[] plain = Packets.icmp6("fd00:1::9", "fd00:1::1", 255, message);
    byte[] atomic = Packets.extension(58, new byte[] {0, 0, 0, 0, 0, 1}, Packets.from(plain, 40));
    isDroppedSilently(
        Packets.ipv6("fd00:1::9", "fd00:1::1", FRAGMENT, 255, atomic), DropReason.ND_INVALID);
    router.receive(1, plain);
    assertThat(router.drops).isEmpty();
  }

  @Test
  void noHostIsToldAnMtuBelowTheLeast() {
    InterfaceBuilder other =
        Interface.builder(2, "eth2").port(2).mac(TestRouter.mac(2)).address("10.0.2.1/24").mtu(600);
    TestRouter narrow = new TestRouter(RouterSettings.defaults(), TestRouter.builder(1), other);
    narrow.route("fd00:2::/64", 2, "fe80::2");
    narrow.neighbor(1, "fd00:1::2");
    byte[] large = Packets.udp6("fd00:1::2", "fd00:2::2", Packets.udp(1, 2, 1300));
    narrow.receive(1, large);
    byte[] error = narrow.only().packet();
    assertThat(Packets.u16(error, 40)).isEqualTo(2 << 8);
    assertThat(Packets.i32(error, 44)).isEqualTo(1280);
    narrow.receive(1, Packets.udp6("fd00:1::2", "fd00:2::2", Packets.udp(1, 2, 1000)));
    assertThat(Packets.u16(narrow.only().packet(), 40)).isEqualTo(1 << 8 | 3);
  }

  @Test
  void theRoutersAnycastAddressIsOurs() {
    byte[] request =
        Packets.icmp6("fd00:1::2", "fd00:1::", 64, Packets.message(128, 0, 1, new byte[2]));
    assertThat(router.receive(1, request)).isEqualTo(Outcome.TRANSMITTED);
    assertThat(Packets.u8(router.only().packet(), 40)).isEqualTo(129);
  }

  @Test
  void aHostHasNoRoutersAnycastAddress() {
    TestRouter host =
        new TestRouter(RouterSettings.defaults(), TestRouter.builder(1).forwarding(false));
    byte[] request =
        Packets.icmp6("fd00:1::2", "fd00:1::", 64, Packets.message(128, 0, 1, new byte[2]));
    assertThat(host.receive(1, request)).isEqualTo(Outcome.DROPPED);
    assertThat(host.sent).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 100, 137})
  void anErrorOrRedirectIsNeverAnsweredByAnError(int type) {
    byte[] message = Packets.message(type, 0, 0, new byte[50]);
    isDroppedSilently(Packets.icmp6("fd00:1::2", "fd00:2::2", 1, message), DropReason.TTL_EXCEEDED);
    byte[] hidden = Packets.extension(58, new byte[6], message);
    isDroppedSilently(
        Packets.ipv6("fd00:1::2", "fd00:2::2", DESTINATION, 1, hidden), DropReason.TTL_EXCEEDED);
  }

  @Test
  void whatWasSentToManyIsAnsweredOnlyWhereTheRfcSays() {
    byte[] skip = Packets.extension(UDP, new byte[] {(byte) 0x9e, 2, 0, 0, 0, 0}, new byte[8]);
    byte[] toAll = Packets.ipv6("fd00:1::2", "ff02::1", HOP_BY_HOP, skip);
    router.frame(
        1, Packets.ethernet(0x3333_0000_0001L, TestRouter.hostMac(1), EtherType.IPV6, toAll));
    assertThat(router.drop()).isEqualTo(DropReason.IPV6_BAD_OPTION);
    error(4, 2, 42);
    byte[] unicastOnly =
        Packets.extension(UDP, new byte[] {(byte) 0xde, 2, 0, 0, 0, 0}, new byte[8]);
    router.frame(
        1,
        Packets.ethernet(
            0x3333_0000_0001L,
            TestRouter.hostMac(1),
            EtherType.IPV6,
            Packets.ipv6("fd00:1::2", "ff02::1", HOP_BY_HOP, unicastOnly)));
    assertThat(router.drop()).isEqualTo(DropReason.IPV6_BAD_OPTION);
    assertThat(router.sent).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0x1e, false, false", "0x5e, true, false", "0x9e, true, true", "0xde, true, true"})
  void anOptionThatIsNotKnownSaysItselfWhatIsToBeDone(
      String type, boolean dropped, boolean answered) {
    byte[] option = {(byte) (int) Integer.decode(type), 2, 0, 0, 0, 0};
    byte[] headers = Packets.extension(UDP, option, Packets.udp(1, 2, 4));
    Outcome outcome =
        router.receive(1, Packets.ipv6("fd00:1::2", "fd00:2::2", HOP_BY_HOP, headers));
    assertThat(outcome).isEqualTo(dropped ? Outcome.DROPPED : Outcome.TRANSMITTED);
    if (answered) {
      error(4, 2, 42);
    } else {
      assertThat(router.sent).hasSize(dropped ? 0 : 1);
    }
  }

  @Test
  void anOptionLongerThanItsHeaderIsPointedAt() {
    byte[] headers = Packets.extension(UDP, new byte[] {1, 0, 5, 9, 0, 0}, Packets.udp(1, 2, 4));
    isDropped(
        Packets.ipv6("fd00:1::2", "fd00:2::2", HOP_BY_HOP, headers), DropReason.IPV6_BAD_EXTENSION);
    error(4, 0, 44);
  }

  @Test
  void aRouterOnTheWayLooksAtNoOtherExtensionHeader() {
    byte[] option = {(byte) 0xde, 2, 0, 0, 0, 0};
    byte[] headers = Packets.extension(UDP, option, Packets.udp(1, 2, 4));
    assertThat(router.receive(1, Packets.ipv6("fd00:1::2", "fd00:2::2", DESTINATION, headers)))
        .isEqualTo(Outcome.TRANSMITTED);
    router.only();
    isDropped(
        Packets.ipv6("fd00:1::2", "fd00:2::1", DESTINATION, headers), DropReason.IPV6_BAD_OPTION);
    error(4, 2, 42);
  }

  @Test
  void aRoutingHeaderWithSegmentsLeftIsRefused() {
    byte[] left = Packets.extension(UDP, new byte[] {0, 1, 0, 0, 0, 0}, new byte[8]);
    isDropped(Packets.ipv6("fd00:1::2", "fd00:2::1", ROUTING, left), DropReason.IPV6_BAD_EXTENSION);
    error(4, 0, 42);
    byte[] sound = Packets.from(Packets.udp6("fd00:1::2", "fd00:2::1", Packets.udp(1, 2, 3)), 40);
    byte[] done = Packets.extension(UDP, new byte[] {0, 0, 0, 0, 0, 0}, sound);
    isDropped(Packets.ipv6("fd00:1::2", "fd00:2::1", ROUTING, done), DropReason.NO_LISTENER);
    error(1, 4, 0);
  }

  @Test
  void hopByHopOptionsAnywhereButFirstAreRefused() {
    byte[] inner = Packets.extension(UDP, new byte[6], Packets.udp(1, 2, 3));
    byte[] headers = Packets.extension(HOP_BY_HOP, new byte[] {1, 4, 0, 0, 0, 0}, inner);
    isDropped(
        Packets.ipv6("fd00:1::2", "fd00:2::1", DESTINATION, headers),
        DropReason.IPV6_BAD_EXTENSION);
    error(4, 1, 40);
  }

  @Test
  void aProtocolNobodySpeaksIsPointedAt() {
    isDropped(Packets.ipv6("fd00:1::2", "fd00:2::1", 99, new byte[8]), DropReason.NO_LISTENER);
    error(4, 1, 6);
    byte[] behind = Packets.extension(99, new byte[] {1, 4, 0, 0, 0, 0}, new byte[8]);
    isDropped(Packets.ipv6("fd00:1::2", "fd00:2::1", DESTINATION, behind), DropReason.NO_LISTENER);
    error(4, 1, 40);
  }

  @Test
  void aChainOfHeadersWithoutEndIsDropped() {
    byte[] headers = Packets.udp(1, 2, 3);
    for (int i = 0; i < 40; i++) {
      headers =
          Packets.extension(i == 0 ? UDP : DESTINATION, new byte[] {1, 4, 0, 0, 0, 0}, headers);
    }
    isDroppedSilently(
        Packets.ipv6("fd00:1::2", "fd00:2::1", DESTINATION, headers),
        DropReason.IPV6_BAD_EXTENSION);
    byte[] cut = Packets.with(Packets.extension(UDP, new byte[6], new byte[8]), 1, 200);
    isDroppedSilently(
        Packets.ipv6("fd00:1::2", "fd00:2::1", DESTINATION, cut), DropReason.IPV6_BAD_EXTENSION);
    isDroppedSilently(
        Packets.ipv6("fd00:1::2", "fd00:2::2", HOP_BY_HOP, cut), DropReason.IPV6_BAD_EXTENSION);
  }

  /** Checks a redirect to fd00:1::2 by the router's address of the link; returns its options. */
  private static byte[] redirected(TestRouter.Sent sent, String target, String destination) {
    byte[] packet = sent.packet();
    assertThat(sent.frame()).startsWith(Packets.mac("02:00:00:00:01:01"));
    assertThat(Packets.isSound6(packet)).isTrue();
    assertThat(Packets.u8(packet, 7)).isEqualTo(255);
    assertThat(Packets.address6(packet, 8)).isEqualTo("fe80::ff:fe00:1");
    assertThat(Packets.address6(packet, 24)).isEqualTo("fd00:1::2");
    assertThat(Packets.u16(packet, 40)).isEqualTo(137 << 8);
    assertThat(Packets.i32(packet, 44)).isZero();
    assertThat(Packets.address6(packet, 48)).isEqualTo(target);
    assertThat(Packets.address6(packet, 64)).isEqualTo(destination);
    return Packets.from(packet, 80);
  }

  @Test
  void aSenderIsToldOfABetterNextHopOnItsOwnLink() {
    router.neighbor(1, "fe80::7");
    router.route("2001:db8::/32", 1, "fe80::7");
    byte[] packet = packet("fd00:1::2", "2001:db8::1");
    assertThat(router.receive(1, packet)).isEqualTo(Outcome.TRANSMITTED);
    assertThat(router.sent).hasSize(2);
    byte[] options = redirected(router.sent.get(0), "fe80::7", "2001:db8::1");
    byte[] link = {2, 1, 2, 0, 0, 0, 1, 1};
    byte[] quote = {4, 10, 0, 0, 0, 0, 0, 0};
    // 78 bytes of a packet are quoted up to a multiple of 8.
    assertThat(options).isEqualTo(Packets.concat(link, quote, Arrays.copyOf(packet, 72)));
    assertThat(Packets.u8(router.sent.get(1).packet(), 7)).isEqualTo(63);
  }

  @Test
  void aSenderIsToldOfADestinationOnItsOwnLinkAsFarAsItIsKnown() {
    byte[] packet = Packets.ipv6("fd00:1::2", "fd00:1::33", UDP, Packets.udp(1, 2, 1452));
    assertThat(router.receive(1, packet)).isEqualTo(Outcome.HELD);
    byte[] options = redirected(router.sent.get(0), "fd00:1::33", "fd00:1::33");
    assertThat(router.sent.get(0).packet()).hasSize(1280);
    byte[] quote = {4, (byte) 150, 0, 0, 0, 0, 0, 0};
    assertThat(options).isEqualTo(Packets.concat(quote, Arrays.copyOf(packet, 1192)));
  }

  @Test
  void whoCannotBeToldOfABetterNextHopIsNot() {
    router.neighbor(1, "fd00:1::7");
    router.neighbor(1, "fe80::7");
    router.route("2001:db8::/32", 1, "fd00:1::7");
    router.route("2001:db9::/32", 1, "fe80::7");
    // A router is known to hosts by its address of the link only.
    router.receive(1, packet("fd00:1::2", "2001:db8::1"));
    // From behind another router.
    router.receive(1, packet("2001:db9::5", "2001:db9::1"));
    router.receive(1, packet("fd00:2::2", "2001:db9::1"));
    assertThat(router.sent).hasSize(3);
    TestRouter silent =
        new TestRouter(RouterSettings.defaults(), TestRouter.builder(1).redirects(false));
    silent.neighbor(1, "fd00:1::2");
    silent.neighbor(1, "fd00:1::3");
    silent.receive(1, packet("fd00:1::2", "fd00:1::3"));
    assertThat(silent.sent).hasSize(1);
  }

  @Test
  void aHostIsRedirectedOnceASecondAndDestination() {
    router.neighbor(1, "fe80::7");
    router.route("2001:db8::/32", 1, "fe80::7");
    for (int i = 0; i < 10; i++) {
      router.receive(1, packet("fd00:1::2", "2001:db8::1"));
    }
    assertThat(router.sent).hasSize(11);
    router.receive(1, packet("fd00:1::2", "2001:db8::2"));
    assertThat(router.sent).hasSize(13);
    router.pass(1);
    router.receive(1, packet("fd00:1::2", "2001:db8::1"));
    assertThat(router.sent).hasSize(15);
  }
}
