package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.stack.StackCounters.Total;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.PacketBuffer;

/** Workers that share a router while it changes. */
class WorkersTest {
  /** A worker, whose packets are gone when they leave. */
  private static final class Worker extends PoolOutput {
    final Stack stack;

    Worker(Router router) {
      super(4);
      stack = new Stack(pool.memory, router, this);
    }

    /** Receives a frame again and again, to destinations in 192.0.0.0/8. */
    void forward(MemorySegment frame, int times, Random random) {
      for (int i = 0; i < times; i++) {
        PacketBuffer packet = pool.acquire((int) frame.byteSize());
        MemorySegment.copy(frame, 0, pool.memory, packet.data, frame.byteSize());
        long ip = packet.data + 14;
        Ipv4.putDestination(pool.memory, ip, 192 << 24 | random.nextInt(1 << 24));
        Ipv4.seal(pool.memory, ip);
        stack.receive(packet, 1, i * 1000L);
      }
    }
  }

  private static Topology topology() {
    return Topology.of(
        List.of(
            TestRouter.builder(1).build(),
            TestRouter.builder(2).build(),
            TestRouter.builder(3).build()));
  }

  private static Router router() {
    Router router = new Router(RouterSettings.defaults());
    router.setTopology(topology());
    for (int port = 2; port <= 3; port++) {
      IpAddress gateway = IpAddress.parse("10.0." + port + ".2");
      router.neighbors().setPermanent(port, gateway, TestRouter.hostMac(port));
    }
    router.addRoute(Route.via(IpPrefix.parse("192.0.0.0/8"), hop(2), hop(3)));
    return router;
  }

  private static NextHop hop(int port) {
    return new NextHop(port, IpAddress.parse("10.0." + port + ".2"));
  }

  private static MemorySegment frame() {
    byte[] packet = Packets.ipv4("10.0.1.2", "192.0.2.1", 17, Packets.udp(1, 2, 20));
    return MemorySegment.ofArray(
        Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), EtherType.IPV4, packet));
  }

  @Test
  void noPacketIsLostWhileRoutesAndInterfacesChange() throws InterruptedException {
    Router router = router();
    Worker[] workers = {new Worker(router), new Worker(router)};
    AtomicBoolean[] done = {new AtomicBoolean(), new AtomicBoolean()};
    Thread[] threads = new Thread[2];
    for (int i = 0; i < 2; i++) {
      int number = i;
      threads[i] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    workers[number].forward(frame(), 300_000, new Random(number));
                    done[number].set(true);
                  });
    }
    Random random = new Random(7);
    int changes = 0;
    while (!done[0].get() || !done[1].get()) {
      int length = 9 + random.nextInt(24);
      IpAddress address = IpAddress.of(192 << 24 | random.nextInt(1 << 10) << 14);
      IpPrefix prefix = new IpPrefix(address, length).network();
      if (random.nextBoolean()) {
        router.addRoute(Route.via(prefix, hop(2 + random.nextInt(2))));
      } else {
        router.removeRoute(prefix);
      }
      if (++changes % 50 == 0) {
        router.setTopology(topology());
      }
    }
    for (int i = 0; i < 2; i++) {
      threads[i].join();
      StackCounters counters = workers[i].stack.counters();
      assertThat(counters.get(Total.TRANSMITTED)).as(counters.toString()).isEqualTo(300_000);
      assertThat(counters.difference()).isZero();
    }
    assertThat(changes).isGreaterThan(100);
  }

  @Test
  void forwardingTakesNothingFromTheHeap() {
    Router router = router();
    router.fib(false).put(Route.special(IpPrefix.parse("192.1.0.0/16"), RouteType.BLACKHOLE));
    Worker worker = new Worker(router);
    MemorySegment frame = frame();
    Random random = new Random(1);
    worker.forward(frame, 200_000, random);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    worker.forward(frame, 100_000, random);
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    // Not a byte a packet: what there is comes from the compiler's and the measurement's doing.
    assertThat(bytes).isLessThan(100_000);
  }

  /** Frames that are answered, refused or learned from, each by its name. */
  private static Map<String, byte[]> questions() {
    String mac = "02:00:00:00:01:01";
    byte[] link = Packets.concat(new byte[] {1, 1}, Packets.mac(mac));
    byte[] solicitation = Packets.concat(Packets.address("fd00:1::1"), link);
    byte[] advertisement = Packets.concat(Packets.address("fd00:1::2"), Packets.with(link, 0, 2));
    byte[] udp = Packets.udp(1, 2, 10);
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("echo", Packets.ipv4("10.0.1.2", "10.0.1.1", 1, Packets.icmp(8, 0, 7, new byte[8])));
    all.put("expired", Packets.ipv4("10.0.1.2", "10.0.2.2", 17, 1, 0, new byte[0], udp));
    byte[] echo6 = Packets.message(128, 0, 7, new byte[8]);
    all.put("echo over IPv6", Packets.icmp6("fd00:1::2", "fd00:1::1", 64, echo6));
    all.put("expired over IPv6", Packets.ipv6("fd00:1::2", "fd00:2::2", 17, 1, udp));
    byte[] asks = Packets.message(135, 0, 0, solicitation);
    all.put("solicitation", Packets.icmp6("fd00:1::2", "fd00:1::1", 255, asks));
    byte[] tells = Packets.message(136, 0, 0x60000000, advertisement);
    all.put("advertisement", Packets.icmp6("fd00:1::2", "fd00:1::1", 255, tells));
    all.put("request", Packets.arp(1, mac, "10.0.1.2", "00:00:00:00:00:00", "10.0.1.1"));
    all.put("request of others", Packets.arp(1, mac, "10.0.1.2", mac, "10.0.1.7"));
    return all;
  }

  @Test
  void answersTakeNothingFromTheHeap() {
    PoolOutput output = new PoolOutput(64);
    Router router = new Router(RouterSettings.defaults());
    router.setTopology(
        Topology.of(List.of(TestRouter.builder(1).build(), TestRouter.builder(2).build())));
    long mac = TestRouter.hostMac(1);
    router.neighbors().setPermanent(1, IpAddress.parse("10.0.1.2"), mac);
    router.neighbors().heard(1, IpAddress.parse("fd00:1::2"), mac, 0, true);
    Stack stack = new Stack(output.pool.memory, router, output);
    questions()
        .forEach(
            (name, packet) -> {
              int first = packet[0] >>> 4;
              int type = first == 4 ? EtherType.IPV4 : first == 6 ? EtherType.IPV6 : EtherType.ARP;
              byte[] frame = Packets.ethernet(TestRouter.mac(1), mac, type, packet);
              // Compiled code does; how soon there is some is up to the machine.
              long bytes = Long.MAX_VALUE;
              for (int round = 0; round < 50 && bytes > 2000; round++) {
                bytes = Math.min(bytes, allocated(output.pool, stack, frame));
              }
              assertThat(bytes).as(name + ": bytes of 10,000").isLessThanOrEqualTo(2000);
            });
  }

  /** A host is told of no more than an error in so many nanoseconds. */
  private static final long LIMIT = 2_000_000;

  private long now;

  private long allocated(TestPool pool, Stack stack, byte[] frame) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 10_000; i++) {
      PacketBuffer packet = pool.acquire(frame.length);
      for (int at = 0; at < frame.length; at++) {
        Bytes.put8(pool.memory, packet.data + at, frame[at]);
      }
      now += LIMIT;
      stack.receive(packet, 1, now);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
