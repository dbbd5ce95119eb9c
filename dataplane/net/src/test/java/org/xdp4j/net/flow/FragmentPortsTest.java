package org.xdp4j.net.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FragmentPortsTest {
  private static int portsOf(long datagram) {
    return (int) (datagram * 0x9E3779B97F4A7C15L >>> 32);
  }

  @Test
  void whatOneThreadRemembersAllFindAndNeverAnothersPorts() throws Exception {
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
                      table.remember(datagram, portsOf(datagram));
                      long found = table.find(datagram);
                      lost.addAndGet(found < 0 ? 1 : 0);
                      wrong.addAndGet(found >= 0 && (int) found != portsOf(datagram) ? 1 : 0);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(wrong).hasValue(0);
    assertThat(lost).hasValue(0);
    assertThat(table.find(1)).isNegative();
  }

  @Test
  void theOneNotUsedForLongestMakesRoom() {
    FragmentPorts table = new FragmentPorts();
    for (long i = 0; i < 9; i++) {
      table.remember(i, (int) i);
      assertThat(table.find(0)).isZero();
    }
    assertThat(table.find(1)).isNegative();
    assertThat(table.find(8)).isEqualTo(8);
    table.remember(8, -1);
    assertThat(table.find(8)).isEqualTo(0xffff_ffffL);
  }
}
