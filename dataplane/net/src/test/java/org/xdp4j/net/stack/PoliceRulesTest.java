package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.police.TokenBucket;

class PoliceRulesTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void aBucketLetsThroughItsBurstAndThenItsRate() {
    TokenBucket bucket = new TokenBucket(1000, 50);
    long taken = 0;
    for (long now = 0; now <= 10 * SECOND; now += 100_000) {
      taken += bucket.take(1, now) ? 1 : 0;
    }
    assertThat(taken).isEqualTo(50 + 10 * 1000);
  }

  @Test
  void aBucketNeverLetsThroughMoreThanBurstPlusRateInAnyTime() {
    Random random = new Random(6);
    for (int i = 0; i < 200; i++) {
      long rate = 1 + random.nextInt(1_000_000_000);
      long burst = 1 + random.nextInt(100_000);
      TokenBucket bucket = new TokenBucket(rate, burst);
      long now = 0;
      long taken = 0;
      for (int k = 0; k < 500; k++) {
        now += random.nextInt(1 + random.nextInt(10_000_000));
        long size = 1 + random.nextInt(2000);
        taken += bucket.take(size, now) ? size : 0;
        assertThat(taken - burst)
            .isLessThanOrEqualTo(now / 1000 * rate / 1_000_000 + rate / 1000 + 1);
      }
    }
  }

  @Test
  void aLongPauseOrAClockThatStandsGivesNoMoreThanABurst() {
    TokenBucket bucket = new TokenBucket(TokenBucket.MAX, TokenBucket.MAX);
    assertThat(bucket.take(TokenBucket.MAX, 0)).isTrue();
    assertThat(bucket.take(1, 0)).isFalse();
    assertThat(bucket.take(TokenBucket.MAX, Long.MAX_VALUE / 2)).isTrue();
    assertThat(bucket.take(1, 5)).isFalse();
  }

  @Test
  void anInterfaceOverItsRateDropsByName() {
    TestRouter router =
        new TestRouter(
            RouterSettings.defaults(),
            TestRouter.builder(1).police(100_000, 1000),
            TestRouter.builder(2));
    router.neighbor(2, "10.0.2.2");
    byte[] packet = Packets.ipv4("10.0.1.2", "10.0.2.2", 17, Packets.udp(1, 2, 58));
    for (int i = 0; i < 20; i++) {
      router.receive(1, packet);
    }
    assertThat(router.sent).hasSize(10);
    assertThat(router.drops).hasSize(10).containsOnly(DropReason.POLICED);
    router.now += SECOND / 100;
    for (int i = 0; i < 20; i++) {
      router.receive(1, packet);
    }
    assertThat(router.sent).hasSize(20);
  }
}
