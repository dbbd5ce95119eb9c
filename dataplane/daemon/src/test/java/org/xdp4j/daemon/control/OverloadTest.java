package org.xdp4j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Control answers within a second while workers have more to do than they can. A campaign, as it
 * measures time: {@code -Dxdp4j.control.overload=SECONDS}.
 */
class OverloadTest {
  private static final int SECONDS = Integer.getInteger("xdp4j.control.overload", 0);
  private static final List<String> TARGETS =
      List.of("/v1/figures", "/metrics", "/v1/drops", "/v1/maps/decisions/entries", "/v1/fib");

  @TempDir private Path folder;

  @Test
  void controlAnswersWithinASecond() throws Exception {
    assumeTrue(SECONDS > 0, "a campaign: -Dxdp4j.control.overload=SECONDS");
    Histogram nanos = new Histogram(3);
    try (Daemon daemon = Daemon.start(folder, Daemon.plan(0, 0))) {
      long end = System.nanoTime() + SECONDS * 1_000_000_000L;
      for (int i = 0; System.nanoTime() < end; i++) {
        long began = System.nanoTime();
        try (Wire wire = daemon.connect(i % 2 == 0 ? Wire.Over.UNIX : Wire.Over.TCP)) {
          assertThat(wire.get(TARGETS.get(i % TARGETS.size())).status()).isEqualTo(200);
        }
        nanos.recordValue(System.nanoTime() - began);
        Thread.sleep(5);
      }
      var books = daemon.forwarder().stop();
      books.requireBalance();
      System.out.printf(
          "overload: %,d frames a second; %,d control requests, 50 %% %.1f ms, 99 %% %.1f ms,"
              + " slowest %.1f ms%n",
          books.received() / SECONDS,
          nanos.getTotalCount(),
          nanos.getValueAtPercentile(50) / 1e6,
          nanos.getValueAtPercentile(99) / 1e6,
          nanos.getMaxValue() / 1e6);
    }
    assertThat(nanos.getMaxValue()).isLessThan(1_000_000_000L);
  }
}
