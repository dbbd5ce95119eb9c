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
  private static final int RST = 4;
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
  void anErrorFromOutsideIsForTheSenderOfWhatItQuotesOnly() {
    byte[] out = through(1, udp(HOST, 5000, REMOTE, 53), 2);
    byte[] error = Packets.icmp(3, 3, 0, out);
    // To an address of ours, but not to the one that the quoted packet came from.
    assertThat(router.receive(2, Packets.ipv4(REMOTE, "10.0.3.1", ICMP, error)))
        .isEqualTo(Outcome.DELIVERED);
    assertThat(router.sent).isEmpty();
    through(2, Packets.ipv4(REMOTE, OUTSIDE, ICMP, error), 1);
  }

  @Test
  void anErrorFromInsideGoesToTheSenderOfWhatItQuotesOnly() {
    router.neighbor(2, "10.0.2.3");
    byte[] error = errorFromInside();
    router.receive(1, Packets.ipv4(HOST, "10.0.2.3", ICMP, error));
    assertThat(router.drop()).isEqualTo(DropReason.NAT_NO_MAPPING);
    through(1, Packets.ipv4(HOST, REMOTE, ICMP, error), 2);
  }

  /** What the host says about a packet that came in for it. */
  private byte[] errorFromInside() {
    byte[] out = through(1, udp(HOST, 5000, REMOTE, 53), 2);
    byte[] inside = through(2, udp(REMOTE, 53, OUTSIDE, Packets.u16(out, 20)), 1);
    return Packets.icmp(3, 3, 0, inside);
  }

  @Test
  void anErrorWithAWrongChecksumIsNotMadeRight() {
    byte[] error = errorFromInside();
    error[2] ^= 1;
    router.receive(1, Packets.ipv4(HOST, REMOTE, ICMP, error));
    assertThat(router.drop()).isEqualTo(DropReason.ICMP_MALFORMED);
    byte[] out = through(1, udp(HOST, 5000, REMOTE, 53), 2);
    byte[] wrong = Packets.icmp(3, 3, 0, out);
    wrong[2] ^= 1;
    router.receive(2, Packets.ipv4(REMOTE, OUTSIDE, ICMP, wrong));
    assertThat(router.drop()).isEqualTo(DropReason.ICMP_MALFORMED);
    assertThat(router.sent).isEmpty();
  }

  @Test
  void anErrorThatComesInFragmentsIsNotTranslated() {
    byte[] error = errorFromInside();
    byte[] head = Packets.ipv4(HOST, REMOTE, ICMP, 64, 0x2000, new byte[0], error);
    router.receive(1, head);
    assertThat(router.drop()).isEqualTo(DropReason.ICMP_MALFORMED);
    byte[] tail = Packets.ipv4(HOST, REMOTE, ICMP, 64, 8, new byte[0], new byte[9]);
    router.receive(1, tail);
    assertThat(router.drop()).isEqualTo(DropReason.NAT_UNSUPPORTED);
    assertThat(router.sent).isEmpty();
  }

  /** The error of one host inside about a packet of another that came through the outside. */
  @Test
  void anErrorBetweenHostsInsideIsTranslatedOnBothSides() {
    through(3, udp("10.0.3.2", 6000, REMOTE, 53), 2);
    byte[] sent = udp(HOST, 5000, OUTSIDE, 6000);
    byte[] hairpin = through(1, sent, 3);
    byte[] error = Packets.icmp(3, 3, 0, hairpin);
    byte[] told = through(3, Packets.ipv4("10.0.3.2", OUTSIDE, ICMP, error), 1);
    assertThat(Packets.address4(told, 12)).isEqualTo(OUTSIDE);
    assertThat(Packets.address4(told, 16)).isEqualTo(HOST);
    byte[] quoted = Packets.from(told, 28);
    assertThat(Packets.isSound4(quoted)).isTrue();
    assertThat(Packets.transportSum4(quoted)).isZero();
    assertThat(Packets.sealed(Packets.with(quoted, 8, 64))).isEqualTo(sent);
  }

  @Test
  void anEchoReplyNobodyAskedForDoesNotLeave() {
    byte[] reply = Packets.icmp(0, 0, 7 << 16 | 1, new byte[4]);
    router.receive(1, Packets.ipv4(HOST, REMOTE, ICMP, reply));
    assertThat(router.drop()).isEqualTo(DropReason.NAT_NO_MAPPING);
    assertThat(nat.list()).isEmpty();
  }

  /** Rewritten ports and a checksum that is in another fragment would not fit together. */
  @Test
  void aTinyFragmentIsDroppedByName() {
    byte[] segment = Packets.tcp(5000, 80, SYN, 40);
    for (int length : new int[] {4, 8, 16}) {
      byte[] head = Arrays.copyOf(segment, length);
      router.receive(1, Packets.ipv4(HOST, REMOTE, TCP, 64, 0x2000, new byte[0], head));
      assertThat(router.drop()).isEqualTo(DropReason.TINY_FRAGMENT);
    }
    byte[] head = Arrays.copyOf(Packets.udp(5000, 53, 8), 7);
    router.receive(1, Packets.ipv4(HOST, REMOTE, UDP, 64, 0x2000, new byte[0], head));
    assertThat(router.drop()).isEqualTo(DropReason.TINY_FRAGMENT);
    byte[] first = Packets.ipv4(HOST, REMOTE, TCP, 64, 0x2000, new byte[0], segment);
    through(1, first, 2);
    for (int offset = 1; offset <= 2; offset++) {
      byte[] over = Packets.ipv4(HOST, REMOTE, TCP, 64, offset, new byte[0], new byte[24]);
      router.receive(1, over);
      assertThat(router.drop()).isEqualTo(DropReason.TINY_FRAGMENT);
    }
    through(1, Packets.ipv4(HOST, REMOTE, TCP, 64, 8, new byte[0], new byte[24]), 2);
    assertThat(nat.list()).hasSize(1);
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
    open(5001, REMOTE);
    through(1, tcp(HOST, 5002, REMOTE, 80, ACK), 2);
    through(1, Packets.ipv4(HOST, REMOTE, ICMP, Packets.icmp(8, 0, 9 << 16, new byte[4])), 2);
    isLeft(5);
    isLeftAfter(59, 5);
    isLeftAfter(2, 4); // ICMP after 60 s
    isLeftAfter(178, 4);
    isLeftAfter(2, 2); // TCP that did not open after 240 s
    isLeftAfter(60, 1); // UDP after 300 s
    isLeftAfter(7138, 1);
    isLeftAfter(2, 0); // TCP that did after 7440 s
  }

  /** A TCP connection of the host's port 5000 or so to port 80, opened. */
  private void open(int port, String remote) {
    through(1, tcp(HOST, port, remote, 80, SYN), 2);
    through(2, tcp(remote, 80, OUTSIDE, port, SYN | ACK), 1);
    through(1, tcp(HOST, port, remote, 80, ACK), 2);
  }

  private void isLeftAfter(int seconds, int mappings) {
    router.now += seconds * TestRouter.SECOND;
    isLeft(mappings);
  }

  private void isLeft(int mappings) {
    sweep(nat);
    assertThat(nat.list()).hasSize(mappings);
  }

  private void sweep(Nat44 translator) {
    for (int i = 0; i < 100; i++) {
      translator.tick(router.now);
    }
  }

  @Test
  void aConnectionThatBothSidesFinishedLeavesAfterFourMinutes() {
    open(5000, REMOTE);
    through(1, tcp(HOST, 5000, REMOTE, 80, FIN | ACK), 2);
    isLeftAfter(7000, 1); // Half closed, it goes on.
    through(2, tcp(REMOTE, 80, OUTSIDE, 5000, ACK), 1);
    isLeftAfter(7000, 1);
    through(2, tcp(REMOTE, 80, OUTSIDE, 5000, FIN | ACK), 1);
    through(1, tcp(HOST, 5000, REMOTE, 80, ACK), 2);
    isLeftAfter(239, 1);
    isLeftAfter(2, 0);
  }

  @Test
  void aConnectionThatWasBrokenOffLeavesAfterFourMinutes() {
    open(5000, REMOTE);
    through(2, tcp(REMOTE, 80, OUTSIDE, 5000, RST), 1);
    through(1, tcp(HOST, 5000, REMOTE, 80, ACK), 2); // On its way before.
    isLeftAfter(239, 1);
    isLeftAfter(2, 0);
    through(1, tcp(HOST, 5000, REMOTE, 80, SYN), 2);
    through(2, tcp(REMOTE, 80, OUTSIDE, 5000, RST | ACK), 1);
    isLeftAfter(241, 0);
  }

  @Test
  void aForgedResetDoesNotCutAConnectionThatGoesOn() {
    open(5000, REMOTE);
    through(2, tcp(REMOTE, 80, OUTSIDE, 5000, RST), 1);
    router.now += 100 * TestRouter.SECOND;
    through(2, tcp(REMOTE, 80, OUTSIDE, 5000, ACK), 1); // Who broke off would not say this.
    isLeftAfter(7000, 1);
  }

  @Test
  void whatBecomesOfOneConnectionSaysNothingAboutOthersOfItsMapping() {
    router.neighbor(2, "10.0.2.3");
    open(5000, REMOTE);
    open(5000, "10.0.2.3");
    through(1, tcp(HOST, 5000, REMOTE, 80, RST), 2);
    isLeftAfter(7000, 1);
    through(2, tcp("10.0.2.3", 80, OUTSIDE, 5000, RST), 1);
    isLeftAfter(241, 0);
  }

  /** More connections than a mapping watches: those that make room leave it their time. */
  @Test
  void anOpenConnectionKeepsItsMappingWhateverElseItsEndpointDoes() {
    router.neighbor(2, "10.0.2.3");
    open(5000, "10.0.2.3");
    for (int port = 1; port <= 200; port++) {
      through(1, tcp(HOST, 5000, REMOTE, port, SYN), 2);
      through(2, tcp(REMOTE, port, OUTSIDE, 5000, RST | ACK), 1);
    }
    isLeftAfter(7000, 1);
    through(2, tcp("10.0.2.3", 80, OUTSIDE, 5000, ACK), 1);
    isLeftAfter(7000, 1);
    isLeftAfter(441, 0);
    for (int i = 0; i < 20; i++) {
      open(5000, REMOTE);
    }
    for (int host = 10; host < 30; host++) {
      router.neighbor(2, "10.0.2." + host);
      open(5000, "10.0.2." + host);
    }
    isLeftAfter(7000, 1);
    isLeftAfter(441, 0);
  }

  @Test
  void aConnectionThatBothBeginAtOnceIsEstablished() {
    through(1, tcp(HOST, 5000, REMOTE, 80, SYN), 2);
    through(2, tcp(REMOTE, 80, OUTSIDE, 5000, SYN), 1);
    through(1, tcp(HOST, 5000, REMOTE, 80, SYN | ACK), 2);
    through(2, tcp(REMOTE, 80, OUTSIDE, 5000, SYN | ACK), 1);
    isLeftAfter(7000, 1);
  }

  /** As after a restart; the answer shows that the connection is there. */
  @Test
  void aConnectionOlderThanTheTableIsTakenUp() {
    through(1, tcp(HOST, 5000, REMOTE, 80, ACK), 2);
    through(2, tcp(REMOTE, 80, OUTSIDE, 5000, ACK), 1);
    isLeftAfter(7000, 1);
  }

  @Test
  void whatComesFromOutsideKeepsOnlyConnectionsThatAHostTakesPartIn() {
    router.neighbor(2, "10.0.2.3");
    through(1, udp(HOST, 5000, REMOTE, 53), 2);
    open(5000, REMOTE);
    for (int i = 0; i < 2; i++) {
      router.now += 200 * TestRouter.SECOND;
      router.receive(2, udp(REMOTE, 53, OUTSIDE, 5000));
      router.sent.clear();
      router.drops.clear();
      through(2, tcp("10.0.2.3", 80, OUTSIDE, 5000, ACK), 1);
    }
    isLeft(1); // UDP: only what the host sends counts.
    router.now += 6900 * TestRouter.SECOND;
    through(2, tcp("10.0.2.3", 80, OUTSIDE, 5000, ACK), 1);
    isLeftAfter(200, 0); // A stranger who writes to the endpoint keeps nothing.
    open(5000, REMOTE);
    router.now += 7000 * TestRouter.SECOND;
    through(2, tcp(REMOTE, 80, OUTSIDE, 5000, ACK), 1);
    isLeftAfter(7000, 1);
  }

  @Test
  void hairpinnedConnectionsAreWatchedOnBothSides() {
    through(3, tcp("10.0.3.2", 6000, REMOTE, 9, SYN), 2);
    through(1, tcp(HOST, 5000, OUTSIDE, 6000, SYN), 3);
    through(3, tcp("10.0.3.2", 6000, OUTSIDE, 5000, SYN | ACK), 1);
    through(1, tcp(HOST, 5000, OUTSIDE, 6000, ACK), 3);
    isLeftAfter(7000, 2);
    through(3, tcp("10.0.3.2", 6000, OUTSIDE, 5000, FIN | ACK), 1);
    through(1, tcp(HOST, 5000, OUTSIDE, 6000, FIN | ACK), 3);
    isLeftAfter(241, 0);
  }

  @Test
  void whatIsRefusedForItsSizeMakesNoMappingAndKeepsNone() {
    InterfaceBuilder small = TestRouter.builder(2).mtu(1300);
    TestRouter narrow = new TestRouter(RouterSettings.defaults(), TestRouter.builder(1), small);
    narrow.neighbor(1, HOST);
    narrow.neighbor(2, REMOTE);
    narrow.router.setNat(nat);
    byte[] big = Packets.ipv4(HOST, REMOTE, UDP, 64, 0x4000, new byte[0], Packets.udp(5, 6, 1400));
    narrow.receive(1, big);
    assertThat(narrow.drop()).isEqualTo(DropReason.FRAGMENTATION_NEEDED);
    assertThat(Packets.u16(narrow.only().packet(), 20)).isEqualTo(3 << 8 | 4);
    assertThat(nat.list()).isEmpty();
    assertThat(narrow.receive(1, udp(HOST, 5, REMOTE, 6))).isEqualTo(Outcome.TRANSMITTED);
    narrow.now += 299 * TestRouter.SECOND;
    narrow.receive(1, big);
    router.now = narrow.now;
    isLeftAfter(2, 0);
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
  void fragmentsAreTranslatedLikeTheirFirst() {
    byte[] whole = Packets.transport4(HOST, REMOTE, UDP, Packets.udp(5000, 53, 1000));
    byte[] data = Packets.from(whole, 20);
    byte[] head = Arrays.copyOf(data, 800);
    byte[] tail = Packets.from(data, 800);
    byte[] last = Packets.ipv4(HOST, REMOTE, UDP, 64, 100, new byte[0], tail);
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
  void aFragmentBeforeTheFirstWaitsForIt() {
    byte[] last = Packets.ipv4(HOST, REMOTE, UDP, 64, 100, new byte[0], new byte[208]);
    byte[] middle = Packets.ipv4(HOST, REMOTE, UDP, 64, 0x2000 | 50, new byte[0], new byte[400]);
    assertThat(router.receive(1, last)).isEqualTo(Outcome.HELD);
    assertThat(router.receive(1, middle)).isEqualTo(Outcome.HELD);
    through(1, udp("10.0.1.3", 5000, REMOTE, 53), 2); // Others pass meanwhile.
    byte[] head = Arrays.copyOf(Packets.udp(5000, 53, 1000), 400);
    router.receive(1, Packets.ipv4(HOST, REMOTE, UDP, 64, 0x2000, new byte[0], head));
    assertThat(router.sent).hasSize(3);
    for (int offset : new int[] {0, 100, 50}) {
      byte[] out = router.sent.remove(0).packet();
      assertThat(Packets.u16(out, 6) & 0x1fff).isEqualTo(offset);
      assertThat(Packets.address4(out, 12)).isEqualTo(OUTSIDE);
      assertThat(Packets.isSound4(out)).isTrue();
    }
  }

  @Test
  void aFragmentFromOutsideBeforeTheFirstWaitsForIt() {
    int port = Packets.u16(through(1, udp(HOST, 5000, REMOTE, 53), 2), 20);
    byte[] last = Packets.ipv4(REMOTE, OUTSIDE, UDP, 64, 50, new byte[0], new byte[208]);
    assertThat(router.receive(2, last)).isEqualTo(Outcome.HELD);
    byte[] head = Arrays.copyOf(Packets.udp(53, port, 600), 400);
    router.receive(2, Packets.ipv4(REMOTE, OUTSIDE, UDP, 64, 0x2000, new byte[0], head));
    assertThat(router.sent).hasSize(2);
    for (TestRouter.Sent sent : router.sent) {
      assertThat(sent.port()).isEqualTo(1);
      assertThat(Packets.address4(sent.packet(), 16)).isEqualTo(HOST);
    }
    router.sent.clear();
    // One for nobody inside was for ourselves all along.
    byte[] ours = Packets.with(last, 4, 0x77);
    assertThat(router.receive(2, Packets.sealed(ours))).isEqualTo(Outcome.HELD);
    byte[] first = Arrays.copyOf(Packets.udp(53, 9, 600), 400);
    byte[] begins = Packets.ipv4(REMOTE, OUTSIDE, UDP, 64, 0x2000, new byte[0], first);
    router.receive(2, Packets.sealed(Packets.with(begins, 4, 0x77)));
    assertThat(router.drops).containsExactly(DropReason.FRAGMENT_TO_US, DropReason.FRAGMENT_TO_US);
  }

  @Test
  void aFragmentWhoseFirstDoesNotComeIsDroppedByName() {
    byte[] last = Packets.ipv4(HOST, REMOTE, UDP, 64, 100, new byte[0], new byte[208]);
    assertThat(router.receive(1, last)).isEqualTo(Outcome.HELD);
    router.pass(0.9);
    assertThat(router.drops).isEmpty();
    router.pass(0.2);
    assertThat(router.drop()).isEqualTo(DropReason.FRAGMENT_WITHOUT_FIRST);
    router.receive(1, last);
    router.stack.stop();
    assertThat(router.drop()).isEqualTo(DropReason.STOPPED);
    router.requireBalance();
  }

  /** A flood of fragments without a first takes room from nothing but fragments out of order. */
  @Test
  void fragmentsWithoutAFirstAreFewAndHarmNoOthers() {
    for (int i = 0; i < 500; i++) {
      byte[] later = Packets.ipv4(HOST, REMOTE, UDP, 64, 100, new byte[0], new byte[8]);
      router.receive(1, Packets.sealed(Packets.with(later, 4, i >>> 8, i)));
    }
    assertThat(router.drops)
        .hasSize(500 - FragmentHold.MOST)
        .containsOnly(DropReason.FRAGMENT_WITHOUT_FIRST);
    router.drops.clear();
    byte[] head = Arrays.copyOf(Packets.udp(5000, 53, 1000), 400);
    byte[] first = Packets.ipv4(HOST, REMOTE, UDP, 64, 0x2000, new byte[0], head);
    through(1, Packets.sealed(Packets.with(first, 4, 0x77)), 2);
    byte[] last = Packets.ipv4(HOST, REMOTE, UDP, 64, 50, new byte[0], new byte[8]);
    through(1, Packets.sealed(Packets.with(last, 4, 0x77)), 2);
    assertThat(router.receive(1, udp(HOST, 5000, "10.0.2.77", 53))).isEqualTo(Outcome.HELD);
    router.pass(1.1);
    assertThat(router.drops)
        .hasSize(FragmentHold.MOST)
        .containsOnly(DropReason.FRAGMENT_WITHOUT_FIRST);
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

  /** As when the number of workers changes: the fragment is at one, its first comes to another. */
  @Test
  void aFragmentThatWaitsSeesTheFirstThatAnotherWorkerHas() {
    byte[] last = Packets.ipv4(HOST, REMOTE, UDP, 64, 100, new byte[0], new byte[208]);
    assertThat(router.receive(1, last)).isEqualTo(Outcome.HELD);
    byte[] head = Arrays.copyOf(Packets.udp(5000, 53, 1000), 800);
    byte[] first = Packets.ipv4(HOST, REMOTE, UDP, 64, 0x2000, new byte[0], head);
    byte[] frame =
        Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), EtherType.IPV4, first);
    Stack other = new Stack(router.pool.memory, router.router, router);
    assertThat(other.receive(router.pool.acquire(frame), 1, router.now))
        .isEqualTo(Outcome.TRANSMITTED);
    router.only();
    router.pass(0.1);
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
