package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;

class Icmp4RulesTest {
  private static final int ICMP = 1;
  private static final int UDP = 17;

  private final TestRouter router = new TestRouter();

  private static byte[] expiring(byte[] payload, int protocol, int fragment) {
    return Packets.ipv4("10.0.1.2", "10.0.2.2", protocol, 1, fragment, new byte[0], payload);
  }

  @Test
  void anEchoIsAnsweredWithItsData() {
    byte[] data = {1, 2, 3, 4, 5};
    byte[] request =
        Packets.ipv4("10.0.2.2", "10.0.1.1", ICMP, Packets.icmp(8, 0, 0x12340001, data));
    assertThat(router.receive(2, Packets.with(request, 0))).isEqualTo(Outcome.TRANSMITTED);
    TestRouter.Sent sent = router.only();
    byte[] reply = sent.packet();
    assertThat(sent.port()).isEqualTo(2);
    assertThat(Packets.isSound4(reply)).isTrue();
    assertThat(Packets.address4(reply, 12)).isEqualTo("10.0.1.1");
    assertThat(Packets.address4(reply, 16)).isEqualTo("10.0.2.2");
    assertThat(Packets.from(reply, 20)).isEqualTo(Packets.icmp(0, 0, 0x12340001, data));
  }

  @Test
  void anEchoThatIsZeroAllOverIsAnsweredWithARightChecksum() {
    router.receive(
        1, Packets.ipv4("10.0.1.2", "10.0.1.1", ICMP, Packets.icmp(8, 0, 0, new byte[20])));
    byte[] reply = router.only().packet();
    assertThat(Packets.u16(reply, 22)).isEqualTo(0xffff);
    assertThat(Packets.isSound4(reply)).isTrue();
  }

  @Test
  void anEchoWithAWrongChecksumIsDropped() {
    byte[] request = Packets.ipv4("10.0.1.2", "10.0.1.1", ICMP, Packets.icmp(8, 0, 1, new byte[4]));
    router.receive(1, Packets.with(request, 30, 7));
    assertThat(router.drop()).isEqualTo(DropReason.ICMP_MALFORMED);
  }

  @Test
  void anErrorQuotesAsMuchAsFitsInto576Bytes() {
    byte[] small = expiring(Packets.udp(1, 2, 20), UDP, 0);
    router.receive(1, small);
    byte[] error = router.only().packet();
    assertThat(Packets.from(error, 28)).isEqualTo(small);
    byte[] large = expiring(Packets.udp(1, 2, 1400), UDP, 0);
    router.receive(1, large);
    error = router.only().packet();
    assertThat(error).hasSize(576);
    assertThat(Packets.isSound4(error)).isTrue();
    assertThat(Packets.from(error, 28)).isEqualTo(Arrays.copyOf(large, 548));
  }

