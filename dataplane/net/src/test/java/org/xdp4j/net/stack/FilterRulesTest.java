package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.filter.Filter;
import org.xdp4j.net.filter.FilterRule;
import org.xdp4j.net.filter.Verdict;
import org.xdp4j.net.flow.TcpProgress;
import org.xdp4j.net.nat.Nat44;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/** Link 1 may open connections, link 2 only to port 80 of 10.0.1.2 and fd00:1::2. */
class FilterRulesTest {
  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int FIN = 1;
  private static final int SYN = 2;
  private static final int RST = 4;
  private static final int ACK = 16;
  private static final String A = "10.0.1.2";
  private static final String B = "10.0.2.2";

  private final TestRouter router = new TestRouter();
  private final Filter filter =
      new Filter(
          List.of(
              FilterRule.any(Verdict.ACCEPT).from(1),
              FilterRule.any(Verdict.ACCEPT).to(IpPrefix.parse("10.0.1.2/32")).port(TCP, 80),
              FilterRule.any(Verdict.ACCEPT).to(IpPrefix.parse("fd00:1::2/128")).port(TCP, 80),
              FilterRule.any(Verdict.REJECT).port(TCP, 22)),
          Verdict.DROP,
          1000);

  @BeforeEach
  void filter() {
    router.router.setFilter(filter);
  }

  private static byte[] udp(String from, int fromPort, String to, int toPort) {
    return Packets.ipv4(from, to, UDP, Packets.udp(fromPort, toPort, 5));
  }

  private static byte[] tcp(String from, int fromPort, String to, int toPort, int flags) {
    return Packets.ipv4(from, to, TCP, Packets.tcp(fromPort, toPort, flags, 0));
  }

  private void passes(int port, byte[] packet) {
    assertThat(router.receive(port, packet)).isEqualTo(Outcome.TRANSMITTED);
    router.only();
  }

  private void isDropped(int port, byte[] packet, DropReason reason) {
    assertThat(router.receive(port, packet)).isEqualTo(Outcome.DROPPED);
    assertThat(router.drop()).isEqualTo(reason);
    assertThat(router.sent).isEmpty();
  }

  @Test
  void theFirstRuleThatFitsDecidesAndElseTheDefault() {
    passes(1, udp(A, 1, B, 2));
    passes(2, tcp(B, 1, A, 80, SYN));
    isDropped(2, tcp(B, 1, A, 81, SYN), DropReason.FILTERED);
    isDropped(2, udp(B, 9, A, 9), DropReason.FILTERED);
  }

  @Test
  void anAnswerBelongsToItsConnection() {
    isDropped(2, udp(B, 53, A, 5000), DropReason.FILTERED);
    passes(1, udp(A, 5000, B, 53));
    passes(2, udp(B, 53, A, 5000));
    isDropped(2, udp(B, 53, A, 5001), DropReason.FILTERED);
    assertThat(filter.list()).hasSize(1);
    assertThat(filter.list().get(0).state()).isEqualTo(TcpProgress.State.ESTABLISHED);
  }

  @Test
  void aTcpConnectionBeginsWithASynOnly() {
    for (int flags : new int[] {ACK, SYN | ACK, FIN, RST, 0}) {
      isDropped(1, tcp(A, 1, B, 2, flags), DropReason.FILTER_STATE);
    }
    passes(1, tcp(A, 1, B, 2, SYN));
    passes(2, tcp(B, 2, A, 1, SYN | ACK));
    passes(1, tcp(A, 1, B, 2, ACK));
  }

  @Test
  void aClosedConnectionCanBeOpenedAgainByTheRulesOnly() {
    passes(1, tcp(A, 1, B, 2, SYN));
    passes(2, tcp(B, 2, A, 1, RST | ACK));
    assertThat(filter.list().get(0).state()).isEqualTo(TcpProgress.State.CLOSED);
    isDropped(2, tcp(B, 2, A, 1, SYN), DropReason.FILTERED);
    passes(1, tcp(A, 1, B, 2, SYN));
    assertThat(filter.list()).hasSize(1);
    assertThat(filter.list().get(0).state()).isEqualTo(TcpProgress.State.OPENING);
  }

