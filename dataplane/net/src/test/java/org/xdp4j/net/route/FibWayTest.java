package org.xdp4j.net.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/** The fast tables say what the trie says, whatever comes and goes. */
class FibWayTest {
  private static final int CHANGES = 4000;

  /** Prefixes that crowd: few different leading bits, every length. */
  private static IpPrefix prefix(boolean ipv6, int spread, SplittableRandom random) {
    long high = 0x2a00_0000_0000_0000L | random.nextLong(1L << spread) << 56 - spread;
    if (!ipv6) {
      int length = random.nextInt(8) == 0 ? random.nextInt(33) : 8 + random.nextInt(25);
      return new IpPrefix(IpAddress.of((int) (high >>> 32) | random.nextInt(4)), length).network();
    }
    int length = random.nextInt(8) == 0 ? random.nextInt(129) : 16 + random.nextInt(56);
    return new IpPrefix(IpAddress.of(high | random.nextInt(4), random.nextLong()), length)
        .network();
  }

  private static Route route(IpPrefix prefix, SplittableRandom random) {
    int kind = random.nextInt(10);
    if (kind == 0) {
      return Route.special(prefix, RouteType.BLACKHOLE);
    }
    return kind == 1
        ? Route.via(prefix, new NextHop(1, null), new NextHop(2, null, 3))
        : Route.via(prefix, new NextHop(random.nextInt(5) + 1, null));
  }

  private static void compare(Fib fib, boolean ipv6, IpAddress to) {
    Route exact = fib.lookup(to.high(), to.low());
    Route way = ipv6 ? fib.way(to.high(), to.low()) : fib.way(to.ipv4());
    if (exact == null) {
      assertThat(way).as("to " + to).isNull();
      return;
    }
    assertThat(way).as("to " + to).isNotNull();
    assertThat(way.type()).as("to " + to).isEqualTo(exact.type());
    assertThat(way.hops().toString()).as("to " + to).isEqualTo(exact.hops().toString());
  }

  private static IpAddress near(IpPrefix prefix, boolean ipv6, SplittableRandom random) {
    long flip =
        random.nextInt(3) == 0
            ? 1L << random.nextInt(64)
            : random.nextLong() >>> random.nextInt(64);
    long high = prefix.address().high() ^ flip;
    return ipv6
        ? IpAddress.of(high, random.nextLong())
        : IpAddress.of((int) ((prefix.address().high() ^ flip << 32) >>> 32));
  }

  @ParameterizedTest
  @CsvSource({"false, 8, 1", "false, 20, 2", "true, 8, 3", "true, 24, 4", "true, 40, 5"})
  void itSaysWhatTheTrieSays(boolean ipv6, int spread, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Fib fib = new Fib(ipv6);
    List<IpPrefix> there = new ArrayList<>();
    for (int i = 0; i < CHANGES; i++) {
      boolean removes = !there.isEmpty() && random.nextInt(i < CHANGES / 2 ? 4 : 2) == 0;
      IpPrefix changed;
      if (removes) {
        changed = there.remove(random.nextInt(there.size()));
        fib.remove(changed);
      } else {
        changed = prefix(ipv6, spread, random);
        fib.put(route(changed, random));
        there.add(changed);
      }
      compare(fib, ipv6, changed.address());
      for (int n = 0; n < 4; n++) {
        compare(fib, ipv6, near(changed, ipv6, random));
      }
      if (i % 100 == 0) {
        there.forEach(prefix -> compare(fib, ipv6, near(prefix, ipv6, random)));
      }
    }
    new ArrayList<>(there).forEach(fib::remove);
    assertThat(fib.size()).isZero();
    for (IpPrefix prefix : there) {
      compare(fib, ipv6, prefix.address());
    }
  }

  @Test
  void readersAlwaysFindACoveredDestinationWhileRoutesChange() throws Exception {
    for (boolean ipv6 : new boolean[] {false, true}) {
      Fib fib = new Fib(ipv6);
      IpPrefix cover = IpPrefix.parse(ipv6 ? "2a00::/12" : "42.0.0.0/8");
      fib.put(Route.via(cover, new NextHop(9, null)));
      AtomicBoolean stop = new AtomicBoolean();
      AtomicLong wrong = new AtomicLong();
      AtomicLong looks = new AtomicLong();
      Thread reader =
          Thread.ofPlatform()
              .start(
                  () -> {
                    SplittableRandom random = new SplittableRandom(3);
                    while (!stop.get()) {
                      IpPrefix to = prefix(ipv6, 12, random);
                      if (cover.contains(to.address())) {
                        long high = to.address().high();
                        Route way =
                            ipv6 ? fib.way(high, random.nextLong()) : fib.way((int) (high >>> 32));
                        wrong.addAndGet(way == null ? 1 : 0);
                        looks.incrementAndGet();
                      }
                    }
                  });
      SplittableRandom random = new SplittableRandom(4);
      List<IpPrefix> there = new ArrayList<>();
      for (int i = 0; i < 20_000 || looks.get() < 10_000; i++) {
        IpPrefix changed = prefix(ipv6, 12, random);
        if (changed.length() > cover.length() && cover.contains(changed.address())) {
          fib.put(route(changed, random));
          there.add(changed);
        }
        if (there.size() > 500) {
          fib.remove(there.removeFirst());
        }
      }
      stop.set(true);
      reader.join();
      assertThat(wrong.get()).isZero();
    }
  }

  @Test
  void routesThatDoTheSameAreOne() {
    Fib fib = new Fib(false);
    for (int i = 0; i < 1000; i++) {
      IpPrefix prefix = new IpPrefix(IpAddress.of(0x0a00_0000 + (i << 8)), 24);
      fib.put(Route.via(prefix, new NextHop(1 + i % 2, IpAddress.parse("10.9.9.9"))));
    }
    assertThat(fib.way(0x0a00_0001)).isSameAs(fib.way(0x0a00_0201));
    assertThat(fib.way(0x0a00_0001)).isNotSameAs(fib.way(0x0a00_0101));
    assertThat(fib.lookup(0x0a00_0201).prefix()).isEqualTo(IpPrefix.parse("10.0.2.0/24"));
  }
}
