package org.xdp4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * 50,000 captures spoiled from a fixed seed: every one is read to an end or a sentence, in bounded
 * time and memory.
 */
class CaptureMutationTest {
  private static final int CASES = 50_000;
  private static final long SEED = 20_25L;
  private static final int[] TELLING = {0, 1, 0x7f, 0x80, 0xff};

  @TempDir Path folder;

  private static List<byte[]> seeds() throws IOException {
    CaptureBytes pcap =
        new CaptureBytes(ByteOrder.BIG_ENDIAN)
            .pcapHeader(PcapReader.MAGIC_NANO, 1)
            .pcapRecord(1, 2, CaptureBytes.frame(60, 1))
            .pcapRecord(3, 4, CaptureBytes.frame(90, 2));
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(PcapngReaderTest.manyKinds(false));
    }
    return List.of(
        pcap.toBytes(),
        PcapngReaderTest.manyKinds(false),
        PcapngReaderTest.manyKinds(true),
        packed.toByteArray());
  }

  @Test
  void spoiledCapturesEndInASentence() throws IOException {
    Random random = new Random(SEED);
    List<byte[]> seeds = seeds();
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    long slowest = 0;
    long most = 0;
    int refused = 0;
    for (int i = 0; i < CASES; i++) {
      byte[] capture = mutate(seeds.get(i % seeds.size()), random);
      long allocated = threads.getCurrentThreadAllocatedBytes();
      long started = threads.getCurrentThreadCpuTime();
      CaptureException problem = i % 10 == 0 ? readMapped(capture) : Records.of(capture).problem();
      slowest = Math.max(slowest, threads.getCurrentThreadCpuTime() - started);
      most = Math.max(most, threads.getCurrentThreadAllocatedBytes() - allocated);
      if (problem != null) {
        refused++;
        assertThat(problem.getMessage()).doesNotContain("\n").contains(": ");
      }
    }
    System.out.println(
        CASES
            + " spoiled captures: "
            + refused
            + " refused or ended early, 0 uncaught exceptions; slowest "
            + slowest / 1_000_000
            + " ms of CPU, most allocated "
            + most
            + " bytes");
    assertThat(most).isLessThan(8 << 20);
    assertThat(slowest).isLessThan(1_000_000_000L);
    assertThat(refused).isGreaterThan(CASES / 4);
  }

  private CaptureException readMapped(byte[] capture) throws IOException {
    Path file = folder.resolve("spoiled");
    Files.write(file, capture);
    return Records.of(file).problem();
  }

  private static byte[] mutate(byte[] seed, Random random) {
    byte[] bytes = seed.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) TELLING[random.nextInt(TELLING.length)];
        case 2 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 4), (byte) 0xff);
        case 3 -> bytes[at] = (byte) random.nextInt();
        case 4 -> {
          if (bytes.length > 8) {
            bytes = Arrays.copyOf(bytes, 4 + random.nextInt(bytes.length - 4));
          }
        }
        default -> {
          int from = random.nextInt(bytes.length);
          int length = Math.min(random.nextInt(32), bytes.length - Math.max(from, at));
          System.arraycopy(bytes, from, bytes, at, Math.max(0, length));
        }
      }
    }
    return bytes;
  }
}