  @Test
  void aHalfClosedConnectionLivesAsLongAsAnOpenOne() {
    open();
    passes(1, tcp(A, 1, B, 2, FIN | ACK));
    router.now += 7000 * TestRouter.SECOND;
    passes(2, tcp(B, 2, A, 1, ACK));
    assertThat(filter.list().get(0).state()).isEqualTo(TcpProgress.State.ESTABLISHED);
    passes(2, tcp(B, 2, A, 1, FIN | ACK));
    assertThat(filter.list().get(0).state()).isEqualTo(TcpProgress.State.CLOSING);
    router.now += 239 * TestRouter.SECOND;
    passes(1, tcp(A, 1, B, 2, ACK));
    router.now += 241 * TestRouter.SECOND;
    isDropped(2, tcp(B, 2, A, 1, ACK), DropReason.FILTER_STATE);
  }

  @Test
  void aForgedResetDoesNotCutAConnectionThatGoesOn() {
    open();
    passes(2, tcp(B, 2, A, 1, RST));
    assertThat(filter.list().get(0).state()).isEqualTo(TcpProgress.State.CLOSED);
    router.now += 239 * TestRouter.SECOND;
    passes(1, tcp(A, 1, B, 2, ACK)); // Says nothing about whether B has gone: on its way before.
    assertThat(filter.list().get(0).state()).isEqualTo(TcpProgress.State.CLOSED);
    router.now += 239 * TestRouter.SECOND;
    passes(2, tcp(B, 2, A, 1, ACK)); // Who broke off would not say this.
    assertThat(filter.list().get(0).state()).isEqualTo(TcpProgress.State.ESTABLISHED);
    router.now += 7000 * TestRouter.SECOND;
    passes(1, tcp(A, 1, B, 2, ACK));
  }

  @Test
  void aConnectionThatWasBrokenOffIsForgottenAfterFourMinutes() {
    open();
    passes(1, tcp(A, 1, B, 2, RST));
    passes(2, tcp(B, 2, A, 1, ACK));
    router.now += 241 * TestRouter.SECOND;
    isDropped(2, tcp(B, 2, A, 1, ACK), DropReason.FILTER_STATE);
  }

  @Test
  void aConnectionThatBothBeginAtOnceIsEstablished() {
    filter.setRules(List.of(FilterRule.any(Verdict.ACCEPT)), Verdict.DROP);
    passes(1, tcp(A, 1, B, 2, SYN));
    passes(2, tcp(B, 2, A, 1, SYN));
    passes(1, tcp(A, 1, B, 2, SYN | ACK));
    assertThat(filter.list().get(0).state()).isEqualTo(TcpProgress.State.OPENING);
    passes(2, tcp(B, 2, A, 1, SYN | ACK));
    assertThat(filter.list()).hasSize(1);
    assertThat(filter.list().get(0).state()).isEqualTo(TcpProgress.State.ESTABLISHED);
  }

  private void open() {
    passes(1, tcp(A, 1, B, 2, SYN));
    passes(2, tcp(B, 2, A, 1, SYN | ACK));
    passes(1, tcp(A, 1, B, 2, ACK));
  }

  @Test
  void aRejectedPacketsSenderIsTold() {
    assertThat(router.receive(2, tcp(B, 1, A, 22, SYN))).isEqualTo(Outcome.DROPPED);
    assertThat(router.drop()).isEqualTo(DropReason.FILTERED);
    assertThat(Packets.u16(router.only().packet(), 20)).isEqualTo(3 << 8 | 13);
    byte[] ipv6 = Packets.ipv6("fd00:2::2", "fd00:1::2", TCP, Packets.tcp(1, 22, SYN, 0));
    router.receive(2, ipv6);
    assertThat(Packets.u16(router.only().packet(), 40)).isEqualTo(1 << 8 | 1);
  }

  @Test
  void ipv6ConnectionsAreKnownAsWell() {
    byte[] out = Packets.ipv6("fd00:1::2", "fd00:2::2", UDP, Packets.udp(5000, 53, 3));
    byte[] back = Packets.ipv6("fd00:2::2", "fd00:1::2", UDP, Packets.udp(53, 5000, 3));
    isDropped(2, back, DropReason.FILTERED);
    passes(1, out);
    passes(2, back);
    byte[] behind =
        Packets.ipv6(
            "fd00:2::2",
            "fd00:1::2",
            60,
            Packets.extension(UDP, new byte[6], Packets.udp(53, 5000, 3)));
    passes(2, behind);
  }