  @Test
  void anErrorComesFromTheInterfaceItLeavesByWithPrecedence() {
    byte[] packet = expiring(Packets.udp(1, 2, 20), UDP, 0);
    router.receive(1, Packets.sealed(Packets.with(packet, 1, 0x08)));
    byte[] error = router.only().packet();
    assertThat(Packets.address4(error, 12)).isEqualTo("10.0.1.1");
    assertThat(Packets.address4(error, 16)).isEqualTo("10.0.1.2");
    assertThat(Packets.u8(error, 1)).isEqualTo(0xc8);
    assertThat(Packets.u8(error, 8)).isEqualTo(64);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 11, 12})
  void anErrorIsNeverAnsweredByAnError(int type) {
    router.receive(1, expiring(Packets.icmp(type, 0, 0, new byte[28]), ICMP, 0));
    assertThat(router.drop()).isEqualTo(DropReason.TTL_EXCEEDED);
    assertThat(router.sent).isEmpty();
  }

  @Test
  void anEchoMayBeAnsweredByAnError() {
    router.receive(1, expiring(Packets.icmp(8, 0, 0, new byte[28]), ICMP, 0));
    assertThat(Packets.u8(router.only().packet(), 20)).isEqualTo(11);
  }

  @Test
  void onlyAFirstFragmentIsAnsweredByAnError() {
    router.receive(1, expiring(Packets.udp(1, 2, 20), UDP, 0x2000));
    router.only();
    router.receive(1, expiring(Packets.udp(1, 2, 20), UDP, 0x2001));
    assertThat(router.sent).isEmpty();
  }

  @Test
  void whatWasSentToManyIsNotAnsweredByAnError() {
    byte[] packet = Packets.ipv4("10.0.1.2", "192.0.2.1", UDP, Packets.udp(1, 2, 3));
    router.frame(
        1, Packets.ethernet(Ethernet.BROADCAST, TestRouter.hostMac(1), EtherType.IPV4, packet));
    router.receive(1, Packets.ipv4("10.0.1.2", "10.0.1.255", UDP, Packets.udp(1, 2, 3)));
    router.receive(1, Packets.ipv4("10.0.1.2", "224.0.0.9", UDP, Packets.udp(1, 2, 3)));
    assertThat(router.drops).hasSize(3);
    assertThat(router.sent).isEmpty();
  }

  @Test
  void errorsAreLimitedInRate() {
    TestRouter limited =
        new TestRouter(
            RouterSettings.defaults().withIcmp(10, 5),
            TestRouter.builder(1),
            TestRouter.builder(2));
    expireFromManyHosts(limited);
    assertThat(limited.sent).hasSize(5);
    assertThat(limited.stack.counters().get(StackCounters.Total.ICMP_LIMITED)).isEqualTo(95);
    limited.pass(0.3);
    expireFromManyHosts(limited);
    assertThat(limited.sent).hasSize(8);
  }

  private static void expireFromManyHosts(TestRouter router) {
    for (int i = 0; i < 100; i++) {
      String host = "10.0.1." + (100 + i);
      router.neighbor(1, host);
      router.receive(1, expiringFrom(host));
    }
  }

  private static byte[] expiringFrom(String host) {
    return Packets.ipv4(host, "10.0.2.2", UDP, 1, 0, new byte[0], Packets.udp(1, 2, 20));
  }

  @Test
  void oneHostAloneDoesNotUseTheRateUp() {
    RouterSettings settings = RouterSettings.defaults().withIcmp(10, 10);
    TestRouter limited = new TestRouter(settings, TestRouter.builder(1), TestRouter.builder(2));
    limited.neighbor(1, "10.0.1.2");
    limited.neighbor(1, "10.0.1.3");
    for (int i = 0; i < 100; i++) {
      limited.receive(1, expiringFrom("10.0.1.2"));
    }
    assertThat(limited.sent).hasSize(5);
    limited.receive(1, expiringFrom("10.0.1.3"));
    assertThat(limited.sent).hasSize(6);
  }

  @Test
  void noOtherErrorKeepsAPacketTooLargeFromBeingTold() {
    TestRouter limited =
        new TestRouter(
            RouterSettings.defaults().withIcmp(10, 5),
            TestRouter.builder(1),
            TestRouter.builder(2).mtu(1280));
    expireFromManyHosts(limited);
    limited.neighbor(1, "10.0.1.2");
    limited.neighbor(2, "10.0.2.2");
    limited.sent.clear();
    byte[] large = Packets.udp(1, 2, 1300);
    limited.receive(1, Packets.ipv4("10.0.1.2", "10.0.2.2", UDP, 64, 0x4000, new byte[0], large));
    assertThat(Packets.u16(limited.only().packet(), 20)).isEqualTo(3 << 8 | 4);
  }

  @Test
  void aHostIsRedirectedOnceASecondAndDestination() {
    router.route("192.0.2.0/24", 1, "10.0.1.3");
    router.neighbor(1, "10.0.1.3");
    byte[] packet = Packets.ipv4("10.0.1.2", "192.0.2.1", UDP, Packets.udp(1, 2, 3));
    for (int i = 0; i < 10; i++) {
      router.receive(1, packet);
    }
    assertThat(router.sent).hasSize(11);
    router.pass(1);
    router.receive(1, packet);
    assertThat(router.sent).hasSize(13);
  }

  @Test
  void aDatagramThatIsDamagedIsNotAnswered() {
    byte[] datagram = Packets.udp(1, 2, 3);
    byte[] wrong = Packets.with(datagram, 6, 0x12, 0x34);
    router.receive(1, Packets.ipv4("10.0.1.2", "10.0.2.1", UDP, wrong));
    router.receive(1, Packets.ipv4("10.0.1.2", "10.0.2.1", UDP, Arrays.copyOf(datagram, 4)));
    byte[] tooLong = Packets.with(datagram, 4, 0, 200);
    router.receive(1, Packets.ipv4("10.0.1.2", "10.0.2.1", UDP, tooLong));
    assertThat(router.drops).hasSize(3).containsOnly(DropReason.UDP_MALFORMED);
    assertThat(router.sent).isEmpty();
  }

  @Test
  void anEchoTakesTheRecordOfItsRouteBackWithUsInIt() {
    byte[] options = {7, 7, 4, 0, 0, 0, 0, 0};
    byte[] echo = Packets.icmp(8, 0, 1, new byte[4]);
    router.receive(1, Packets.ipv4("10.0.1.2", "10.0.2.1", ICMP, 64, 0, options, echo));
    byte[] reply = router.only().packet();
    assertThat(Packets.u8(reply, 22)).isEqualTo(8);
    assertThat(Packets.address4(reply, 23)).isEqualTo("10.0.1.1");
    assertThat(Packets.isSound4(reply)).isTrue();
  }

  @Test
  void aHostWithoutARouteIsSilent() {
    TestRouter host =
        new TestRouter(RouterSettings.defaults(), TestRouter.builder(1).forwarding(false));
    host.neighbor(1, "10.0.1.2");
    host.receive(1, Packets.ipv4("10.0.1.2", "192.0.2.1", UDP, Packets.udp(1, 2, 3)));
    assertThat(host.drop()).isEqualTo(DropReason.FORWARDING_OFF);
    assertThat(host.sent).isEmpty();
  }

  @Test
  void whatNobodyListensToIsRefusedByPortOrProtocol() {
    router.receive(1, Packets.ipv4("10.0.1.2", "10.0.2.1", UDP, Packets.udp(1, 2, 3)));
    assertThat(Packets.u16(router.only().packet(), 20)).isEqualTo(3 << 8 | 3);
    router.receive(1, Packets.ipv4("10.0.1.2", "10.0.2.1", 89, new byte[20]));
    assertThat(Packets.u16(router.only().packet(), 20)).isEqualTo(3 << 8 | 2);
    assertThat(router.drops).containsOnly(DropReason.NO_LISTENER);
  }

  @Test
  void aTcpSegmentNobodyTakesIsAnsweredByAReset() {
    byte[] syn = Packets.tcp(4000, 22, 2, 0);
    router.receive(1, Packets.transport4("10.0.1.2", "10.0.2.1", 6, syn));
    byte[] reset = router.only().packet();
    assertThat(Packets.transportSum4(reset)).isZero();
    assertThat(Packets.address4(reset, 12)).isEqualTo("10.0.2.1");
    assertThat(Packets.u16(reset, 20)).isEqualTo(22);
    assertThat(Packets.i32(reset, 24)).isZero();
    assertThat(Packets.i32(reset, 28)).isEqualTo(2);
    assertThat(Packets.u16(reset, 32)).isEqualTo(0x5014);
    byte[] ack = Packets.tcp(4000, 22, 16, 9);
    router.receive(1, Packets.transport4("10.0.1.2", "10.0.2.1", 6, ack));
    reset = router.only().packet();
    assertThat(Packets.i32(reset, 24)).isEqualTo(2);
    assertThat(Packets.u16(reset, 32)).isEqualTo(0x5004);
    byte[] rst = Packets.tcp(4000, 22, 4, 0);
    router.receive(1, Packets.transport4("10.0.1.2", "10.0.2.1", 6, rst));
    router.receive(1, Packets.ipv4("10.0.1.2", "10.0.2.1", 6, syn));
    assertThat(router.sent).isEmpty();
  }

  @Test
  void whatIsOursIsPuntedWithItsReasonWhereSomebodyTakesIt() {
    TestRouter punting =
        new TestRouter(
            RouterSettings.defaults().withPunts(true),
            TestRouter.builder(1),
            TestRouter.builder(2));
    punting.receive(1, Packets.ipv4("10.0.1.2", "10.0.2.1", UDP, Packets.udp(1, 2, 3)));
    punting.receive(1, Packets.ipv4("10.0.1.2", "224.0.0.5", 89, new byte[20]));
    punting.receive(1, Packets.ipv4("0.0.0.0", "255.255.255.255", UDP, Packets.udp(68, 67, 3)));
    punting.receive(1, Packets.ipv4("10.0.1.2", "10.0.1.1", 1, Packets.icmp(0, 0, 1, new byte[4])));
    punting.frame(
        1, Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), 0x88cc, new byte[50]));
    assertThat(punting.punts)
        .containsExactly(
            PuntReason.LOCAL,
            PuntReason.MULTICAST,
            PuntReason.BROADCAST,
            PuntReason.ICMP,
            PuntReason.UNKNOWN_ETHERTYPE);
    assertThat(punting.sent).isEmpty();
  }
}
