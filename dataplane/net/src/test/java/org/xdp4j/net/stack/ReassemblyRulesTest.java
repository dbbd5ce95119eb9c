package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams to ourselves that come in fragments. */
class ReassemblyRulesTest {
  private static final int ICMP = 1;
  private static final int UDP = 17;
  private static final int FRAGMENT = 44;
  private static final int ICMP6 = 58;
  private static final String HOST4 = "10.0.1.2";
  private static final String US4 = "10.0.1.1";
  private static final String HOST6 = "fd00:1::2";
  private static final String US6 = "fd00:1::1";

  private final TestRouter router = new TestRouter();

  private static byte[] data(int size) {
    byte[] data = new byte[size];
    new Random(size).nextBytes(data);
    return data;
  }

  private static List<byte[]> fragments4(int protocol, byte[] payload, int size) {
    List<byte[]> all = new ArrayList<>();
    for (int at = 0; at < payload.length; at += size) {
      int end = Math.min(payload.length, at + size);
      int field = at / 8 | (end < payload.length ? 0x2000 : 0);
      byte[] part = Arrays.copyOfRange(payload, at, end);
      all.add(part4(protocol, field, part));
    }
    return all;
  }

  private static byte[] part4(int protocol, int field, byte[] part) {
    byte[] packet = Packets.ipv4(HOST4, US4, protocol, 64, field, new byte[0], part);
    return Packets.sealed(Packets.with(packet, 4, 0x12, 0x34));
  }

  private static List<byte[]> fragments6(byte[] payload, int size) {
    List<byte[]> all = new ArrayList<>();
    for (int at = 0; at < payload.length; at += size) {
      int end = Math.min(payload.length, at + size);
      int field = at | (end < payload.length ? 1 : 0);
      all.add(part6(field, Arrays.copyOfRange(payload, at, end)));
    }
    return all;
  }

  private static byte[] part6(int field, byte[] part) {
    byte[] header = {0, (byte) (field >>> 8), (byte) field, 9, 9, 9, 9};
    byte[] content = Packets.concat(new byte[] {ICMP6}, header, part);
    return Packets.ipv6(HOST6, US6, FRAGMENT, content);
  }

