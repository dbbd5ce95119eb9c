package org.xdp4j.net.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FragmentPortsTest {
  private static final long LATER = 30;

  private static long valueOf(long datagram) {
    return datagram * 0x9E3779B97F4A7C15L >>> 1;
  }

  @Test
  void whatOneThreadRemembersAllFindAndNeverAnothersValues() throws Exception {
    FragmentPorts table = new FragmentPorts();
    AtomicInteger lost = new AtomicInteger();
    AtomicInteger wrong = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int number = 0; number < 4; number++) {
      SplittableRandom random = new SplittableRandom(number);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 200_000; i++) {
                      // All threads' datagrams are the same few: they write each other's entries.
                      long datagram = random.nextLong(1, 500) * 0xD6E8FEB86659FD93L;
                      table.remember(datagram, valueOf(datagram), LATER);
                      long found = table.find(datagram, 0);
                      lost.addAndGet(found < 0 ? 1 : 0);
                      wrong.addAndGet(found >= 0 && found != valueOf(datagram) ? 1 : 0);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(wrong).hasValue(0);
    assertThat(lost).hasValue(0);
    assertThat(table.find(1, 0)).isNegative();
  }

  @Test
  void theOneNotUsedForLongestMakesRoom() {
    FragmentPorts table = new FragmentPorts();
    for (long i = 0; i < 9; i++) {
      table.remember(i, i, LATER);
      assertThat(table.find(0, 0)).isZero();
    }
    assertThat(table.find(1, 0)).isNegative();
    assertThat(table.find(8, 0)).isEqualTo(8);
    table.remember(8, Long.MAX_VALUE, LATER);
    assertThat(table.find(8, 0)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void whatIsRememberedForTooLongIsForgotten() {
    FragmentPorts table = new FragmentPorts();
    table.remember(7, 5, LATER);
    assertThat(table.find(7, LATER - 1)).isEqualTo(5);
    assertThat(table.find(7, LATER)).isNegative();
    table.remember(7, 6, 2 * LATER);
    assertThat(table.find(7, LATER)).isEqualTo(6);
  }

  /** The same seed, the same places; another, others: nobody can tell which datagrams meet. */
  @Test
  void onlyTheSeedsTellWhichDatagramsMeet() {
    assertThat(number(1)).isEqualTo(number(1)).isNotEqualTo(number(2));
    FragmentPorts table = new FragmentPorts(new SplittableRandom(3));
    Set<Long> sets = new HashSet<>();
    for (long i = 0; i < 1000; i++) {
      // Addresses that differ as their owner likes, identifications that make up for it.
      sets.add(table.datagram(0, i, 0, ~i, i << 32 | i) >>> 32 & 1023);
    }
    assertThat(sets).hasSizeGreaterThan(500); // 638 of 1,024 if by chance
  }

  private static long number(long seed) {
    return new FragmentPorts(new SplittableRandom(seed)).datagram(1, 2, 3, 4, 5);
  }
}
