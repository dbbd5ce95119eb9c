package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.nat.Nat44;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.PacketBuffer;

/** Which addresses and ports NAT writes, and where it has none to give. */
class NatRulesTest extends NatNetwork {
  @Test
  void aPacketToOutsideComesFromTheOutsideAddressAndTheAnswerFindsBack() {
    for (int protocol : new int[] {UDP, TCP}) {
      byte[] out =
          through(
              1,
              protocol == UDP ? udp(HOST, 5000, REMOTE, 53) : tcp(HOST, 5000, REMOTE, 53, SYN),
              2);
      assertThat(Packets.address4(out, 12)).isEqualTo(OUTSIDE);
      assertThat(Packets.address4(out, 16)).isEqualTo(REMOTE);
      int port = Packets.u16(out, 20);
      byte[] back =
          through(
              2,
              protocol == UDP
                  ? udp(REMOTE, 53, OUTSIDE, port)
                  : tcp(REMOTE, 53, OUTSIDE, port, SYN | ACK),
              1);
      assertThat(Packets.address4(back, 12)).isEqualTo(REMOTE);
      assertThat(Packets.address4(back, 16)).isEqualTo(HOST);
      assertThat(Packets.u16(back, 22)).isEqualTo(5000);
      assertThat(Packets.u8(back, 8)).isEqualTo(63);
    }
  }

  @Test
  void anEndpointHasOneMappingTowardsAllOfTheOutside() {
    router.neighbor(2, "10.0.2.3");
    byte[] first = through(1, udp(HOST, 5000, REMOTE, 53), 2);
    byte[] second = through(1, udp(HOST, 5000, "10.0.2.3", 99), 2);
    assertThat(Packets.u16(second, 20)).isEqualTo(Packets.u16(first, 20));
    assertThat(nat.list()).hasSize(1);
    byte[] third = through(2, udp("10.0.2.3", 7, OUTSIDE, Packets.u16(first, 20)), 1);
    assertThat(Packets.address4(third, 16)).isEqualTo(HOST);
  }

  @Test
  void thePortIsKeptIfItIsFreeAndElseOneOfItsParityAndRangeIsTaken() {
    router.neighbor(1, "10.0.1.3");
    assertThat(Packets.u16(through(1, udp(HOST, 5000, REMOTE, 53), 2), 20)).isEqualTo(5000);
    int other = Packets.u16(through(1, udp("10.0.1.3", 5000, REMOTE, 53), 2), 20);
    assertThat(other).isNotEqualTo(5000).isGreaterThan(1023).isEven();
    assertThat(Packets.u16(through(1, udp(HOST, 123, REMOTE, 123), 2), 20)).isEqualTo(123);
    int low = Packets.u16(through(1, udp("10.0.1.3", 123, REMOTE, 123), 2), 20);
    assertThat(low).isNotEqualTo(123).isLessThan(1024).isOdd();
  }

  @Test
  void noTwoEndpointsShareAPortOfTheOutside() {
    Set<Integer> ports = new HashSet<>();
    for (int host = 2; host < 50; host++) {
      router.neighbor(1, "10.0.1." + host);
      for (int port = 40_000; port < 40_020; port++) {
        byte[] out = through(1, udp("10.0.1." + host, port, REMOTE, 53), 2);
        assertThat(ports.add(Packets.u16(out, 20))).isTrue();
      }
    }
  }

  @Test
  void aDatagramWithoutAChecksumStaysWithoutOne() {
    byte[] packet = Packets.ipv4(HOST, REMOTE, UDP, Packets.udp(5000, 53, 10));
    router.receive(1, packet);
    assertThat(Packets.u16(router.only().packet(), 26)).isZero();
  }

  @Test
  void checksumsStayRightWhateverChanges() {
    Random random = new Random(8);
    for (int i = 0; i < 3_000; i++) {
      byte[] data = Packets.udp(1024 + random.nextInt(60_000), 53, random.nextInt(40));
      for (int k = 8; k < data.length; k++) {
        data[k] = (byte) random.nextInt();
      }
      String host = "10.0.1." + (2 + random.nextInt(250));
      byte[] out = through(1, Packets.transport4(host, REMOTE, UDP, data), 2);
      assertThat(Packets.u16(out, 26)).isNotZero();
    }
  }

