package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How long mappings of NAT live, and whose doing keeps them. */
class NatLifetimeRulesTest extends NatNetwork {
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
}