  @Test
  void anErrorGoesOnlyToWhoSentWhatItQuotes() {
    byte[] sent = udp(A, 5000, B, 53);
    passes(1, sent);
    router.neighbor(1, "10.0.1.99");
    byte[] message = Packets.icmp(3, 3, 0, sent);
    isDropped(2, Packets.ipv4(B, "10.0.1.99", ICMP, message), DropReason.FILTER_STATE);
    passes(2, Packets.ipv4(B, A, ICMP, message));
  }

  @Test
  void aChainOfHeadersTooLongToSeeBehindIsDropped() {
    filter.setRules(List.of(FilterRule.any(Verdict.DROP).port(TCP, 80)), Verdict.ACCEPT);
    isDropped(1, chained(15), DropReason.FILTERED);
    isDropped(1, chained(17), DropReason.FILTER_STATE);
  }

  private static byte[] chained(int headers) {
    int options = 60;
    byte[] padding = {1, 4, 0, 0, 0, 0};
    byte[] rest = Packets.tcp(1000, 80, SYN, 0);
    for (int i = 0; i < headers; i++) {
      rest = Packets.extension(i == 0 ? TCP : options, padding, rest);
    }
    return Packets.ipv6("fd00:1::2", "fd00:2::2", options, rest);
  }

  @Test
  void anErrorAboutAConnectionIsLetThrough() {
    byte[] sent = udp(A, 5000, B, 53);
    byte[] error = Packets.ipv4(B, A, ICMP, Packets.icmp(3, 3, 0, sent));
    isDropped(2, error, DropReason.FILTER_STATE);
    passes(1, sent);
    passes(2, error);
    byte[] sent6 = Packets.ipv6("fd00:1::2", "fd00:2::2", UDP, Packets.udp(5000, 53, 3));
    byte[] error6 = Packets.icmp6("fd00:2::2", "fd00:1::2", 64, Packets.message(1, 4, 0, sent6));
    isDropped(2, error6, DropReason.FILTER_STATE);
    passes(1, sent6);
    passes(2, error6);
  }

  /** Path MTU discovery works through the strictest rules, whoever on the way says it. */
  @Test
  void aPacketTooBigFromAnyRouterReachesWhoSentTheLargePacket() {
    byte[] sent = Packets.ipv6("fd00:1::2", "fd00:2::2", TCP, Packets.tcp(1, 2, SYN, 1200));
    passes(1, sent);
    filter.setRules(List.of(), Verdict.DROP);
    byte[] tooBig = Packets.message(2, 0, 1280, Arrays.copyOf(sent, 1232));
    passes(2, Packets.icmp6("fd00:2::77", "fd00:1::2", 64, tooBig));
    byte[] needed = Packets.icmp(3, 4, 1280, Arrays.copyOf(tcp(A, 1, B, 2, SYN), 28));
    isDropped(2, Packets.ipv4("10.0.2.77", A, ICMP, needed), DropReason.FILTER_STATE);
  }

  /** The filter is for what is forwarded: no rule keeps neighbours from finding the router. */
  @Test
  void whatIsForTheRouterItselfIsNotFiltered() {
    filter.setRules(List.of(), Verdict.DROP);
    byte[] target = Packets.address("fd00:1::1");
    byte[] asks = Packets.concat(target, new byte[] {1, 1}, Packets.mac("02:00:00:00:01:01"));
    byte[] solicitation = Packets.message(135, 0, 0, asks);
    assertThat(router.receive(1, Packets.icmp6("fd00:1::2", "fd00:1::1", 255, solicitation)))
        .isEqualTo(Outcome.DELIVERED);
    assertThat(Packets.u8(router.only().packet(), 40)).isEqualTo(136);
    byte[] echo = Packets.message(128, 0, 7 << 16, new byte[4]);
    passes(1, Packets.icmp6("fd00:1::2", "fd00:1::1", 64, echo));
    passes(1, Packets.ipv4(A, "10.0.1.1", ICMP, Packets.icmp(8, 0, 7 << 16, new byte[4])));
    // Nor what the router has to say itself.
    byte[] expired = Packets.ipv6("fd00:1::2", "fd00:2::2", UDP, 1, Packets.udp(1, 2, 3));
    assertThat(router.receive(1, expired)).isEqualTo(Outcome.DROPPED);
    assertThat(Packets.u8(router.only().packet(), 40)).isEqualTo(3);
  }

