package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.nat.Nat44;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.PacketBuffer;

/** Link 1 and 3 are inside, link 2 outside; 10.0.2.1 stands for all that is inside. */
class NatRulesTest {
  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int SYN = 2;
  private static final int ACK = 16;
  private static final int FIN = 1;
  private static final String HOST = "10.0.1.2";
  private static final String REMOTE = "10.0.2.2";
  private static final String OUTSIDE = "10.0.2.1";

  private final TestRouter router = new TestRouter();
  private final Nat44 nat = new Nat44(List.of(2), List.of(IpAddress.parse(OUTSIDE)), 70_000);

  @BeforeEach
  void translate() {
    router.router.setNat(nat);
  }

  private static byte[] udp(String from, int fromPort, String to, int toPort) {
    return Packets.transport4(from, to, UDP, Packets.udp(fromPort, toPort, 33));
  }

  private static byte[] tcp(String from, int fromPort, String to, int toPort, int flags) {
    return Packets.transport4(from, to, TCP, Packets.tcp(fromPort, toPort, flags, 11));
  }

  /** Sends a packet in, checks the one that comes out, and returns it. */
  private byte[] through(int port, byte[] packet, int outPort) {
    assertThat(router.receive(port, packet))
        .as(router.drops.toString())
        .isEqualTo(Outcome.TRANSMITTED);
    TestRouter.Sent sent = router.only();
    assertThat(sent.port()).isEqualTo(outPort);
    byte[] out = sent.packet();
    assertThat(Packets.isSound4(out)).isTrue();
    if (Packets.u8(out, 9) != ICMP && (Packets.u16(out, 6) & 0x3fff) == 0) {
      assertThat(Packets.transportSum4(out)).isZero();
    }
    return out;
  }

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
  void anEchosIdentifierIsTranslatedLikeAPort() {
    router.neighbor(1, "10.0.1.3");
    byte[] echo = Packets.icmp(8, 0, 0x0007_0001, new byte[20]);
    byte[] first = through(1, Packets.ipv4(HOST, REMOTE, ICMP, echo), 2);
    byte[] second = through(1, Packets.ipv4("10.0.1.3", REMOTE, ICMP, echo), 2);
    int id = Packets.u16(second, 24);
    assertThat(Packets.u16(first, 24)).isEqualTo(7);
    assertThat(id).isNotEqualTo(7);
    byte[] reply = Packets.icmp(0, 0, id << 16 | 1, new byte[20]);
    byte[] back = through(2, Packets.ipv4(REMOTE, OUTSIDE, ICMP, reply), 1);
    assertThat(Packets.address4(back, 16)).isEqualTo("10.0.1.3");
    assertThat(Packets.u16(back, 24)).isEqualTo(7);
  }

  @Test
  void anEchoToTheOutsideAddressIsForTheRouterItself() {
    byte[] echo = Packets.icmp(8, 0, 7 << 16, new byte[20]);
    through(1, Packets.ipv4(HOST, REMOTE, ICMP, echo), 2);
    byte[] reply = through(2, Packets.ipv4(REMOTE, OUTSIDE, ICMP, echo), 2);
    assertThat(Packets.u8(reply, 20)).isZero();
  }

  @Test
  void anErrorFromOutsideFindsTheHostAndQuotesWhatItSent() {
    byte[] sent = udp(HOST, 5000, REMOTE, 53);
    byte[] out = through(1, sent, 2);
    byte[] error = Packets.icmp(3, 3, 0, out);
    byte[] back = through(2, Packets.ipv4("10.0.2.2", OUTSIDE, ICMP, error), 1);
    assertThat(Packets.address4(back, 16)).isEqualTo(HOST);
    byte[] quoted = Packets.from(back, 28);
    assertThat(Packets.isSound4(quoted)).isTrue();
    assertThat(Packets.transportSum4(quoted)).isZero();
    // But for the hop it took, it is what the host sent.
    assertThat(Packets.sealed(Packets.with(quoted, 8, 64))).isEqualTo(sent);
  }

  @Test
  void anErrorQuotingTheFirstEightBytesOfTransportIsEnough() {
    byte[] out = through(1, tcp(HOST, 5000, REMOTE, 80, SYN), 2);
    byte[] error = Packets.icmp(11, 0, 0, Arrays.copyOf(out, 28));
    byte[] back = through(2, Packets.ipv4("10.0.2.2", OUTSIDE, ICMP, error), 1);
    byte[] quoted = Packets.from(back, 28);
    assertThat(Packets.address4(quoted, 12)).isEqualTo(HOST);
    assertThat(Packets.u16(quoted, 20)).isEqualTo(5000);
  }

  @Test
  void anErrorFromInsideComesFromTheOutsideAddressAndQuotesWhatCame() {
    byte[] out = through(1, udp(HOST, 5000, REMOTE, 53), 2);
    byte[] answer = udp(REMOTE, 53, OUTSIDE, Packets.u16(out, 20));
    byte[] inside = through(2, answer, 1);
    byte[] error = Packets.icmp(3, 3, 0, inside);
    byte[] told = through(1, Packets.ipv4(HOST, REMOTE, ICMP, error), 2);
    assertThat(Packets.address4(told, 12)).isEqualTo(OUTSIDE);
    byte[] quoted = Packets.from(told, 28);
    assertThat(Packets.transportSum4(quoted)).isZero();
    assertThat(Packets.sealed(Packets.with(quoted, 8, 64))).isEqualTo(answer);
  }

