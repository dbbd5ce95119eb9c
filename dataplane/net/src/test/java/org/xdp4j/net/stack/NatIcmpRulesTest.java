package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Queries and errors of ICMP through NAT. */
class NatIcmpRulesTest extends NatNetwork {
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
}
