package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.wire.EtherType;

/** Fragments through NAT, in order and out of it. */
class NatFragmentRulesTest extends NatNetwork {
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
    assertThat(router.drops).containsExactly(DropReason.NO_LISTENER);
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
}
