package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.xdp4j.net.link.Bridge;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;
import org.xdp4j.net.wire.MacAddress;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * A router with three links, on which frames are put by hand and seen as they leave.
 *
 * <pre>
 *  port 1  10.0.1.1/24  fd00:1::1/64  host .2 / ::2 is known
 *  port 2  10.0.2.1/24  fd00:2::1/64  host .2 / ::2 is known
 *  port 3  10.0.3.1/24  fd00:3::1/64  host .2 / ::2 is known   MTU 1300
 * </pre>
 */
final class TestRouter implements Output {
  static final long SECOND = 1_000_000_000L;

  /** A frame that left, and where. */
  record Sent(int port, byte[] frame) {
    /** What is behind the link header. */
    byte[] packet() {
      return Packets.from(frame, 14);
    }

    int type() {
      return Packets.u16(frame, 12);
    }
  }

  final TestPool pool = new TestPool(256);
  final Router router;
  final Stack stack;
  final List<Sent> sent = new ArrayList<>();

  /** What left to say which groups the router listens to, apart from the rest. */
  final List<Sent> reports = new ArrayList<>();

  final List<DropReason> drops = new ArrayList<>();
  final List<PuntReason> punts = new ArrayList<>();
  int mirrored;
  byte[] lastMirrored;
  long now = SECOND;

  TestRouter() {
    this(RouterSettings.defaults(), builder(1), builder(2), builder(3).mtu(1300));
    for (int port = 1; port <= 3; port++) {
      neighbor(port, "10.0." + port + ".2");
      neighbor(port, "fd00:" + port + "::2");
    }
  }

  TestRouter(RouterSettings settings, InterfaceBuilder... interfaces) {
    this(settings, List.of(), interfaces);
  }

  TestRouter(RouterSettings settings, List<Bridge> bridges, InterfaceBuilder... interfaces) {
    router = new Router(settings, new SplittableRandom(1));
    List<Interface> built = new ArrayList<>();
    for (InterfaceBuilder each : interfaces) {
      built.add(each.build());
    }
    router.setTopology(Topology.of(built, bridges));
    stack = new Stack(pool.memory, router, this);
  }

  /** The interface of a port as in the picture above. */
  static InterfaceBuilder builder(int port) {
    return Interface.builder(port, "eth" + port)
        .port(port)
        .mac(mac(port))
        .address("10.0." + port + ".1/24")
        .address("fd00:" + port + "::1/64");
  }

  /** The router's hardware address on a port. */
  static long mac(int port) {
    return MacAddress.parse("02:00:00:00:00:0" + port);
  }

  /** The hardware address of the known host on a port. */
  static long hostMac(int port) {
    return MacAddress.parse("02:00:00:00:01:0" + port);
  }

  void neighbor(int port, String address) {
    router.neighbors().setPermanent(port, IpAddress.parse(address), hostMac(port));
  }

  void route(String prefix, int port, String... gateways) {
    NextHop[] hops = new NextHop[gateways.length];
    for (int i = 0; i < gateways.length; i++) {
      hops[i] = new NextHop(port, IpAddress.parse(gateways[i]));
    }
    router.addRoute(Route.via(IpPrefix.parse(prefix), hops));
  }

  void special(String prefix, RouteType type) {
    router.addRoute(Route.special(IpPrefix.parse(prefix), type));
  }

  /** Puts a packet in a frame from the known host on a port to the router. */
  Outcome receive(int port, byte[] packet) {
    int type = packet.length > 0 && (packet[0] & 0xf0) == 0x60 ? EtherType.IPV6 : EtherType.IPV4;
    return frame(port, Packets.ethernet(mac(port), hostMac(port), type, packet));
  }

  Outcome frame(int port, byte[] frame) {
    Outcome outcome = stack.receive(pool.acquire(frame), port, now);
    requireBalance();
    return outcome;
  }

  /** Lets time pass, a tenth of a second at a time. */
  void pass(double seconds) {
    long end = now + (long) (seconds * SECOND);
    while (now < end) {
      now = Math.min(end, now + SECOND / 10);
      stack.tick(now);
      requireBalance();
    }
  }

  /** The only frame sent since the last look. */
  Sent only() {
    assertThat(sent).hasSize(1);
    return sent.remove(0);
  }

  /** The only reason a packet was dropped for since the last look. */
  DropReason drop() {
    assertThat(drops).hasSize(1);
    return drops.remove(0);
  }

  void requireBalance() {
    if (stack.counters().difference() != 0
        || pool.inUse() != stack.counters().get(StackCounters.Total.HELD)) {
      throw new AssertionError(pool.inUse() + " packets are out: " + stack.counters());
    }
  }

  @Override
  public void transmit(PacketBuffer packet, int port) {
    Sent frame = new Sent(port, pool.bytes(packet));
    (Packets.isListenerReport(frame.frame()) ? reports : sent).add(frame);
    pool.release(packet);
  }

  @Override
  public void deliver(PacketBuffer packet) {
    pool.release(packet);
  }

  @Override
  public void punt(PacketBuffer packet, int port, PuntReason reason) {
    punts.add(reason);
    pool.release(packet);
  }

  @Override
  public void drop(PacketBuffer packet, DropReason reason) {
    drops.add(reason);
    pool.release(packet);
  }

  @Override
  public PacketBuffer acquire(int length) {
    return pool.acquire(length);
  }

  @Override
  public void mirror(PacketBuffer packet, int port) {
    mirrored++;
    lastMirrored = pool.bytes(packet);
  }
}
