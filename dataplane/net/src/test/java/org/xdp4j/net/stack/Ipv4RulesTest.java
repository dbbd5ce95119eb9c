package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.net.filter.Filter;
import org.xdp4j.net.filter.FilterRule;
import org.xdp4j.net.filter.Verdict;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;
import org.xdp4j.net.wire.PacketBuffer;

class Ipv4RulesTest {
  private static final int UDP = 17;
  private static final int DF = 0x4000;

  private final TestRouter router = new TestRouter();

  private static byte[] packet(String from, String to) {
    return Packets.ipv4(from, to, UDP, Packets.udp(1000, 53, 30));
  }

  private static byte[] good() {
    return packet("10.0.1.2", "10.0.2.2");
  }

  private void isDropped(byte[] packet, DropReason reason) {
    assertThat(router.receive(1, packet)).isEqualTo(Outcome.DROPPED);
    assertThat(router.drop()).isEqualTo(reason);
  }

  private void isDroppedSilently(byte[] packet, DropReason reason) {
    isDropped(packet, reason);
    assertThat(router.sent).isEmpty();
  }

  @Test
  void aPacketIsForwardedWithOneHopLessAndOtherwiseAsItCame() {
    byte[] packet = good();
    assertThat(router.receive(1, packet)).isEqualTo(Outcome.TRANSMITTED);

    TestRouter.Sent sent = router.only();
    assertThat(sent.port()).isEqualTo(2);
    byte[] expected = Packets.sealed(Packets.with(packet, 8, 63, UDP, 0, 0));
    assertThat(sent.frame())
        .isEqualTo(
            Packets.ethernet(TestRouter.hostMac(2), TestRouter.mac(2), EtherType.IPV4, expected));
  }

  @Test
  void theChecksumStaysRightForEveryTtlAndIdentification() {
    for (int i = 0; i < 4096; i++) {
      byte[] packet = Packets.with(good(), 4, i * 13 >>> 8, i * 13, 0, 0, 2 + i % 254);
      router.receive(1, Packets.sealed(Packets.with(packet, 10, 0, 0)));
      byte[] sent = router.only().packet();
      assertThat(Packets.isSound4(sent)).isTrue();
      // ~0 and 0 are the same sum, but only one of them is what a fresh computation gives.
      assertThat(sent).isEqualTo(Packets.sealed(sent.clone()));
    }
  }

