package org.xdp4j.net.nat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpProtocol;

/** Several workers over one set of mappings. */
class Nat44WorkersTest {
  private static final long SECOND = 1_000_000_000L;

  private final Nat44 nat = new Nat44(List.of(2), List.of(IpAddress.parse("192.0.2.1")), 20_000);

  /** One for all workers, as theirs is. */
  private final AtomicLong clock = new AtomicLong();

  @Test
  void workersAgreeOnEveryMappingAndShareNoPort() throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread[] workers = new Thread[3];
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
        long now = clock.addAndGet(SECOND / 150);
        int host = 10 << 24 | random.nextInt(20);
        int port = 2000 + random.nextInt(500);
        NatMapping mapping = nat.outbound(IpProtocol.UDP, host, port, 0, now);
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
    }
  }
}