  @Test
  void anEchoReplyNeedsItsRequest() {
    byte[] reply = Packets.ipv4(B, A, ICMP, Packets.icmp(0, 0, 7 << 16 | 1, new byte[4]));
    isDropped(2, reply, DropReason.FILTER_STATE);
    passes(1, Packets.ipv4(A, B, ICMP, Packets.icmp(8, 0, 7 << 16 | 1, new byte[4])));
    passes(2, reply);
    isDropped(
        2,
        Packets.ipv4(B, A, ICMP, Packets.icmp(0, 0, 8 << 16 | 1, new byte[4])),
        DropReason.FILTER_STATE);
  }

  @Test
  void anEchoRequestIsNoAnswerToOne() {
    passes(1, Packets.ipv4(A, B, ICMP, Packets.icmp(8, 0, 7 << 16 | 1, new byte[4])));
    byte[] back = Packets.ipv4(B, A, ICMP, Packets.icmp(8, 0, 7 << 16 | 1, new byte[4]));
    isDropped(2, back, DropReason.FILTERED);
    byte[] request = Packets.message(128, 0, 7 << 16 | 1, new byte[4]);
    passes(1, Packets.icmp6("fd00:1::2", "fd00:2::2", 64, request));
    isDropped(2, Packets.icmp6("fd00:2::2", "fd00:1::2", 64, request), DropReason.FILTERED);
    byte[] reply = Packets.message(129, 0, 7 << 16 | 1, new byte[4]);
    passes(2, Packets.icmp6("fd00:2::2", "fd00:1::2", 64, reply));
  }

  @Test
  void fragmentsFollowTheirFirst() {
    byte[] first = Packets.ipv4(A, B, UDP, 64, 0x2000, new byte[0], Packets.udp(1, 2, 24));
    byte[] later = Packets.ipv4(A, B, UDP, 64, 4, new byte[0], new byte[9]);
    waitsInVain(later);
    passes(1, first);
    passes(1, later);
    router.now += 29 * TestRouter.SECOND;
    passes(1, later);
    router.now += 2 * TestRouter.SECOND;
    waitsInVain(later);
  }

  /** What comes before a first fragment waits for one, and is dropped by name if none comes. */
  private void waitsInVain(byte[] later) {
    assertThat(router.receive(1, later)).isEqualTo(Outcome.HELD);
    router.pass(1.1);
    assertThat(router.drop()).isEqualTo(DropReason.FRAGMENT_WITHOUT_FIRST);
  }

  @Test
  void aFragmentBeforeTheFirstWaitsForIt() {
    byte[] datagram = Packets.extension(UDP, new byte[6], Packets.udp(5000, 53, 40));
    byte[] later = fragment6(60, 32, 9, Packets.from(datagram, 32));
    assertThat(router.receive(1, later)).isEqualTo(Outcome.HELD);
    router.receive(1, fragment6(60, 1, 9, Arrays.copyOf(datagram, 32)));
    assertThat(router.sent).hasSize(2);
    assertThat(Packets.u16(router.sent.get(1).packet(), 42)).isEqualTo(32);
    router.sent.clear();
    // What the rules drop, they drop whole.
    filter.setRules(List.of(), Verdict.DROP);
    byte[] other = fragment6(60, 32, 10, Packets.from(datagram, 32));
    assertThat(router.receive(1, other)).isEqualTo(Outcome.HELD);
    byte[] refused = Packets.extension(UDP, new byte[6], Packets.udp(5001, 53, 40));
    router.receive(1, fragment6(60, 1, 10, Arrays.copyOf(refused, 32)));
    assertThat(router.drops).containsExactly(DropReason.FILTERED, DropReason.FILTER_STATE);
    assertThat(router.sent).isEmpty();
  }

