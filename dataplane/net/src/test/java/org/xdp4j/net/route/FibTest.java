package org.xdp4j.net.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

class FibTest {
  private static Route route(String prefix, int to) {
    return Route.via(IpPrefix.parse(prefix), new NextHop(to, null));
  }

  private static Route lookup(Fib fib, String address) {
    IpAddress destination = IpAddress.parse(address);
    return fib.lookup(destination.high(), destination.low());
  }

  @Test
  void theLongestPrefixWins() {
    Fib fib = new Fib(false);
    fib.put(route("0.0.0.0/0", 1));
    fib.put(route("10.0.0.0/8", 2));
    fib.put(route("10.1.2.0/24", 3));
    fib.put(route("10.1.2.128/25", 4));
    fib.put(route("10.1.2.129/32", 5));

    assertThat(lookup(fib, "192.0.2.1").hop(0).interfaceIndex()).isEqualTo(1);
    assertThat(lookup(fib, "10.9.9.9").hop(0).interfaceIndex()).isEqualTo(2);
    assertThat(lookup(fib, "10.1.2.3").hop(0).interfaceIndex()).isEqualTo(3);
    assertThat(lookup(fib, "10.1.2.200").hop(0).interfaceIndex()).isEqualTo(4);
    assertThat(lookup(fib, "10.1.2.129").hop(0).interfaceIndex()).isEqualTo(5);
    assertThat(fib.lookup(IpAddress.parse("10.1.2.129").ipv4()).length()).isEqualTo(32);
  }

  @Test
  void aRouteTakenAwayLeavesTheShorterOne() {
    Fib fib = new Fib(true);
    fib.put(route("2001:db8::/32", 1));
    fib.put(route("2001:db8:1::/48", 2));
    fib.put(route("2001:db8:1::1/128", 3));

    fib.remove(IpPrefix.parse("2001:db8:1::/48"));

    assertThat(lookup(fib, "2001:db8:1::2").hop(0).interfaceIndex()).isEqualTo(1);
    assertThat(lookup(fib, "2001:db8:1::1").hop(0).interfaceIndex()).isEqualTo(3);
    assertThat(lookup(fib, "2001:db9::")).isNull();
    assertThat(fib.routes()).hasSize(2);
  }

  @Test
  void anEmptyTableTakesNoMoreThanItsRootAfterAllRoutesLeft() {
    Fib fib = new Fib(true);
    long empty = fib.nodeBytes();
    List<IpPrefix> prefixes = prefixes(new Random(9), true, 1_000);
    prefixes.forEach(prefix -> fib.put(Route.special(prefix, RouteType.BLACKHOLE)));
    assertThat(fib.nodeBytes()).isGreaterThan(empty);

    prefixes.forEach(fib::remove);

    assertThat(fib.size()).isZero();
    assertThat(fib.nodeBytes()).isEqualTo(empty);
  }

  @Test
  void aPrefixOfTheOtherFamilyIsRefused() {
    assertThatThrownBy(() -> new Fib(false).put(route("2001:db8::/32", 1)))
        .hasMessage("2001:db8::/32 does not belong into the IPv4 table");
    assertThatThrownBy(() -> Route.via(IpPrefix.parse("10.0.0.0/8")))
        .hasMessage("the route to 10.0.0.0/8 has no next hop");
  }

  static List<IpPrefix> prefixes(Random random, boolean ipv6, int count) {
    List<IpPrefix> prefixes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = random.nextInt((ipv6 ? 128 : 32) + 1);
      // Few different high bits, so that prefixes lie within one another.
      long high = (long) (random.nextInt(4) << 28 | random.nextInt()) << 32 & -1L << 32;
      high &= random.nextBoolean() ? 0xc1ffffffffffffffL : 0xc000ffffffffffffL;
      IpAddress address =
          ipv6
              ? IpAddress.of(high | random.nextInt() & 0xff0000ffL, random.nextLong() & 0xf0f0L)
              : IpAddress.of((int) (high >>> 32));
      prefixes.add(new IpPrefix(address, length).network());
    }
    return prefixes;
  }

  /** The definition: the longest of all prefixes that contain the address. */
  private static Route slow(TreeMap<IpPrefix, Route> routes, IpAddress address) {
    for (int length = address.bits(); length >= 0; length--) {
      Route route = routes.get(new IpPrefix(address, length).network());
      if (route != null) {
        return route;
      }
    }
    return null;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anyUpdatesAgreeWithTheDefinition(boolean ipv6) {
    for (int seed = 0; seed < 6; seed++) {
      Random random = new Random(seed);
      Fib fib = new Fib(ipv6);
      TreeMap<IpPrefix, Route> model = new TreeMap<>();
      List<IpPrefix> prefixes = prefixes(random, ipv6, 300);
      for (int step = 0; step < 1_000; step++) {
        IpPrefix prefix = prefixes.get(random.nextInt(prefixes.size()));
        if (random.nextInt(3) == 0) {
          assertThat(fib.remove(prefix)).isSameAs(model.remove(prefix));
        } else {
          Route route = Route.via(prefix, new NextHop(step, null));
          assertThat(fib.put(route)).isSameAs(model.put(prefix, route));
        }
        for (int probe = 0; probe < 8; probe++) {
          IpAddress near = prefixes.get(random.nextInt(prefixes.size())).address();
          long flip = random.nextInt(3) == 0 ? 1L << 32 + random.nextInt(32) : 0;
          IpAddress address =
              new IpAddress(ipv6, near.high() ^ flip, ipv6 ? near.low() ^ flip >>> 31 : 0);
          assertThat(fib.lookup(address.high(), address.low()))
              .as("seed %d step %d %s", seed, step, address)
              .isSameAs(slow(model, address));
          if (!ipv6) {
            assertThat(fib.lookup(address.ipv4())).isSameAs(slow(model, address));
          }
        }
      }
      assertThat(fib.size()).isEqualTo(model.size());
      assertThat(fib.routes()).containsExactlyElementsOf(model.values());
    }
  }
}