  /** The payload of all that was sent, put together. */
  private byte[] answer(boolean isIpv6) {
    byte[] whole = new byte[70_000];
    int size = 0;
    for (TestRouter.Sent each : router.sent) {
      byte[] packet = each.packet();
      int field = Packets.u16(packet, isIpv6 ? 42 : 6);
      boolean fragmented = isIpv6 ? Packets.u8(packet, 6) == FRAGMENT : (field & 0x3fff) != 0;
      int header = isIpv6 ? fragmented ? 48 : 40 : 20;
      int offset = !fragmented ? 0 : isIpv6 ? field & 0xfff8 : (field & 0x1fff) * 8;
      System.arraycopy(packet, header, whole, offset, packet.length - header);
      size = Math.max(size, offset + packet.length - header);
    }
    return Arrays.copyOf(whole, size);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void anEchoInFragmentsInAnyOrderIsAnswered(int seed) {
    byte[] data = data(1000 + seed * 1500);
    List<byte[]> parts = fragments4(ICMP, Packets.icmp(8, 0, 1, data), 1480);
    Collections.shuffle(parts, new Random(seed));
    parts.forEach(each -> router.receive(1, each));
    assertThat(router.drops).isEmpty();
    assertThat(answer(false)).isEqualTo(Packets.icmp(0, 0, 1, data));
    assertThat(router.sent)
        .allSatisfy(each -> assertThat(Packets.isSound4(each.packet())).isTrue());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void anEchoOverIpv6InFragmentsInAnyOrderIsAnsweredInFragments(int seed) {
    byte[] message = Packets.message(128, 0, 1, data(1000 + seed * 1500));
    byte[] whole = Packets.icmp6(HOST6, US6, 64, message);
    List<byte[]> parts = fragments6(Packets.from(whole, 40), 1448);
    Collections.shuffle(parts, new Random(seed));
    parts.forEach(each -> router.receive(1, each));
    assertThat(router.drops).isEmpty();
    byte[] reply = Packets.message(129, 0, 1, data(1000 + seed * 1500));
    byte[] expected = Packets.from(Packets.icmp6(US6, HOST6, 64, reply), 40);
    assertThat(answer(true)).isEqualTo(expected);
    assertThat(router.sent)
        .allSatisfy(each -> assertThat(each.packet().length).isLessThanOrEqualTo(1500));
  }

  @Test
  void theLargestDatagramIsPutTogether() {
    byte[] data = data(65_507);
    fragments4(ICMP, Packets.icmp(8, 0, 1, data), 1480).forEach(each -> router.receive(1, each));
    assertThat(answer(false)).isEqualTo(Packets.icmp(0, 0, 1, data));
  }

  @Test
  void theHeaderOfTheFirstPartIsThatOfTheWhole() {
    byte[] message = Packets.message(128, 0, 1, data(2000));
    byte[] payload = Packets.from(Packets.icmp6(HOST6, US6, 64, message), 40);
    List<byte[]> parts = fragments6(payload, 1400);
    // Options before the last part's fragment header that the first has none of.
    byte[] last = Packets.from(parts.get(1), 40);
    byte[] longer = Packets.extension(FRAGMENT, new byte[] {1, 4, 0, 0, 0, 0}, last);
    router.receive(1, parts.get(0));
    router.receive(1, Packets.ipv6(HOST6, US6, 60, longer));
    byte[] reply = Packets.message(129, 0, 1, data(2000));
    assertThat(answer(true)).isEqualTo(Packets.from(Packets.icmp6(US6, HOST6, 64, reply), 40));
  }

  @Test
  void aHeaderTooLongForTheLargestDatagramIsRefused() {
    byte[] payload = Packets.icmp(8, 0, 1, data(65_500));
    byte[] first =
        Packets.ipv4(HOST4, US4, ICMP, 64, 0x2000, new byte[40], Arrays.copyOf(payload, 1400));
    router.receive(1, Packets.sealed(Packets.with(first, 4, 0x12, 0x34)));
    for (int at = 1400; at < payload.length; at += 1400) {
      int end = Math.min(payload.length, at + 1400);
      int field = at / 8 | (end < payload.length ? 0x2000 : 0);
      router.receive(1, part4(ICMP, field, Arrays.copyOfRange(payload, at, end)));
    }
    assertThat(router.sent).isEmpty();
    assertThat(router.drops).hasSize(47).containsOnly(DropReason.FRAGMENT_TO_US);
  }

  @Test
  void aLargePacketOverIpv6IsPutTogether() {
    byte[] message = Packets.message(128, 0, 1, data(65_500));
    byte[] payload = Packets.from(Packets.icmp6(HOST6, US6, 64, message), 40);
    fragments6(payload, 1448).forEach(each -> router.receive(1, each));
    assertThat(answer(true).length).isEqualTo(payload.length);
  }

  @Test
  void theLargestDatagramIsPutTogetherOfTheSmallestPacketsThatAllTake() {
    byte[] data = data(65_507);
    fragments4(ICMP, Packets.icmp(8, 0, 1, data), 552).forEach(each -> router.receive(1, each));
    assertThat(answer(false)).isEqualTo(Packets.icmp(0, 0, 1, data));
  }

  @Test
  void partsLeaveHalfOfTheRoomToPacketsThatWaitForNeighbours() {
    RouterSettings settings = RouterSettings.defaults().withHeld(8, 16);
    TestRouter small = new TestRouter(settings, TestRouter.builder(1), TestRouter.builder(2));
    for (int i = 0; i < 20; i++) {
      small.receive(1, part4(ICMP, i * 2 | 0x2000, new byte[8]));
      byte[] other = Packets.with(part4(ICMP, 0x2000, new byte[8]), 4, 0, i);
      small.receive(1, Packets.sealed(Packets.with(other, 10, 0, 0)));
    }
    small.drops.clear();
    for (int i = 0; i < 8; i++) {
      small.receive(1, Packets.ipv4(HOST4, "10.0.2." + (9 + i), UDP, Packets.udp(1, 2, 8)));
    }
    assertThat(small.drops).isEmpty();
  }

  @Test
  void aDatagramToNobodyIsRefusedWhenItIsWhole() {
    fragments4(UDP, Packets.udp(1, 2, 3000), 1480).forEach(each -> router.receive(1, each));
    assertThat(Packets.u16(router.only().packet(), 20)).isEqualTo(3 << 8 | 3);
    assertThat(router.drops).containsExactly(DropReason.NO_LISTENER);
  }

  @Test
  void aPartThatIsLateIsToldWhereTheFirstCame() {
    List<byte[]> parts = fragments4(ICMP, Packets.icmp(8, 0, 1, data(3000)), 1480);
    router.receive(1, parts.get(0));
    router.receive(1, parts.get(1));
    router.pass(29.5);
    assertThat(router.drops).isEmpty();
    router.pass(1);
    assertThat(router.drops).hasSize(2).containsOnly(DropReason.FRAGMENT_TO_US);
    assertThat(Packets.u16(router.only().packet(), 20)).isEqualTo(11 << 8 | 1);
    router.receive(1, parts.get(2));
    router.pass(31);
    assertThat(router.sent).isEmpty();

    byte[] echo = Packets.icmp6(HOST6, US6, 64, Packets.message(128, 0, 1, data(3000)));
    router.receive(1, fragments6(Packets.from(echo, 40), 1448).get(0));
    router.pass(61);
    assertThat(Packets.u16(router.only().packet(), 40)).isEqualTo(3 << 8 | 1);
  }

  @Test
  void partsThatLieOverEachOtherTakeTheirDatagramWithThem() {
    List<byte[]> parts = fragments4(ICMP, Packets.icmp(8, 0, 1, data(3000)), 1480);
    router.receive(1, parts.get(0));
    router.receive(1, part4(ICMP, 184 | 0x2000, new byte[1480]));
    assertThat(router.drops).hasSize(2).containsOnly(DropReason.FRAGMENT_TO_US);
    router.receive(1, parts.get(1));
    router.receive(1, parts.get(2));
    assertThat(router.sent).isEmpty();
  }

  @Test
  void aPartThatComesTwiceDoesNoHarm() {
    List<byte[]> parts = fragments4(ICMP, Packets.icmp(8, 0, 1, data(2000)), 1480);
    router.receive(1, parts.get(0));
    router.receive(1, parts.get(0));
    router.receive(1, parts.get(1));
    assertThat(answer(false)).isEqualTo(Packets.icmp(0, 0, 1, data(2000)));
  }

  @Test
  void partsThatCannotBeAreRefused() {
    router.receive(1, part4(ICMP, 0x2000, new byte[13]));
    router.receive(1, part4(ICMP, 8190, new byte[100]));
    assertThat(router.drops).hasSize(2).containsOnly(DropReason.FRAGMENT_TO_US);
    assertThat(router.sent).isEmpty();
    byte[] echo = Packets.with(new byte[13], 0, 128);
    router.receive(1, part6(1, echo));
    assertThat(Packets.i32(router.only().packet(), 44)).isEqualTo(4);
    router.receive(1, Packets.with(part6(0xfff8, new byte[100]), 40, UDP));
    assertThat(Packets.i32(router.only().packet(), 44)).isEqualTo(42);
  }

  @Test
  void partsOfManyDatagramsPushOutTheOldest() {
    List<byte[]> parts = fragments4(ICMP, Packets.icmp(8, 0, 1, data(2000)), 1480);
    router.receive(1, parts.get(0));
    for (int i = 0; i < 1000; i++) {
      byte[] other = Packets.with(part4(ICMP, 0x2000, new byte[1480]), 4, i >>> 8, i);
      router.receive(1, Packets.sealed(Packets.with(other, 10, 0, 0)));
    }
    assertThat(router.drops).hasSize(1001 - Reassembly.MOST_DATAGRAMS);
    router.drops.clear();
    for (int i = 0; i < 1000; i++) {
      router.receive(1, part4(ICMP, i * 2 | 0x2000, new byte[8]));
    }
    assertThat(router.stack.counters().get(StackCounters.Total.HELD))
        .isLessThanOrEqualTo(Reassembly.MOST_FRAGMENTS);
  }

  @Test
  void theLargestPacketOverIpv6IsPutTogether() {
    byte[] data = data(65_527);
    byte[] payload =
        Packets.from(Packets.icmp6(HOST6, US6, 64, Packets.message(128, 0, 1, data)), 40);
    assertThat(payload).hasSize(65_535);
    fragments6(payload, 1448).forEach(each -> router.receive(1, each));
    byte[] reply = Packets.message(129, 0, 1, data);
    assertThat(answer(true)).isEqualTo(Packets.from(Packets.icmp6(US6, HOST6, 64, reply), 40));
    assertThat(router.drops).isEmpty();
  }

  @Test
  void neighboursAreNotTakenFromPartsPutTogether() {
    byte[] option = Packets.concat(new byte[] {1, 1}, Packets.mac("02:00:00:00:01:09"));
    byte[] asks = Packets.concat(Packets.address(US6), option);
    byte[] whole = Packets.icmp6(HOST6, US6, 255, Packets.message(135, 0, 0, asks));
    for (byte[] each : fragments6(Packets.from(whole, 40), 16)) {
      router.receive(1, Packets.with(each, 7, 255));
    }
    assertThat(router.drops).containsExactly(DropReason.ND_INVALID);
    assertThat(router.sent).isEmpty();
  }
}