  @Test
  void aPartialChecksumStaysThePseudoHeadersSum() {
    byte[] packet = Packets.ipv4(HOST, REMOTE, TCP, Packets.tcp(5000, 80, SYN, 100));
    byte[] frame =
        Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), EtherType.IPV4, packet);
    PacketBuffer buffer = router.pool.acquire(frame);
    buffer.checksumPartial = true;
    byte[] partial = pseudoSum(HOST, REMOTE, 120);
    router.pool.memory.asSlice(buffer.data + 14 + 36, 2).copyFrom(MemorySegment.ofArray(partial));
    router.stack.receive(buffer, 1, router.now);
    buffer.checksumPartial = false;
    byte[] out = router.only().packet();
    assertThat(Arrays.copyOfRange(out, 36, 38)).isEqualTo(pseudoSum(OUTSIDE, REMOTE, 120));
  }

  private static byte[] pseudoSum(String from, String to, int length) {
    int sum =
        ~Checksum.finish(
            Checksum.pseudoHeader4(
                IpAddress.parse(from).ipv4(), IpAddress.parse(to).ipv4(), TCP, length));
    return new byte[] {(byte) (sum >>> 8), (byte) sum};
  }

  @Test
  void hostsInsideReachEachOtherThroughTheOutside() {
    byte[] out = through(3, udp("10.0.3.2", 6000, REMOTE, 53), 2);
    byte[] hairpin = through(1, udp(HOST, 5000, OUTSIDE, Packets.u16(out, 20)), 3);
    assertThat(Packets.address4(hairpin, 12)).isEqualTo(OUTSIDE);
    assertThat(Packets.address4(hairpin, 16)).isEqualTo("10.0.3.2");
    assertThat(Packets.u16(hairpin, 22)).isEqualTo(6000);
    byte[] back = through(3, udp("10.0.3.2", 6000, OUTSIDE, Packets.u16(hairpin, 20)), 1);
    assertThat(Packets.address4(back, 16)).isEqualTo(HOST);
    assertThat(Packets.u16(back, 22)).isEqualTo(5000);
  }

  @Test
  void betweenLinksInsideNothingIsTranslated() {
    byte[] out = through(1, udp(HOST, 5000, "10.0.3.2", 53), 3);
    assertThat(Packets.address4(out, 12)).isEqualTo(HOST);
    assertThat(nat.list()).isEmpty();
  }

  @Test
  void aPortForwardLetsTheOutsideIn() {
    nat.open(TCP, IpAddress.parse(OUTSIDE), 8080, IpAddress.parse(HOST), 80);
    byte[] in = through(2, tcp(REMOTE, 4000, OUTSIDE, 8080, SYN), 1);
    assertThat(Packets.address4(in, 16)).isEqualTo(HOST);
    assertThat(Packets.u16(in, 22)).isEqualTo(80);
    byte[] out = through(1, tcp(HOST, 80, REMOTE, 4000, SYN | ACK), 2);
    assertThat(Packets.address4(out, 12)).isEqualTo(OUTSIDE);
    assertThat(Packets.u16(out, 20)).isEqualTo(8080);
    router.pass(100);
    assertThat(nat.list()).hasSize(1);
    assertThatThrownBy(
            () -> nat.open(TCP, IpAddress.parse(OUTSIDE), 8080, IpAddress.parse(HOST), 81))
        .hasMessage("no room for protocol 6 10.0.1.2:81 as 10.0.2.1:8080");
    assertThat(nat.close(TCP, IpAddress.parse(OUTSIDE), 8080)).isTrue();
    router.receive(2, tcp(REMOTE, 4000, OUTSIDE, 8080, SYN));
    assertThat(router.drop()).isEqualTo(DropReason.NO_LISTENER);
  }

  @Test
  void aPortForwardTakesThePlaceOfAnExpiredMappingOnly() {
    through(1, udp(HOST, 5000, REMOTE, 53), 2);
    IpAddress outside = IpAddress.parse(OUTSIDE);
    IpAddress inside = IpAddress.parse(HOST);
    long later = router.now + 299 * TestRouter.SECOND;
    assertThatThrownBy(() -> nat.open(UDP, outside, 5000, inside, 5000, later))
        .hasMessageContaining("no room");
    nat.open(UDP, outside, 5000, inside, 5000, later + 2 * TestRouter.SECOND);
    assertThat(nat.list()).singleElement().matches(mapping -> mapping.isPermanent());
  }

  @Test
  void closingAPortForwardLeavesOtherMappingsAlone() {
    through(1, udp(HOST, 5000, REMOTE, 53), 2);
    assertThat(nat.close(UDP, IpAddress.parse(OUTSIDE), 5000)).isFalse();
    through(2, udp(REMOTE, 53, OUTSIDE, 5000), 1);
  }

  @Test
  void aHostHasNoMoreMappingsThanItMay() {
    Nat44 limited = limited(1);
    router.router.setNat(limited);
    router.neighbor(1, "10.0.1.3");
    for (int port = 1001; port <= 1003; port++) {
      through(1, udp(HOST, port, REMOTE, 53), 2);
    }
    router.receive(1, udp(HOST, 1004, REMOTE, 53));
    assertThat(router.drop()).isEqualTo(DropReason.NAT_HOST_LIMIT);
    byte[] told = router.only().packet();
    assertThat(Packets.address4(told, 16)).isEqualTo(HOST);
    assertThat(Packets.u16(told, 20)).isEqualTo(3 << 8 | 1);
    through(1, udp(HOST, 1001, REMOTE, 54), 2);
    through(1, udp("10.0.1.3", 1004, REMOTE, 53), 2);
    limited.open(TCP, IpAddress.parse(OUTSIDE), 8080, IpAddress.parse(HOST), 80);
    router.now += 301 * TestRouter.SECOND;
    sweep(limited);
    assertThat(limited.list()).hasSize(1);
    through(1, udp(HOST, 1004, REMOTE, 53), 2);
  }

  private static Nat44 limited(long seed) {
    List<IpAddress> pool = List.of(IpAddress.parse(OUTSIDE));
    return new Nat44(List.of(2), pool, 70_000, 3, new SplittableRandom(seed));
  }

  @Test
  void aPortThatIsTakenIsReplacedByOneThatOnlyTheSeedTells() {
    for (int host = 3; host < 40; host++) {
      router.neighbor(1, "10.0.1." + host);
    }
    List<Integer> ports = portsOf(1);
    assertThat(portsOf(1)).isEqualTo(ports);
    assertThat(portsOf(2)).isNotEqualTo(ports);
    assertThat(new HashSet<>(ports)).hasSize(ports.size());
    for (int port : ports) {
      assertThat(port).isGreaterThan(1023).isEven();
    }
    long above = ports.stream().filter(port -> port > 33_000).count();
    assertThat(above).isBetween(10L, 26L); // of 36: no part of the range is preferred
  }

  private List<Integer> portsOf(long seed) {
    router.router.setNat(limited(seed));
    List<Integer> ports = new ArrayList<>();
    for (int host = 3; host < 40; host++) {
      ports.add(Packets.u16(through(1, udp("10.0.1." + host, 5000, REMOTE, 53), 2), 20));
    }
    return ports.subList(1, ports.size());
  }

  /** Every port is found as long as there is one, and what it takes to see that is bounded. */
  @Test
  void theLastFreePortIsFound() {
    Nat44 large = new Nat44(List.of(2), List.of(IpAddress.parse(OUTSIDE)), 1 << 17);
    int outside = IpAddress.parse(OUTSIDE).ipv4();
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < 64_512; i++) {
      var mapping = large.outbound(UDP, 10 << 24 | i, 5000, 53, 0, router.now);
      assertThat(mapping).isNotNull();
      assertThat(mapping.outsideAddress()).isEqualTo(outside);
      ports.add(mapping.outsidePort());
    }
    assertThat(ports).hasSize(64_512);
    assertThat(large.outbound(UDP, 11 << 24, 5000, 53, 0, router.now)).isNull();
    assertThat(large.outbound(TCP, 11 << 24, 5000, 53, SYN, router.now)).isNotNull();
    assertThat(large.outbound(UDP, 11 << 24, 1000, 53, 0, router.now).outsidePort())
        .isEqualTo(1000);
    for (int i = 1; i < 1023; i++) {
      assertThat(large.outbound(UDP, 11 << 24 | i, 1000, 53, 0, router.now).outsidePort())
          .isBetween(1, 1023);
    }
    assertThat(large.outbound(UDP, 12 << 24, 1000, 53, 0, router.now)).isNull();
  }

  @Test
  void whatCannotBeTranslatedDoesNotLeave() {
    router.receive(1, Packets.ipv4(HOST, REMOTE, 50, new byte[40]));
    assertThat(router.drop()).isEqualTo(DropReason.NAT_UNSUPPORTED);
    router.receive(1, Packets.ipv4(HOST, REMOTE, ICMP, Packets.icmp(13, 0, 0, new byte[12])));
    assertThat(router.drop()).isEqualTo(DropReason.NAT_UNSUPPORTED);
    router.receive(1, Packets.ipv4(HOST, REMOTE, UDP, new byte[3]));
    assertThat(router.drop()).isEqualTo(DropReason.NAT_UNSUPPORTED);
  }

  @Test
  void aFullTableRefusesNewMappingsByName() {
    Nat44 small = new Nat44(List.of(2), List.of(IpAddress.parse(OUTSIDE)), 4);
    router.router.setNat(small);
    for (int port = 1; port <= 4; port++) {
      through(1, udp(HOST, port, REMOTE, 53), 2);
    }
    router.receive(1, udp(HOST, 5, REMOTE, 53));
    assertThat(router.drop()).isEqualTo(DropReason.NAT_FULL);
    assertThat(Packets.u16(router.only().packet(), 20)).isEqualTo(3 << 8 | 1);
    through(1, udp(HOST, 1, REMOTE, 53), 2);
  }

  @Test
  void aHeldPacketIsTranslatedWhenItLeaves() {
    byte[] packet = udp(HOST, 5000, "10.0.2.77", 53);
    assertThat(router.receive(1, packet)).isEqualTo(Outcome.HELD);
    router.sent.clear();
    router.neighbor(2, "10.0.2.77");
    router.pass(0.1);
    byte[] out = router.only().packet();
    assertThat(Packets.address4(out, 12)).isEqualTo(OUTSIDE);
    assertThat(Packets.transportSum4(out)).isZero();
  }
}
