package org.xdp4j.net.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.wire.IpAddress;

class NeighborTableRulesTest {
  private static final BigInteger WORD = BigInteger.ONE.shiftLeft(64);

  private static long inverse(long factor) {
    return BigInteger.valueOf(factor).mod(WORD).modInverse(WORD).longValue();
  }

  /** Addresses of one /64 that a mixing function without a key puts all in one place. */
  @Test
  void chosenAddressesDoNotMeetInOnePlace() {
    NeighborTable table = new NeighborTable(16_384);
    long high = IpAddress.parse("fd00:2::").high();
    long first = inverse(0x9E3779B97F4A7C15L);
    long second = inverse(0xD6E8FEB86659FD93L);
    for (int i = 0; i < 4000; i++) {
      long mixed = (0x1234L << 32 | i * 7919L + 1) * second;
      mixed = (mixed ^ mixed >>> 32) * first;
      long low = Long.rotateRight((mixed ^ high) - 2, 31);
      table.add(new Neighbor(2, IpAddress.of(high, low)));
    }
    assertThat(table.longestRun()).isLessThan(24);
    assertThat(table.size()).isEqualTo(4000);
  }
}
