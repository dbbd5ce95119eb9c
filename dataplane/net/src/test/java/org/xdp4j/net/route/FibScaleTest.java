package org.xdp4j.net.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/** Tables of the size of the Internet's. */
class FibScaleTest {
  private static final int IPV4_ROUTES = 1_000_000;
  private static final int IPV6_ROUTES = 230_000;

  private static IpPrefix ipv4(Random random) {
    int kind = random.nextInt(100);
    // Roughly as in the Internet: 60 % are /24, most others /16 to /23, few longer.
    int length = kind < 60 ? 24 : kind < 96 ? 16 + random.nextInt(8) : 25 + random.nextInt(8);
    int address = (1 + random.nextInt(222) << 24) | random.nextInt(1 << 24);
    return new IpPrefix(IpAddress.of(address), length).network();
  }

  private static IpPrefix ipv6(Random random) {
    int kind = random.nextInt(100);
    int length = kind < 50 ? 48 : kind < 90 ? 29 + random.nextInt(19) : 49 + random.nextInt(16);
    long high = 0x2000000000000000L | (long) random.nextInt(1 << 16) << 40;
    high |= (long) random.nextInt(1 << 20) << 76 | random.nextLong() >>> 24;
    return new IpPrefix(IpAddress.of(high, 0), length).network();
  }

  private static Route lookup(Fib fib, IpPrefix prefix) {
    return fib.lookup(prefix.address().high(), prefix.address().low());
  }

  @Test
  void aMillionIpv4RoutesFitAndAreFound() {
    Fib fib = fill(false, IPV4_ROUTES);

    assertThat(fib.nodeBytes()).isLessThan(100_000_000L);
    assertThat(fib.tableBytes()).isLessThan(80_000_000L);
  }

  @Test
  void aQuarterOfAMillionIpv6RoutesFitAndAreFound() {
    Fib fib = fill(true, IPV6_ROUTES);

    assertThat(fib.nodeBytes()).isLessThan(100_000_000L);
  }

  private static Fib fill(boolean ipv6, int count) {
    Fib fib = new Fib(ipv6);
    Random random = new Random(1);
    NextHop hop = new NextHop(1, null);
    while (fib.size() < count) {
      fib.put(Route.via(ipv6 ? ipv6(random) : ipv4(random), hop));
    }
    Random again = new Random(1);
    for (int i = 0; i < count; i++) {
      IpPrefix prefix = ipv6 ? ipv6(again) : ipv4(again);
      Route route = fib.get(prefix);
      Route found = lookup(fib, prefix);
      // The prefix's first address may have a longer route, never a shorter one.
      if (found != route && found.length() <= route.length()
          || !found.prefix().contains(prefix.address())) {
        throw new AssertionError(prefix + " is answered by " + found);
      }
    }
    return fib;
  }

  @Test
  void readersNeverMissACoveredAddressWhileRoutesChange() throws Exception {
    Fib fib = new Fib(false);
    IpPrefix cover = IpPrefix.parse("10.0.0.0/8");
    fib.put(Route.special(cover, RouteType.BLACKHOLE));
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong lookups = new AtomicLong();
    AtomicLong wrong = new AtomicLong();
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  Random random = new Random(2);
                  while (!stop.get()) {
                    int address = 10 << 24 | random.nextInt(1 << 24);
                    Route route = fib.lookup(address);
                    boolean right = route != null && route.prefix().contains(IpAddress.of(address));
                    wrong.addAndGet(right ? 0 : 1);
                    lookups.incrementAndGet();
                  }
                });
    Random random = new Random(3);
    NextHop hop = new NextHop(1, null);
    for (int i = 0; i < 50_000 || lookups.get() < 100_000; i++) {
      int length = 9 + random.nextInt(24);
      IpAddress address = IpAddress.of(10 << 24 | random.nextInt(1 << 10) << 14);
      IpPrefix prefix = new IpPrefix(address, length).network();
      if (random.nextBoolean()) {
        fib.put(Route.via(prefix, hop));
      } else {
        fib.remove(prefix);
      }
    }
    stop.set(true);
    reader.join();

    assertThat(wrong).hasValue(0);
  }
}
