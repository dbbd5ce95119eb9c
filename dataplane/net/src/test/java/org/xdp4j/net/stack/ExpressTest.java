package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpPrefix;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * The short way does what the long way does: the same frames to two routers, of which one has
 * mirrored interfaces and so takes every frame the long way.
 */
class ExpressTest {
  private static final int FRAMES = 60_000;
  private static final int MANY = 4200;
  private static final String[] SOURCES = {"10.0.1.2", "169.254.1.2", "10.0.1.1", "127.0.0.1"};
  private static final String[] DESTINATIONS = {
    "10.0.2.2",
    "10.0.3.2",
    "10.0.1.2",
    "10.0.2.77",
    "10.0.2.1",
    "10.0.2.255",
    "198.51.100.7",
    "203.0.113.1",
    "192.0.2.1",
    "100.64.0.1",
    "198.18.3.4",
    "169.254.3.4",
    "224.0.0.5",
    "255.255.255.255",
    "0.0.0.1"
  };

  private static final String[] SOURCES6 = {
    "fd00:1::2", "fe80::2", "fd00:1::1", "::1", "::", "ff02::5", "::ffff:10.0.1.2", "::7"
  };
  private static final String[] DESTINATIONS6 = {
    "fd00:2::2",
    "fd00:3::2",
    "fd00:1::2",
    "fd00:2::77",
    "fd00:2::1",
    "fd00:2::",
    "2001:db8:1::7",
    "2001:db8:2::1",
    "2001:db8:3::1",
    "2001:db8:4::1",
    "2001:db9:77::1",
    "fe80::7",
    "ff02::1",
    "ff0e::5",
    "::1",
    "::"
  };

  private TestRouter shortWay;
  private TestRouter longWay;

  private static TestRouter router(boolean mirrored) {
    TestRouter router =
        new TestRouter(
            RouterSettings.defaults().withIcmp(1_000_000, 1000).withHeld(4, 50),
            TestRouter.builder(1).mirror(mirrored),
            TestRouter.builder(2).mirror(mirrored),
            TestRouter.builder(3).mirror(mirrored).mtu(1300),
            Interface.builder(4, "eth2.5").port(2).vlan(5).mac(TestRouter.mac(2)).mirror(mirrored));
    for (int port = 1; port <= 3; port++) {
      router.neighbor(port, "10.0." + port + ".2");
      router.neighbor(port, "fd00:" + port + "::2");
    }
    router.neighbor(4, "10.0.2.9");
    router.neighbor(4, "fd00:2::9");
    router.route("198.51.100.0/24", 2, "10.0.2.2");
    router.route("203.0.113.0/24", 3, "10.0.3.2", "10.0.3.77");
    router.route("100.64.0.0/10", 4, "10.0.2.9");
    router.special("192.0.2.0/24", RouteType.BLACKHOLE);
    router.route("2001:db8:1::/48", 2, "fd00:2::2");
    router.route("2001:db8:2::/52", 3, "fd00:3::2", "fd00:3::77");
    router.route("2001:db8:4::/48", 4, "fd00:2::9");
    router.special("2001:db8:3::/48", RouteType.BLACKHOLE);
    for (int i = 0; i < MANY; i++) { // so that destinations are looked up early
      router.route("2001:db9:" + Integer.toHexString(i) + "::/48", 2, "fd00:2::2");
      router.route("198.18." + i / 256 + "." + i % 256 + "/32", 2, "10.0.2.2");
    }
    return router;
  }

  @BeforeEach
  void makeRouters() {
    shortWay = router(false);
    longWay = router(true);
  }

  private static byte[] frame(Random random) {
    boolean ipv6 = random.nextBoolean();
    byte[] packet = damaged(random, ipv6 ? packet6(random) : packet4(random), !ipv6);
    long to = random.nextInt(20) == 0 ? TestRouter.mac(2) : TestRouter.mac(1);
    long from = random.nextInt(20) == 0 ? 0x0100_0000_0001L : TestRouter.hostMac(1);
    int own = ipv6 ? EtherType.IPV6 : EtherType.IPV4;
    int other = ipv6 ? EtherType.IPV4 : EtherType.IPV6;
    int strange = random.nextBoolean() ? EtherType.ARP : other;
    byte[] frame = Packets.ethernet(to, from, random.nextInt(20) == 0 ? strange : own, packet);
    return random.nextInt(20) == 0 ? Packets.tagged(frame, 0x8100, 5) : frame;
  }

  private static byte[] packet6(Random random) {
    String source = SOURCES6[random.nextInt(8) == 0 ? random.nextInt(SOURCES6.length) : 0];
    String destination = DESTINATIONS6[random.nextInt(DESTINATIONS6.length)];
    int hopLimit = random.nextInt(6) == 0 ? random.nextInt(3) : 64;
    byte[] payload = Packets.udp(1000, random.nextInt(4), random.nextInt(8) == 0 ? 1400 : 26);
    int extension = random.nextInt(10);
    if (extension > 2) {
      return Packets.ipv6(source, destination, 17, hopLimit, payload);
    }
    int[] kinds = {IpProtocol.HOP_BY_HOP, IpProtocol.DESTINATION_OPTIONS, IpProtocol.FRAGMENT};
    byte[] behind = Packets.extension(17, new byte[6], payload);
    return Packets.ipv6(source, destination, kinds[extension], hopLimit, behind);
  }

