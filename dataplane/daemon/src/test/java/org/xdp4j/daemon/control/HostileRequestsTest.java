package org.xdp4j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.daemon.control.http.Limits;

/**
 * Requests that were bent, cut and mixed up, with {@code -Dxdp4j.control.requests=100000} a
 * campaign of them: each is answered or its connection closed, nothing unexpected is thrown,
 * nothing grows, and frames go on meanwhile.
 */
class HostileRequestsTest {
  private static final int REQUESTS = Integer.getInteger("xdp4j.control.requests", 3000);
  private static final long SEED = 20261128;

  private static final List<String> TARGETS =
      List.of(
          "/v1/figures",
          "/v1/ports",
          "/v1/drops",
          "/v1/maps",
          "/v1/maps/sources_v4/entries?limit=10&offset=0",
          "/v1/maps/sources_v4/entry?key=10.0.0.0%2F8",
          "/v1/maps/decisions/entry?key=0",
          "/v1/fib?family=4&within=10.0.0.0%2F8&after=10.0.1.0%2F24&limit=5",
          "/v1/fib/lookup?address=fd00:1::1",
          "/v1/neighbors",
          "/v1/trace?count=1&filter=tcp%20port%2080",
          "/v1/capture?count=1&filter=ip&point=drop&snaplen=64",
          "/v1/reload",
          "/v1/ports/wan/program?file=a.o&program=x",
          "/metrics",
          "/healthz",
          "/",
          "/openapi.json");
  private static final List<String> METHODS =
      List.of("GET", "GET", "GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW");
  private static final List<String> BODIES =
      List.of(
          "",
          "{\"value\": \"XDP_DROP\"}",
          "{\"set\": [\"10.0.0.0/8=1\", \"192.0.2.1=XDP_PASS\"], \"delete\": [\"10.0.0.0/8\"]}",
          "{\"set\": [{\"a\": [1, 2.5, null, true]}]}",
          "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
          "\u007fELF\u0002\u0001\u0001");

  @TempDir private Path folder;

  @Test
  void noneDoesAnyHarm() throws Exception {
    List<String> faults = new ArrayList<>();
    Handler watch = new Watch(faults);
    Logger logger = Logger.getLogger("");
    logger.addHandler(watch);
    Limits limits = new Limits(64, 2000, 2000, 300, 2000, 8 << 20);
    try (Daemon daemon = Daemon.start(folder, Daemon.plan(0, 2000), true, limits, () -> "done")) {
      Random random = new Random(SEED);
      int answered = attack(daemon, random, REQUESTS / 10);
      long before = heap();
      long frames = daemon.forwarder().books().received();
      answered += attack(daemon, random, REQUESTS - REQUESTS / 10);
      for (int i = 0; i < 500 && daemon.server().connections() > 0; i++) {
        Thread.sleep(10);
      }
      System.out.printf(
          "%,d hostile requests: %,d answered, heap %+d KiB%n",
          REQUESTS, answered, (heap() - before) >> 10);
      assertThat(faults).isEmpty();
      assertThat(daemon.server().connections()).isZero();
      assertThat(daemon.server().bodyBytes()).isZero();
      assertThat(heap() - before).isLessThan(16 << 20);
      assertThat(daemon.forwarder().books().received()).isGreaterThan(frames);
      assertThat(daemon.forwarder().workers()).allMatch(worker -> worker.failure() == null);
      assertThat(answered).isGreaterThan(REQUESTS / 2);
      try (Wire wire = daemon.connect(Wire.Over.UNIX)) {
        assertThat(wire.get("/v1/figures").status()).isEqualTo(200);
      }
      daemon.forwarder().stop().requireBalance();
    } finally {
      logger.removeHandler(watch);
    }
  }

  private static int attack(Daemon daemon, Random random, int count) throws Exception {
    int answered = 0;
    for (int i = 0; i < count; i++) {
      Wire.Over over = random.nextBoolean() ? Wire.Over.UNIX : Wire.Over.TCP;
      try (Wire wire = daemon.connect(over)) {
        wire.say(mutated(request(over, random), random));
        wire.shutdownOutput();
        Wire.Answer answer = wire.head();
        answered++;
        assertThat(answer.status()).as("%d", i).isBetween(100, 599).isNotEqualTo(500);
      } catch (IOException closed) {
        continue; // As it may be with what is no request.
      }
    }
    return answered;
  }

  private static byte[] request(Wire.Over over, Random random) {
    String body = pick(BODIES, random);
    String type = random.nextInt(3) == 0 ? "application/octet-stream" : "application/json";
    String request =
        pick(METHODS, random)
            + " "
            + pick(TARGETS, random)
            + " HTTP/1.1\r\nHost: localhost\r\n"
            + (over == Wire.Over.TCP ? "Authorization: Bearer " + Daemon.TOKEN + "\r\n" : "")
            + (body.isEmpty()
                ? ""
                : "Content-Type: "
                    + type
                    + "\r\nContent-Length: "
                    + (body.length() + (random.nextInt(20) == 0 ? random.nextInt(100) : 0))
                    + "\r\n")
            + "\r\n"
            + body;
    return request.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static <T> T pick(List<T> among, Random random) {
    return among.get(random.nextInt(among.size()));
  }

  /** Up to four small changes; one in four stays as it is. */
  private static byte[] mutated(byte[] request, Random random) {
    byte[] bytes = request;
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes = cut(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(8)), 0);
        case 3 -> bytes = cut(bytes, at, at, 1 + random.nextInt(8));
        case 4 -> bytes = cut(bytes, at, at, random.nextInt(20) == 0 ? 30_000 : 40);
        default -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
      }
    }
    return bytes;
  }

  /** Without what is from {@code from} to {@code to}, and with {@code more} bytes there. */
  private static byte[] cut(byte[] bytes, int from, int to, int more) {
    byte[] changed = new byte[bytes.length - (to - from) + more];
    System.arraycopy(bytes, 0, changed, 0, from);
    for (int i = 0; i < more; i++) {
      changed[from + i] = bytes[(from + i) % bytes.length];
    }
    System.arraycopy(bytes, to, changed, from + more, bytes.length - to);
    return changed.length == 0 ? new byte[1] : changed;
  }

  private static long heap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Keeps what is logged as a fault. */
  private static final class Watch extends Handler {
    private final List<String> faults;

    Watch(List<String> faults) {
      this.faults = faults;
    }

    @Override
    public synchronized void publish(LogRecord record) {
      if (record.getLevel().intValue() >= Level.WARNING.intValue() && faults.size() < 20) {
        faults.add(record.getMessage() + " " + record.getThrown());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
