package org.xdp4j.net.nat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpProtocol;

/** Several workers over one set of mappings. */
class Nat44WorkersTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int WORKERS = 3;

  /**
   * Steps of time by which workers' clocks may be apart, 40 s of it: a thread that waits for a CPU
   * must not come back when all that it knew has long expired for the others.
   */
  private static final int APART = 2000;

  private final Nat44 nat = new Nat44(List.of(2), List.of(IpAddress.parse("192.0.2.1")), 20_000);

  /** How many steps each worker has done. */
  private final AtomicLongArray steps = new AtomicLongArray(WORKERS);

  @Test
  void workersAgreeOnEveryMappingAndShareNoPort() throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread[] workers = new Thread[WORKERS];
    for (int i = 0; i < workers.length; i++) {
      int seed = i;
      workers[i] = Thread.ofPlatform().start(() -> run(seed, failure));
    }
    for (Thread worker : workers) {
      worker.join();
    }
    assertThat(failure).hasValue(null);
    Set<Integer> ports = new HashSet<>();
    for (NatMapping mapping : nat.list()) {
      assertThat(ports.add(mapping.outsidePort())).isTrue();
    }
  }

  private void run(int seed, AtomicReference<Throwable> failure) {
    try {
      Random random = new Random(seed);
      for (int i = 0; i < 60_000; i++) {
        long now = clock(seed, i);
        int host = 10 << 24 | random.nextInt(20);
        int port = 2000 + random.nextInt(500);
        NatMapping mapping = nat.outbound(IpProtocol.UDP, host, port, 53, 0, now);
        NatMapping back =
            nat.inbound(IpProtocol.UDP, mapping.outsideAddress(), mapping.outsidePort(), now);
        if (mapping.insideAddress() != host || mapping.insidePort() != port || back != mapping) {
          throw new AssertionError(mapping + " but " + back);
        }
        if (i % 64 == 0) {
          nat.tick(now);
        }
      }
    } catch (Throwable e) {
      failure.set(e);
    } finally {
      steps.set(seed, Long.MAX_VALUE / 2);
    }
  }

  private long clock(int worker, int step) {
    steps.set(worker, step);
    for (int i = 0; i < WORKERS; i++) {
      while (steps.get(i) + APART < step) {
        Thread.yield();
      }
    }
    return step * (SECOND / 50);
  }

  /** One worker uses a mapping in the moment when its time is up for another. */
  @Test
  void aMappingThatIsUsedAsItExpiresIsStillThereOrIsMadeAnew() throws InterruptedException {
    int rounds = 10_000;
    long deadline = System.nanoTime() + 2 * SECOND; // where CPUs are scarce a round takes long
    Nat44 small = new Nat44(List.of(2), List.of(IpAddress.parse("192.0.2.1")), 8);
    int host = 10 << 24 | 1;
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    Thread other =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 1; ; i++) {
                    await(begun, i);
                    if (begun.get() > i) {
                      return;
                    }
                    small.tick(i * 1000 * SECOND + 300 * SECOND);
                    done.set(i);
                  }
                });
    int lost = 0;
    for (int i = 1; i <= rounds && System.nanoTime() < deadline; i++) {
      long made = i * 1000 * SECOND;
      small.outbound(IpProtocol.UDP, host, 2000, 53, 0, made);
      begun.set(i);
      for (int spin = 0; spin < i % 100; spin++) {
        Thread.onSpinWait(); // each round a little later
      }
      NatMapping used = small.outbound(IpProtocol.UDP, host, 2000, 53, 0, made + 300 * SECOND - 1);
      await(done, i);
      NatMapping back =
          small.inbound(IpProtocol.UDP, used.outsideAddress(), used.outsidePort(), made);
      lost += back == used ? 0 : 1;
    }
    begun.set(Integer.MAX_VALUE);
    other.join();
    assertThat(lost).isZero();
  }

  private static void await(AtomicInteger counter, int value) {
    while (counter.get() < value) {
      Thread.yield();
    }
  }
}