  @Test
  void anErrorAboutNothingKnownGoesNowhere() {
    byte[] error = Packets.icmp(3, 3, 0, udp(OUTSIDE, 777, REMOTE, 53));
    assertThat(router.receive(2, Packets.ipv4(REMOTE, OUTSIDE, ICMP, error)))
        .isEqualTo(Outcome.DELIVERED);
    byte[] about = Packets.icmp(3, 3, 0, udp(REMOTE, 777, HOST, 53));
    router.receive(1, Packets.ipv4(HOST, REMOTE, ICMP, about));
    assertThat(router.drop()).isEqualTo(DropReason.NAT_NO_MAPPING);
    assertThat(router.sent).isEmpty();
  }

  @Test
  void ourOwnErrorsQuoteThePacketAsItsSenderKnowsIt() {
    byte[] packet = Packets.ipv4(HOST, REMOTE, UDP, 1, 0, new byte[0], Packets.udp(1, 2, 9));
    router.receive(1, packet);
    byte[] error = router.only().packet();
    assertThat(Packets.from(error, 28)).isEqualTo(packet);
    byte[] out = through(1, udp(HOST, 5000, REMOTE, 53), 2);
    byte[] expired =
        Packets.ipv4(
            REMOTE, OUTSIDE, UDP, 1, 0, new byte[0], Packets.udp(53, Packets.u16(out, 20), 9));
    router.receive(2, expired);
    assertThat(Packets.from(router.only().packet(), 28)).isEqualTo(expired);
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
  void aMappingLivesAsLongAsItsProtocolNeeds() {
    through(1, udp(HOST, 5000, REMOTE, 53), 2);
    through(1, tcp(HOST, 5000, REMOTE, 80, SYN), 2);
    through(1, tcp(HOST, 5001, REMOTE, 80, SYN), 2);
    through(1, tcp(HOST, 5001, REMOTE, 80, ACK), 2);
    through(1, tcp(HOST, 5002, REMOTE, 80, ACK), 2);
    through(1, tcp(HOST, 5002, REMOTE, 80, FIN | ACK), 2);
    through(1, Packets.ipv4(HOST, REMOTE, ICMP, Packets.icmp(8, 0, 9 << 16, new byte[4])), 2);
    assertThat(nat.list()).hasSize(5);
    router.now += 100 * TestRouter.SECOND;
    router.pass(40);
    assertThat(nat.list()).hasSize(4);
    router.now += 130 * TestRouter.SECOND;
    router.pass(40);
    assertThat(nat.list()).hasSize(1);
    router.now += 7100 * TestRouter.SECOND;
    router.pass(100);
    assertThat(nat.list()).isEmpty();
  }

  @Test
  void fragmentsAreTranslatedLikeTheirFirst() {
    byte[] whole = Packets.transport4(HOST, REMOTE, UDP, Packets.udp(5000, 53, 1000));
    byte[] data = Packets.from(whole, 20);
    byte[] head = Arrays.copyOf(data, 800);
    byte[] tail = Packets.from(data, 800);
    byte[] last = Packets.ipv4(HOST, REMOTE, UDP, 64, 100, new byte[0], tail);
    router.receive(1, last);
    assertThat(router.drop()).isEqualTo(DropReason.FRAGMENT_WITHOUT_FIRST);
    byte[] first = through(1, Packets.ipv4(HOST, REMOTE, UDP, 64, 0x2000, new byte[0], head), 2);
    byte[] second = through(1, last, 2);
    assertThat(Packets.address4(second, 12)).isEqualTo(OUTSIDE);
    byte[] joined =
        Packets.ipv4(
            OUTSIDE,
            REMOTE,
            UDP,
            Packets.concat(Packets.from(first, 20), Packets.from(second, 20)));
    assertThat(Packets.transportSum4(joined)).isZero();
  }

  @Test
  void fragmentsAreTranslatedLikeTheirFirstThatAnotherWorkerHad() {
    byte[] head = Arrays.copyOf(Packets.udp(5000, 53, 1000), 800);
    through(1, Packets.ipv4(HOST, REMOTE, UDP, 64, 0x2000, new byte[0], head), 2);
    byte[] last = Packets.ipv4(HOST, REMOTE, UDP, 64, 100, new byte[0], new byte[208]);
    byte[] frame = Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), EtherType.IPV4, last);
    Stack other = new Stack(router.pool.memory, router.router, router);
    assertThat(other.receive(router.pool.acquire(frame), 1, router.now))
        .as(router.drops.toString())
        .isEqualTo(Outcome.TRANSMITTED);
    assertThat(Packets.address4(router.only().packet(), 12)).isEqualTo(OUTSIDE);
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
