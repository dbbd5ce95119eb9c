package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.stack.StackCounters.Total;
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
}
