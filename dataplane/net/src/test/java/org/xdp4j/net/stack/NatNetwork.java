package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.xdp4j.net.nat.Nat44;
import org.xdp4j.net.wire.IpAddress;

/**
 * What tests of NAT begin with: links 1 and 3 are inside, link 2 outside; 10.0.2.1 stands for all
 * that is inside.
 */
abstract class NatNetwork {
  static final int ICMP = 1;
  static final int TCP = 6;
  static final int UDP = 17;
  static final int SYN = 2;
  static final int ACK = 16;
  static final int FIN = 1;
  static final int RST = 4;
  static final String HOST = "10.0.1.2";
  static final String REMOTE = "10.0.2.2";
  static final String OUTSIDE = "10.0.2.1";

  final TestRouter router = new TestRouter();
  final Nat44 nat = new Nat44(List.of(2), List.of(IpAddress.parse(OUTSIDE)), 70_000);

  @BeforeEach
  void translate() {
    router.router.setNat(nat);
  }

  static byte[] udp(String from, int fromPort, String to, int toPort) {
    return Packets.transport4(from, to, UDP, Packets.udp(fromPort, toPort, 33));
  }

  static byte[] tcp(String from, int fromPort, String to, int toPort, int flags) {
    return Packets.transport4(from, to, TCP, Packets.tcp(fromPort, toPort, flags, 11));
  }

  /** Sends a packet in, checks the one that comes out, and returns it. */
  byte[] through(int port, byte[] packet, int outPort) {
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

  void sweep(Nat44 translator) {
    for (int i = 0; i < 100; i++) {
      translator.tick(router.now);
    }
  }
}