  /** Nothing that the filter looked at may be cut off, or written over by what comes later. */
  @Test
  void aTinyFragmentIsDroppedByName() {
    for (int length : new int[] {3, 8, 16}) {
      byte[] head = Arrays.copyOf(Packets.tcp(1, 2, SYN, 40), length);
      byte[] tiny = Packets.ipv4(A, B, TCP, 64, 0x2000, new byte[0], head);
      isDropped(1, tiny, DropReason.TINY_FRAGMENT);
    }
    byte[] head = Packets.tcp(1, 2, SYN, 4);
    passes(1, Packets.ipv4(A, B, TCP, 64, 0x2000, new byte[0], head));
    for (int offset = 1; offset <= 2; offset++) {
      byte[] over = Packets.ipv4(A, B, TCP, 64, offset, new byte[0], new byte[24]);
      isDropped(1, over, DropReason.TINY_FRAGMENT);
    }
    passes(1, Packets.ipv4(A, B, TCP, 64, 3, new byte[0], new byte[24]));
    byte[] udp = Arrays.copyOf(Packets.udp(1, 2, 1), 7);
    isDropped(1, Packets.ipv4(A, B, UDP, 64, 0x2000, new byte[0], udp), DropReason.TINY_FRAGMENT);
    assertThat(filter.list()).hasSize(1);
  }

  @Test
  void ipv6FragmentsFollowTheirFirstBehindExtensionHeaders() {
    byte[] datagram = Packets.extension(UDP, new byte[6], Packets.udp(5000, 53, 40));
    byte[] first = fragment6(60, 0 | 1, 9, Arrays.copyOf(datagram, 32));
    byte[] later = fragment6(60, 32, 9, Packets.from(datagram, 32));
    waitsInVain(later);
    passes(1, first);
    passes(1, later);
    assertThat(filter.list()).singleElement().matches(each -> each.protocol() == UDP);
    router.now += 59 * TestRouter.SECOND;
    passes(1, later);
    router.now += 2 * TestRouter.SECOND;
    waitsInVain(later);
  }

  @Test
  void anIpv6FirstFragmentHasAllHeaders() {
    byte[] cut = Packets.extension(UDP, new byte[6], new byte[0]);
    isDropped(1, fragment6(60, 1, 9, cut), DropReason.TINY_FRAGMENT);
    isDropped(1, fragment6(60, 1, 9, new byte[0]), DropReason.TINY_FRAGMENT);
    byte[] syn = Packets.tcp(1, 2, SYN, 4);
    isDropped(1, fragment6(TCP, 1, 9, Arrays.copyOf(syn, 16)), DropReason.TINY_FRAGMENT);
    passes(1, fragment6(TCP, 1, 9, syn));
    isDropped(1, fragment6(TCP, 8, 9, new byte[16]), DropReason.TINY_FRAGMENT);
  }

  @Test
  void aFragmentInAFragmentIsDropped() {
    byte[] inner = Packets.concat(new byte[] {UDP, 0, 0, 0, 0, 0, 0, 5}, Packets.udp(1, 2, 8));
    isDropped(1, fragment6(44, 1, 9, inner), DropReason.FILTER_STATE);
  }

  private static byte[] fragment6(int next, int offsetAndMore, int id, byte[] data) {
    byte[] header = {
      (byte) next, 0, (byte) (offsetAndMore >>> 8), (byte) offsetAndMore, 0, 0, 0, (byte) id
    };
    return Packets.ipv6("fd00:1::2", "fd00:2::2", 44, Packets.concat(header, data));
  }

  @Test
  void aConnectionIsForgottenWhenItWasSilentForLong() {
    passes(1, udp(A, 5000, B, 53));
    passes(2, udp(B, 53, A, 5000));
    router.now += 299 * TestRouter.SECOND;
    passes(2, udp(B, 53, A, 5000));
    router.now += 301 * TestRouter.SECOND;
    isDropped(2, udp(B, 53, A, 5000), DropReason.FILTERED);
    router.pass(1);
    assertThat(filter.list()).isEmpty();
  }