  @Test
  void aPacketCutShortIsDropped() {
    for (int length = 0; length < good().length; length++) {
      byte[] cut = Arrays.copyOf(good(), length);
      router.frame(
          1, Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), EtherType.IPV4, cut));
      assertThat(router.drop()).isEqualTo(DropReason.IPV4_TRUNCATED);
    }
  }

  @Test
  void aWrongVersionOrHeaderLengthIsDropped() {
    for (int first : new int[] {0x05, 0x55, 0x65, 0xf5, 0x44, 0x40}) {
      byte[] frame = Packets.with(good(), 0, first);
      router.frame(
          1, Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), EtherType.IPV4, frame));
      assertThat(router.drop()).isEqualTo(DropReason.IPV4_BAD_HEADER);
    }
    isDroppedSilently(Packets.sealed(Packets.with(good(), 2, 0, 19)), DropReason.IPV4_BAD_HEADER);
  }

  @Test
  void aWrongHeaderChecksumIsDroppedSilently() {
    isDroppedSilently(Packets.with(good(), 10, 0x12, 0x34), DropReason.IPV4_BAD_CHECKSUM);
  }

  @Test
  void paddingOfTheLinkIsCutOff() {
    router.receive(1, Packets.concat(good(), new byte[9]));
    assertThat(router.only().packet()).hasSize(good().length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "0.1.2.3",
        "127.0.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "10.0.1.1",
        "10.0.2.1"
      })
  void aSourceThatIsNoStationIsDroppedSilently(String source) {
    isDroppedSilently(packet(source, "10.0.2.2"), DropReason.MARTIAN_SOURCE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "127.0.0.1", "240.0.0.1"})
  void aDestinationThatIsNobodyIsDroppedSilently(String destination) {
    isDroppedSilently(packet("10.0.1.2", destination), DropReason.MARTIAN_DESTINATION);
  }

  @ParameterizedTest
  @CsvSource({"169.254.1.1, 10.0.2.2", "10.0.1.2, 169.254.1.1"})
  void linkLocalAddressesAreNotForwarded(String from, String to) {
    router.route("0.0.0.0/0", 2, "10.0.2.2");
    isDroppedSilently(packet(from, to), DropReason.LINK_LOCAL);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aTtlThatRunsOutIsToldToTheSender(int ttl) {
    byte[] packet =
        Packets.ipv4("10.0.1.2", "10.0.2.2", UDP, ttl, 0, new byte[0], Packets.udp(1, 2, 8));
    isDropped(packet, DropReason.TTL_EXCEEDED);
    byte[] error = router.only().packet();
    assertThat(Packets.u16(error, 20)).isEqualTo(11 << 8);
  }

  @Test
  void aPacketForUsIsTakenWhateverItsTtl() {
    byte[] echo = Packets.icmp(8, 0, 7, new byte[10]);
    router.receive(1, Packets.ipv4("10.0.1.2", "10.0.1.1", 1, 1, 0, new byte[0], echo));
    assertThat(Packets.u8(router.only().packet(), 20)).isZero();
  }

  @Test
  void theLongestPrefixDecides() {
    router.route("192.0.2.0/24", 2, "10.0.2.2");
    router.route("192.0.2.128/25", 3, "10.0.3.2");
    router.receive(1, packet("10.0.1.2", "192.0.2.1"));
    assertThat(router.only().port()).isEqualTo(2);
    router.receive(1, packet("10.0.1.2", "192.0.2.200"));
    assertThat(router.only().port()).isEqualTo(3);
  }

  @Test
  void withoutARouteTheNetworkIsUnreachable() {
    isDropped(packet("10.0.1.2", "192.0.2.1"), DropReason.NO_ROUTE);
    assertThat(Packets.u16(router.only().packet(), 20)).isEqualTo(3 << 8);
  }

  @Test
  void specialRoutesDropRefuseOrForbid() {
    router.special("192.0.2.0/26", RouteType.BLACKHOLE);
    router.special("192.0.2.64/26", RouteType.UNREACHABLE);
    router.special("192.0.2.128/26", RouteType.PROHIBIT);
    isDroppedSilently(packet("10.0.1.2", "192.0.2.1"), DropReason.BLACKHOLE);
    isDropped(packet("10.0.1.2", "192.0.2.65"), DropReason.UNREACHABLE_ROUTE);
    assertThat(Packets.u16(router.only().packet(), 20)).isEqualTo(3 << 8 | 1);
    isDropped(packet("10.0.1.2", "192.0.2.129"), DropReason.PROHIBITED_ROUTE);
    assertThat(Packets.u16(router.only().packet(), 20)).isEqualTo(3 << 8 | 13);
  }

  @Test
  void flowsAreSpreadOverNextHopsAndKeepTheirs() {
    router.router.addRoute(
        Route.via(
            IpPrefix.parse("192.0.2.0/24"),
            new NextHop(2, IpAddress.parse("10.0.2.2")),
            new NextHop(3, IpAddress.parse("10.0.3.2"))));
    int[] ports = new int[4];
    for (int flow = 0; flow < 400; flow++) {
      byte[] packet = Packets.ipv4("10.0.1.2", "192.0.2.1", UDP, Packets.udp(1000 + flow, 53, 4));
      router.receive(1, packet);
      int first = router.only().port();
      router.receive(1, packet);
      assertThat(router.only().port()).isEqualTo(first);
      ports[first]++;
    }
    assertThat(ports[2]).isBetween(150, 250);
    router.router.setUp(3, false);
    router.neighbor(2, "10.0.2.2");
    for (int flow = 0; flow < 50; flow++) {
      router.receive(
          1, Packets.ipv4("10.0.1.2", "192.0.2.1", UDP, Packets.udp(1000 + flow, 53, 4)));
      assertThat(router.only().port()).isEqualTo(2);
    }
  }

  @Test
  void aPacketToOneInAFrameToManyIsNotTaken() {
    byte[] toUs = packet("10.0.1.2", "10.0.1.1");
    for (byte[] packet : new byte[][] {good(), toUs, packet("10.0.1.2", "192.0.2.1")}) {
      router.frame(
          1, Packets.ethernet(Ethernet.BROADCAST, TestRouter.hostMac(1), EtherType.IPV4, packet));
      assertThat(router.drop()).isEqualTo(DropReason.LINK_BROADCAST);
      assertThat(router.sent).isEmpty();
    }
  }

  @Test
  void anotherLinksBroadcastIsNotSentThereUnlessAllowed() {
    isDroppedSilently(packet("10.0.1.2", "10.0.2.255"), DropReason.DIRECTED_BROADCAST);
    isDroppedSilently(packet("10.0.1.2", "10.0.2.0"), DropReason.DIRECTED_BROADCAST);
    TestRouter open =
        new TestRouter(
            RouterSettings.defaults(),
            TestRouter.builder(1),
            TestRouter.builder(2).directedBroadcast(true));
    assertThat(open.receive(1, packet("10.0.1.2", "10.0.2.255"))).isEqualTo(Outcome.TRANSMITTED);
    assertThat(open.only().frame()).startsWith(Packets.mac("ff:ff:ff:ff:ff:ff"));
  }

  @Test
  void whatGoesToAllOfAnotherLinkIsFilteredAndNeverAnswered() {
    TestRouter open =
        new TestRouter(
            RouterSettings.defaults(),
            TestRouter.builder(1),
            TestRouter.builder(2).directedBroadcast(true));
    open.neighbor(1, "10.0.1.2");
    open.receive(
        1, Packets.ipv4("10.0.1.2", "10.0.2.255", UDP, 1, 0, new byte[0], Packets.udp(1, 2, 9)));
    assertThat(open.drop()).isEqualTo(DropReason.TTL_EXCEEDED);
    open.router.setFilter(
        new Filter(List.of(FilterRule.any(Verdict.REJECT).port(UDP, 9)), Verdict.ACCEPT, 100));
    open.receive(1, Packets.ipv4("10.0.1.2", "10.0.2.255", UDP, Packets.udp(1, 9, 9)));
    assertThat(open.drop()).isEqualTo(DropReason.FILTERED);
    assertThat(open.sent).isEmpty();
    open.receive(1, Packets.ipv4("10.0.1.2", "10.0.2.255", UDP, Packets.udp(1, 7, 9)));
    assertThat(open.only().frame()).startsWith(Packets.mac("ff:ff:ff:ff:ff:ff"));
  }

  @Test
  void theOwnLinksBroadcastIsHeardAndNotForwarded() {
    isDroppedSilently(packet("10.0.1.2", "10.0.1.255"), DropReason.BROADCAST);
    isDroppedSilently(packet("10.0.1.2", "255.255.255.255"), DropReason.BROADCAST);
    isDroppedSilently(packet("10.0.1.2", "224.0.0.5"), DropReason.MULTICAST);
  }

  @Test
  void aStrictReversePathRefusesASourceFromAnotherLink() {
    TestRouter strict =
        new TestRouter(
            RouterSettings.defaults(),
            TestRouter.builder(1).reversePath(ReversePath.STRICT),
            TestRouter.builder(2));
    strict.neighbor(2, "10.0.2.2");
    strict.receive(1, packet("10.0.2.9", "10.0.2.2"));
    assertThat(strict.drop()).isEqualTo(DropReason.REVERSE_PATH);
    strict.receive(1, packet("192.0.2.9", "10.0.2.2"));
    assertThat(strict.drop()).isEqualTo(DropReason.REVERSE_PATH);
    strict.receive(1, packet("10.0.2.1", "10.0.2.2"));
    assertThat(strict.drop()).isEqualTo(DropReason.MARTIAN_SOURCE);
    assertThat(strict.receive(1, good())).isEqualTo(Outcome.TRANSMITTED);
  }

  @Test
  void aLooseReversePathWantsARouteOnly() {
    TestRouter loose =
        new TestRouter(
            RouterSettings.defaults(),
            TestRouter.builder(1).reversePath(ReversePath.LOOSE),
            TestRouter.builder(2));
    loose.neighbor(2, "10.0.2.2");
    assertThat(loose.receive(1, packet("10.0.2.9", "10.0.2.2"))).isEqualTo(Outcome.TRANSMITTED);
    loose.receive(1, packet("192.0.2.9", "10.0.2.2"));
    assertThat(loose.drop()).isEqualTo(DropReason.REVERSE_PATH);
    loose.special("192.0.2.0/24", RouteType.BLACKHOLE);
    loose.receive(1, packet("192.0.2.9", "10.0.2.2"));
    assertThat(loose.drop()).isEqualTo(DropReason.REVERSE_PATH);
  }

  @Test
  void aLinkThatDoesNotForwardDropsWhatIsNotForUs() {
    TestRouter host =
        new TestRouter(
            RouterSettings.defaults(),
            TestRouter.builder(1).forwarding(false),
            TestRouter.builder(2));
    host.receive(1, good());
    assertThat(host.drop()).isEqualTo(DropReason.FORWARDING_OFF);
  }

  private static byte[] withOptions(int... options) {
    byte[] bytes = new byte[options.length];
    for (int i = 0; i < options.length; i++) {
      bytes[i] = (byte) options[i];
    }
    return Packets.ipv4("10.0.1.2", "10.0.2.2", UDP, 64, 0, bytes, Packets.udp(1, 2, 8));
  }

  @ParameterizedTest
  @CsvSource({
    "'7,40,4,0', 21", "'7,2,4,0', 21", "'7,7,3,0,0,0,0,0', 22", "'7,6,4,0,0,0,0,0', 22",
    "'9,0,0,0', 21", "'1,1,1,7', 23", "'68,3,5,0', 21", "'68,8,4,0,0,0,0,0', 22",
    "'68,8,5,2,0,0,0,0', 23", "'68,8,9,240,0,0,0,0', 23"
  })
  void aMalformedOptionIsPointedAt(String options, int pointer) {
    int[] bytes = Arrays.stream(options.split(",")).mapToInt(Integer::parseInt).toArray();
    isDropped(withOptions(bytes), DropReason.IPV4_BAD_OPTIONS);
    byte[] error = router.only().packet();
    assertThat(Packets.u16(error, 20)).isEqualTo(12 << 8);
    assertThat(Packets.u8(error, 24)).isEqualTo(pointer);
  }

  @Test
  void theRouteIsRecordedWhereThereIsRoom() {
    router.receive(1, withOptions(7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    byte[] sent = router.only().packet();
    assertThat(Packets.u8(sent, 22)).isEqualTo(8);
    assertThat(Packets.address4(sent, 23)).isEqualTo("10.0.2.1");
    assertThat(Packets.isSound4(sent)).isTrue();
    router.receive(1, withOptions(7, 7, 8, 9, 9, 9, 9, 0));
    assertThat(Arrays.copyOfRange(router.only().packet(), 20, 28))
        .containsExactly(7, 7, 8, 9, 9, 9, 9, 0);
  }

  @Test
  void theTimeIsRecordedWhereThereIsRoomAndElseCounted() {
    router.receive(1, withOptions(68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0));
    byte[] sent = router.only().packet();
    assertThat(Packets.u8(sent, 22)).isEqualTo(13);
    assertThat(Packets.address4(sent, 24)).isEqualTo("10.0.2.1");
    // One second on a clock that is not universal time, which the first bit says.
    assertThat(Packets.i32(sent, 28)).isEqualTo(1000 | 1 << 31);
    assertThat(Packets.isSound4(sent)).isTrue();
    router.receive(1, withOptions(68, 8, 9, 0x20, 0, 0, 0, 0));
    assertThat(Packets.u8(router.only().packet(), 23)).isEqualTo(0x30);
  }

  @Test
  void aTimeAskedOfAnyAddressOfOursIsRecorded() {
    // Of the interface the packet came in by, not of the one it leaves by.
    router.receive(1, withOptions(68, 12, 5, 3, 10, 0, 1, 1, 0, 0, 0, 0));
    byte[] sent = router.only().packet();
    assertThat(Packets.u8(sent, 22)).isEqualTo(13);
    assertThat(Packets.i32(sent, 28)).isEqualTo(1000 | 1 << 31);
    router.receive(1, withOptions(68, 12, 5, 3, 10, 0, 1, 9, 0, 0, 0, 0));
    assertThat(Packets.u8(router.only().packet(), 22)).isEqualTo(5);
  }

  @Test
  void anOptionThatMayBeThereOnceIsRefusedTwice() {
    router.receive(1, withOptions(7, 7, 4, 0, 0, 0, 0, 7, 7, 4, 0, 0, 0, 0, 0, 0));
    assertThat(router.drop()).isEqualTo(DropReason.IPV4_BAD_OPTIONS);
    byte[] error = router.only().packet();
    assertThat(Packets.u16(error, 20)).isEqualTo(12 << 8);
    assertThat(Packets.u8(error, 24)).isEqualTo(27);
  }

  @Test
  void optionsThatAreNotKnownArePassedOn() {
    router.receive(1, withOptions(148, 4, 0, 0, 30, 4, 1, 2));
    assertThat(Arrays.copyOfRange(router.only().packet(), 20, 28))
        .containsExactly(148, 4, 0, 0, 30, 4, 1, 2);
  }

  @Test
  void sourceRoutesAreRefusedUnlessAllowed() {
    isDroppedSilently(withOptions(131, 7, 4, 10, 0, 3, 2, 0), DropReason.IPV4_SOURCE_ROUTE);
    isDroppedSilently(withOptions(137, 7, 4, 10, 0, 3, 2, 0), DropReason.IPV4_SOURCE_ROUTE);
    TestRouter open =
        new TestRouter(
            RouterSettings.defaults(),
            TestRouter.builder(1).sourceRoute(true),
            TestRouter.builder(2));
    open.neighbor(2, "10.0.2.2");
    assertThat(open.receive(1, withOptions(131, 7, 4, 10, 0, 3, 2, 0)))
        .isEqualTo(Outcome.TRANSMITTED);
  }

  @Test
  void aPacketLargerThanTheMtuIsFragmented() {
    byte[] data = Packets.udp(1, 2, 2992);
    router.receive(1, Packets.ipv4("10.0.1.2", "10.0.3.2", UDP, data));
    byte[] whole = new byte[data.length];
    int seen = 0;
    for (TestRouter.Sent sent : router.sent) {
      byte[] fragment = sent.packet();
      assertThat(fragment.length).isLessThanOrEqualTo(1300);
      assertThat(Packets.isSound4(fragment)).isTrue();
      assertThat(Packets.u8(fragment, 8)).isEqualTo(63);
      int offset = (Packets.u16(fragment, 6) & 0x1fff) * 8;
      boolean more = (Packets.u16(fragment, 6) & 0x2000) != 0;
      assertThat(more).isEqualTo(offset + fragment.length - 20 < data.length);
      System.arraycopy(fragment, 20, whole, offset, fragment.length - 20);
      seen += fragment.length - 20;
    }
    assertThat(router.sent).hasSize(3);
    assertThat(seen).isEqualTo(data.length);
    assertThat(whole).isEqualTo(data);
  }

  @Test
  void aChecksumLeftToADeviceIsCompletedBeforeThePacketIsFragmented() {
    int length = 3000;
    byte[] data = Packets.udp(1, 2, length - 8);
    long pseudo =
        Checksum.pseudoHeader4(
            IpAddress.parse("10.0.1.2").ipv4(), IpAddress.parse("10.0.3.2").ipv4(), UDP, length);
    MemorySegment udp = MemorySegment.ofArray(data);
    Bytes.put16(udp, 6, ~Checksum.finish(pseudo) & 0xffff);
    byte[] packet = Packets.ipv4("10.0.1.2", "10.0.3.2", UDP, data);
    PacketBuffer buffer =
        router.pool.acquire(
            Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), EtherType.IPV4, packet));
    buffer.checksumPartial = true;
    router.stack.receive(buffer, 1, router.now);
    assertThat(buffer.checksumPartial).isFalse();
    byte[] whole = new byte[length];
    for (TestRouter.Sent sent : router.sent) {
      byte[] fragment = sent.packet();
      int offset = (Packets.u16(fragment, 6) & 0x1fff) * 8;
      System.arraycopy(fragment, 20, whole, offset, fragment.length - 20);
    }
    assertThat(router.sent).hasSize(3);
    assertThat(Checksum.finish(Checksum.sum(MemorySegment.ofArray(whole), 0, length, pseudo)))
        .isZero();
  }

  @Test
  void aFragmentIsFragmentedFurther() {
    byte[] data = Packets.udp(1, 2, 1592);
    router.receive(
        1, Packets.ipv4("10.0.1.2", "10.0.3.2", UDP, 64, 0x2000 | 100, new byte[0], data));
    assertThat(router.sent).hasSize(2);
    assertThat(Packets.u16(router.sent.get(0).packet(), 6)).isEqualTo(0x2000 | 100);
    assertThat(Packets.u16(router.sent.get(1).packet(), 6)).isEqualTo(0x2000 | 260);
  }

  @Test
  void onlyOptionsMarkedSoAreInEveryFragment() {
    byte[] options = {7, 7, 4, 0, 0, 0, 0, (byte) 148, 4, 5, 6, 0};
    router.receive(
        1, Packets.ipv4("10.0.1.2", "10.0.3.2", UDP, 64, 0, options, Packets.udp(1, 2, 1992)));
    byte[] first = router.sent.get(0).packet();
    byte[] second = router.sent.get(1).packet();
    assertThat(Packets.u8(first, 0)).isEqualTo(0x48);
    assertThat(Packets.u8(second, 0)).isEqualTo(0x46);
    assertThat(Arrays.copyOfRange(second, 20, 24)).containsExactly(148, 4, 5, 6);
    assertThat(Packets.isSound4(second)).isTrue();
  }

  @Test
  void whatMustNotBeFragmentedIsRefusedWithTheMtu() {
    byte[] packet =
        Packets.ipv4("10.0.1.2", "10.0.3.2", UDP, 64, DF, new byte[0], Packets.udp(1, 2, 1300));
    isDropped(packet, DropReason.FRAGMENTATION_NEEDED);
    byte[] error = router.only().packet();
    assertThat(Packets.u16(error, 20)).isEqualTo(3 << 8 | 4);
    assertThat(Packets.i32(error, 24)).isEqualTo(1300);
    byte[] fits =
        Packets.ipv4("10.0.1.2", "10.0.3.2", UDP, 64, DF, new byte[0], Packets.udp(1, 2, 1272));
    assertThat(router.receive(1, fits)).isEqualTo(Outcome.TRANSMITTED);
  }

  @Test
  void aDatagramIsLostWholeWhenItsFragmentsCannotBeHad() {
    byte[] packet = Packets.ipv4("10.0.1.2", "10.0.3.2", UDP, Packets.udp(1, 2, 3000));
    var buffer =
        router.pool.acquire(
            Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), EtherType.IPV4, packet));
    router.pool.exhausted = true;
    assertThat(router.stack.receive(buffer, 1, router.now)).isEqualTo(Outcome.DROPPED);
    router.requireBalance();
    assertThat(router.drop()).isEqualTo(DropReason.NO_BUFFER);
    assertThat(router.sent).isEmpty();
  }

  /** A router with two ways to 192.0.2.0/24, and hardware addresses that end in a number. */
  private static TestRouter twoWays(int number) {
    TestRouter router =
        new TestRouter(
            RouterSettings.defaults(),
            TestRouter.builder(1).mac(TestRouter.mac(1) + number * 256L),
            TestRouter.builder(2).mac(TestRouter.mac(2) + number * 256L),
            TestRouter.builder(3).mac(TestRouter.mac(3) + number * 256L));
    NextHop[] hops = new NextHop[2];
    for (int port = 2; port <= 3; port++) {
      router.neighbor(port, "10.0." + port + ".2");
      hops[port - 2] = new NextHop(port, IpAddress.parse("10.0." + port + ".2"));
    }
    router.router.addRoute(Route.via(IpPrefix.parse("192.0.2.0/24"), hops));
    return router;
  }

  @Test
  void routersInARowSpreadFlowsEachInItsOwnWay() {
    int[][] ways = new int[2][2];
    TestRouter first = twoWays(0);
    TestRouter second = twoWays(1);
    for (int flow = 0; flow < 2000; flow++) {
      byte[] packet = Packets.ipv4("10.0.1.2", "192.0.2.1", UDP, Packets.udp(1000 + flow, 53, 4));
      ways[way(first, 0, packet)][way(second, 1, packet)]++;
    }
    for (int[] row : ways) {
      assertThat(row[0]).isBetween(420, 580);
      assertThat(row[1]).isBetween(420, 580);
    }
  }

  private static int way(TestRouter router, int number, byte[] packet) {
    router.frame(
        1,
        Packets.ethernet(
            TestRouter.mac(1) + number * 256L, TestRouter.hostMac(1), EtherType.IPV4, packet));
    return router.only().port() - 2;
  }

  @Test
  void packetsOfOursTakeAnotherWayWhereOneIsDown() {
    TestRouter router = twoWays(0);
    router.router.topology().byIndex(2).setUp(false);
    byte[] echo = Packets.icmp(8, 0, 1, new byte[4]);
    for (int host = 1; host < 50; host++) {
      router.receive(1, Packets.ipv4("192.0.2." + host, "10.0.1.1", 1, echo));
      assertThat(router.only().port()).isEqualTo(3);
    }
  }

  @Test
  void aSenderIsToldOfABetterNextHopOnItsOwnLink() {
    router.neighbor(1, "10.0.1.3");
    router.route("192.0.2.0/24", 1, "10.0.1.3");
    assertThat(router.receive(1, packet("10.0.1.2", "192.0.2.1"))).isEqualTo(Outcome.TRANSMITTED);
    assertThat(router.sent).hasSize(2);
    byte[] redirect = router.sent.get(0).packet();
    assertThat(Packets.u16(redirect, 20)).isEqualTo(5 << 8 | 1);
    assertThat(Packets.address4(redirect, 24)).isEqualTo("10.0.1.3");
    router.sent.clear();
    router.receive(1, packet("192.0.2.9", "192.0.2.1"));
    assertThat(router.sent).hasSize(1);
  }

  /** Lets packets with a source route in by port 1; 192.0.2.0/24 is behind 10.0.2.2. */
  private static TestRouter open() {
    TestRouter open =
        new TestRouter(
            RouterSettings.defaults().withIcmp(1_000_000, 1000),
            TestRouter.builder(1).sourceRoute(true),
            TestRouter.builder(2));
    open.neighbor(1, "10.0.1.2");
    open.neighbor(2, "10.0.2.2");
    open.route("192.0.2.0/24", 2, "10.0.2.2");
    return open;
  }

  /** A source route of a kind that has visited the first {@code visited} of some addresses. */
  private static byte[] sourceRoute(int kind, int visited, String... addresses) {
    byte[] head = {1, (byte) kind, (byte) (3 + addresses.length * 4), (byte) (4 + visited * 4)};
    byte[] option = head;
    for (String each : addresses) {
      option = Packets.concat(option, Packets.address(each));
    }
    return option;
  }

  private static byte[] routed(String to, byte[] options) {
    return Packets.ipv4("10.0.1.2", to, UDP, 64, 0, options, Packets.udp(1, 2, 8));
  }

  @ParameterizedTest
  @ValueSource(ints = {131, 137})
  void aSourceRouteThatIsAllowedIsFollowed(int kind) {
    TestRouter open = open();
    byte[] packet = routed("10.0.1.1", sourceRoute(kind, 1, "10.9.9.9", "10.0.2.2", "10.7.7.7"));
    assertThat(open.receive(1, packet)).isEqualTo(Outcome.TRANSMITTED);
    TestRouter.Sent sent = open.only();
    assertThat(sent.port()).isEqualTo(2);
    byte[] options = sourceRoute(kind, 2, "10.9.9.9", "10.0.2.1", "10.7.7.7");
    byte[] expected = routed("10.0.2.2", options);
    assertThat(sent.packet()).isEqualTo(Packets.sealed(Packets.with(expected, 8, 63)));
  }

  @Test
  void addressesOfOursOnASourceRouteArePassedOver() {
    TestRouter open = open();
    open.receive(1, routed("10.0.1.1", sourceRoute(131, 0, "10.0.2.1", "10.0.2.2")));
    byte[] expected = routed("10.0.2.2", sourceRoute(131, 2, "10.0.2.1", "10.0.2.1"));
    assertThat(open.only().packet()).isEqualTo(Packets.sealed(Packets.with(expected, 8, 63)));
    byte[] echo = Packets.icmp(8, 0, 1, new byte[4]);
    byte[] options = sourceRoute(131, 0, "10.0.2.1");
    open.receive(1, Packets.ipv4("10.0.1.2", "10.0.1.1", 1, 64, 0, options, echo));
    assertThat(Packets.address4(open.only().packet(), 12)).isEqualTo("10.0.2.1");
  }

  /** Checks that the only thing sent is this error about a packet as it came. */
  private static void refused(TestRouter router, byte[] packet, int type, int code, int rest) {
    assertThat(router.receive(1, packet)).isEqualTo(Outcome.DROPPED);
    assertThat(router.drop()).isEqualTo(DropReason.IPV4_SOURCE_ROUTE);
    byte[] error = router.only().packet();
    assertThat(Packets.u16(error, 20)).isEqualTo(type << 8 | code);
    assertThat(Packets.i32(error, 24)).isEqualTo(rest);
    assertThat(Packets.from(error, 28)).isEqualTo(packet);
  }

  @Test
  void aSourceRouteThatCannotBeFollowedIsRefused() {
    TestRouter open = open();
    for (String nobody : new String[] {"203.0.113.1", "127.0.0.1", "224.0.0.1", "10.0.2.255"}) {
      refused(open, routed("10.0.1.1", sourceRoute(131, 0, nobody)), 3, 5, 0);
    }
    // The next address of a strict one is on a link of ours.
    refused(open, routed("10.0.1.1", sourceRoute(137, 0, "192.0.2.1")), 3, 5, 0);
    open.receive(1, routed("10.0.1.1", sourceRoute(131, 0, "192.0.2.1")));
    assertThat(Packets.address4(open.only().packet(), 16)).isEqualTo("192.0.2.1");
    // And nobody is visited but who is on it.
    refused(open, routed("10.0.2.2", sourceRoute(137, 0, "192.0.2.1")), 12, 0, 16 << 24);
  }

  @Test
  void aSourceRouteLeadsPastNoFilter() {
    TestRouter open = open();
    open.router.setFilter(new Filter(List.of(), Verdict.ACCEPT, 16));
    open.receive(1, routed("10.0.1.1", sourceRoute(131, 0, "10.0.2.2")));
    assertThat(open.drop()).isEqualTo(DropReason.IPV4_SOURCE_ROUTE);
    assertThat(open.sent).isEmpty();
  }
}