  private static byte[] packet4(Random random) {
    String source = SOURCES[random.nextInt(8) == 0 ? random.nextInt(SOURCES.length) : 0];
    String destination = DESTINATIONS[random.nextInt(DESTINATIONS.length)];
    int ttl = random.nextInt(6) == 0 ? random.nextInt(3) : 64;
    byte[] payload = Packets.udp(1000, random.nextInt(4), random.nextInt(8) == 0 ? 1400 : 26);
    byte[] options = random.nextInt(10) == 0 ? new byte[] {1, 1, 1, 0} : new byte[0];
    int fragment = random.nextInt(3) == 0 ? 0x4000 : 0;
    return Packets.ipv4(source, destination, 17, ttl, fragment, options, payload);
  }

  private static byte[] damaged(Random random, byte[] packet, boolean mayBeSealed) {
    if (random.nextInt(8) == 0) {
      int at = random.nextInt(20);
      packet[at] ^= (byte) (1 << random.nextInt(8));
      packet = at > 0 && mayBeSealed && random.nextBoolean() ? Packets.sealed(packet) : packet;
    }
    if (random.nextInt(8) == 0) {
      packet = Arrays.copyOf(packet, random.nextInt(packet.length + 20));
    }
    return packet;
  }

  @Test
  void aFrameMeetsTheSameFateAsOnTheLongWay() {
    Random random = new Random(42);
    int crossed = 0;
    for (int i = 0; i < FRAMES; i++) {
      byte[] frame = frame(random);
      Outcome outcome = shortWay.frame(1, frame);
      assertThat(outcome).as("frame %d", i).isEqualTo(longWay.frame(1, frame));
      crossed += outcome == Outcome.TRANSMITTED ? 1 : 0;
      requireSame(i);
      if (i % 64 == 0) {
        pass(shortWay);
        pass(longWay);
      }
    }
    assertThat(crossed).isGreaterThan(FRAMES / 10);
    assertThat(longWay.mirrored).isGreaterThan(FRAMES / 2);
    assertThat(shortWay.mirrored).isZero();
    assertThat(shortWay.stack.counters()).hasToString(longWay.stack.counters().toString());
  }

  /** What is said about packets given up meanwhile comes in the order of a hash table. */
  private static void pass(TestRouter router) {
    router.pass(0.1);
    router.sent.clear();
    router.drops.clear();
  }

  private void requireSame(int number) {
    assertThat(shortWay.drops).as("frame %d", number).isEqualTo(longWay.drops);
    assertThat(shortWay.sent).as("frame %d", number).hasSameSizeAs(longWay.sent);
    for (int i = 0; i < shortWay.sent.size(); i++) {
      TestRouter.Sent one = shortWay.sent.get(i);
      assertThat(one.port()).as("frame %d", number).isEqualTo(longWay.sent.get(i).port());
      assertThat(one.frame()).as("frame %d", number).isEqualTo(longWay.sent.get(i).frame());
    }
    for (TestRouter each : List.of(shortWay, longWay)) {
      each.drops.clear();
      each.sent.clear();
    }
  }

  @Test
  void aBatchIsTakenFrameByFrameInItsOrder() {
    Random random = new Random(43);
    for (int round = 0; round < 500; round++) {
      PacketBuffer[] batch = new PacketBuffer[8];
      List<byte[]> frames = new ArrayList<>();
      for (int i = 0; i < batch.length; i++) {
        frames.add(frame(random));
        batch[i] = shortWay.pool.acquire(frames.get(i));
      }
      if (round % 2 == 0) {
        shortWay.stack.expect(batch, batch.length, shortWay.now);
      }
      shortWay.stack.receive(batch, 0, batch.length, 1, shortWay.now);
      shortWay.requireBalance();
      frames.forEach(each -> longWay.frame(1, each));
      requireSame(round);
    }
    assertThat(shortWay.stack.counters()).hasToString(longWay.stack.counters().toString());
  }

  @Test
  void anInterfaceThatGoesDownStopsTheShortWayAsWell() {
    byte[] packet = Packets.ipv4("10.0.1.2", "10.0.2.2", 17, Packets.udp(1, 2, 20));
    assertThat(shortWay.receive(1, packet)).isEqualTo(Outcome.TRANSMITTED);
    shortWay.router.setUp(2, false);
    assertThat(shortWay.receive(1, packet)).isEqualTo(Outcome.DROPPED);
    shortWay.router.setUp(1, false);
    shortWay.drops.clear();
    assertThat(shortWay.receive(1, packet)).isEqualTo(Outcome.DROPPED);
    assertThat(shortWay.drop()).isEqualTo(DropReason.INTERFACE_DOWN);
  }

  @Test
  void whatWasFoundEarlyHoldsForItsBatchOnly() {
    byte[] packet = Packets.ipv6("fd00:1::2", "2001:db9:77::1", 17, Packets.udp(1, 2, 20));
    byte[] frame =
        Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), EtherType.IPV6, packet);
    PacketBuffer[] batch = {shortWay.pool.acquire(frame), shortWay.pool.acquire(frame)};
    shortWay.stack.expect(batch, 2, shortWay.now);
    shortWay.stack.receive(batch, 0, 1, 1, shortWay.now);
    shortWay.router.fib(true).remove(IpPrefix.parse("2001:db9:77::/48"));
    shortWay.now++;
    shortWay.stack.receive(batch, 1, 2, 1, shortWay.now);

    assertThat(shortWay.sent.getFirst().port()).isEqualTo(2);
    assertThat(shortWay.drop()).isEqualTo(DropReason.NO_ROUTE);
  }
}