  @Test
  void aFullTableRefusesNewConnectionsByName() {
    Filter small = new Filter(List.of(), Verdict.ACCEPT, 3);
    router.router.setFilter(small);
    for (int port = 1; port <= 3; port++) {
      passes(1, udp(A, port, B, 53));
    }
    isDropped(1, udp(A, 4, B, 53), DropReason.FILTER_FULL);
    passes(1, udp(A, 3, B, 53));
  }

  @Test
  void newRulesLeaveAcceptedConnectionsAlone() {
    passes(1, udp(A, 5000, B, 53));
    filter.setRules(List.of(), Verdict.DROP);
    passes(2, udp(B, 53, A, 5000));
    isDropped(1, udp(A, 5001, B, 53), DropReason.FILTERED);
  }

  @Test
  void behindNatTheFilterSeesInsideAddresses() {
    router.router.setNat(new Nat44(List.of(2), List.of(IpAddress.parse("10.0.2.1")), 100));
    router.receive(1, udp(A, 5000, B, 53));
    byte[] out = router.only().packet();
    int port = Packets.u16(out, 20);
    passes(2, udp(B, 53, "10.0.2.1", port));
    isDropped(2, udp("10.0.2.3", 53, "10.0.2.1", port), DropReason.FILTERED);
    byte[] error = Packets.icmp(11, 0, 0, out);
    passes(2, Packets.ipv4("10.0.2.9", "10.0.2.1", ICMP, error));
  }

  @Test
  void whatIsRefusedForItsSizeOpensNoConnectionAndKeepsNone() {
    byte[] big = Packets.ipv4(A, "10.0.3.2", UDP, 64, 0x4000, new byte[0], Packets.udp(1, 2, 1400));
    isRefusedForItsSize(big);
    byte[] big6 = Packets.udp6("fd00:1::2", "fd00:3::2", Packets.udp(1, 2, 1400));
    isRefusedForItsSize(big6);
    assertThat(filter.list()).isEmpty();
    passes(1, udp(A, 1, "10.0.3.2", 2));
    router.now += 119 * TestRouter.SECOND;
    isRefusedForItsSize(big);
    router.now += 2 * TestRouter.SECOND;
    isDropped(3, udp("10.0.3.2", 2, A, 1), DropReason.FILTERED);
  }

  private void isRefusedForItsSize(byte[] packet) {
    assertThat(router.receive(1, packet)).isEqualTo(Outcome.DROPPED);
    assertThat(router.drop()).isEqualTo(DropReason.FRAGMENTATION_NEEDED);
    assertThat(router.only().port()).isEqualTo(1);
  }

  @Test
  void whatNatHasNoRoomForOpensNoConnection() {
    router.router.setNat(new Nat44(List.of(2), List.of(IpAddress.parse("10.0.2.1")), 1));
    passes(1, udp(A, 1, B, 53));
    router.receive(1, udp(A, 2, B, 53));
    assertThat(router.drop()).isEqualTo(DropReason.NAT_FULL);
    assertThat(filter.list()).hasSize(1);
  }

  @Test
  void aScanNeverGrowsTheTable() {
    for (int i = 0; i < 5_000; i++) {
      router.receive(1, udp(A, 1 + i, B, 53));
      router.sent.clear();
      router.drops.clear();
    }
    assertThat(filter.list()).hasSize(1000);
    router.pass(130);
    assertThat(filter.list()).isEmpty();
  }

  @Test
  void whileInterfacesAndRoutesChangeOldAndNewRulesHold() {
    FilterRule web = FilterRule.any(Verdict.ACCEPT).port(TCP, 80);
    FilterRule tls = FilterRule.any(Verdict.ACCEPT).port(TCP, 443);
    filter.setRules(List.of(web, FilterRule.any(Verdict.ACCEPT).port(TCP, 22)), Verdict.DROP);
    filter.addRules(List.of(web, tls), Verdict.DROP);
    passes(1, tcp(A, 1, B, 80, SYN));
    isDropped(1, tcp(A, 2, B, 22, SYN), DropReason.FILTERED);
    isDropped(1, tcp(A, 3, B, 443, SYN), DropReason.FILTERED);
    filter.setRules(List.of(web, tls), Verdict.DROP);
    passes(1, tcp(A, 4, B, 443, SYN));
    isDropped(1, tcp(A, 5, B, 22, SYN), DropReason.FILTERED);
  }
}
