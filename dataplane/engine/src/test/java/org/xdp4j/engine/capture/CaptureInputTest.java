package org.xdp4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureInputTest {
  @TempDir Path folder;

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] largeCapture() {
    CaptureBytes capture = new CaptureBytes(ByteOrder.LITTLE_ENDIAN);
    capture.pcapHeader(PcapReader.MAGIC_MICRO, 1);
    for (int i = 0; i < 4000; i++) {
      capture.pcapRecord(i, 0, CaptureBytes.frame(i % 1500, i));
    }
    capture.pcapRecord(1, 1, CaptureBytes.frame(CaptureReader.MAX_CAPTURED_LENGTH, 9));
    return capture.toBytes();
  }

  @Test
  void gzipPipesAndMappedFilesReadTheSame() throws IOException {
    byte[] capture = largeCapture();
    Path plain = folder.resolve("plain.pcap");
    Path packed = folder.resolve("packed.pcap.gz");
    Files.write(plain, capture);
    Files.write(packed, gzip(capture));

    Records expected = Records.of(plain);

    assertThat(expected.seen()).hasSize(4001);
    assertThat(expected.problem()).isNull();
    assertThat(Records.of(packed)).isEqualTo(expected);
    assertThat(Records.of(capture)).isEqualTo(expected);
    try (CaptureReader slow = CaptureReader.open(new OneByOne(capture), "slow")) {
      assertThat(Records.of(slow)).isEqualTo(expected);
    }
  }

  @Test
  void batchesHoldTheSameRecordsAndEndAtTheSamePlace() throws IOException {
    for (byte[] capture :
        new byte[][] {
          Arrays.copyOf(largeCapture(), 100_001),
          PcapngReaderTest.manyKinds(true),
          Arrays.copyOf(PcapngReaderTest.manyKinds(false), 600)
        }) {
      Path file = folder.resolve("batched");
      Files.write(file, capture);
      Records expected = Records.of(file);
      for (int capacity : new int[] {1, 7, 64}) {
        try (CaptureReader mapped = CaptureReader.open(file);
            CaptureReader slow = CaptureReader.open(new OneByOne(capture), file.toString())) {
          assertThat(Records.inBatches(mapped, capacity).toString()).isEqualTo(expected.toString());
          assertThat(Records.inBatches(slow, capacity).seen()).isEqualTo(expected.seen());
          assertThat(mapped.rewind()).isTrue();
          assertThat(Records.inBatches(mapped, capacity).seen()).isEqualTo(expected.seen());
          assertThat(slow.rewind()).isFalse();
        }
      }
    }
  }

  @Test
  void aCaptureCanBeReadFromAnyRecordOn() throws IOException {
    for (byte[] capture :
        new byte[][] {
          Arrays.copyOf(largeCapture(), 100_001),
          PcapngReaderTest.manyKinds(true),
          PcapngReaderTest.manyKinds(false)
        }) {
      Path file = folder.resolve("marked");
      Files.write(file, capture);
      Records all = Records.of(file);
      List<CapturePosition> marks = new ArrayList<>();
      try (CaptureReader reader = CaptureReader.open(file)) {
        for (int i = 0; i < all.seen().size(); i++) {
          marks.add(reader.mark());
          assertThat(reader.next()).isTrue();
        }
      }
      for (int i = 0; i < marks.size(); i++) {
        try (CaptureReader reader = CaptureReader.open(file)) {
          assertThat(reader.seek(marks.get(i))).isTrue();
          assertThat(Records.of(reader).seen()).isEqualTo(all.seen().subList(i, all.seen().size()));
        }
      }
    }
  }

  @Test
  void cutOrDamagedGzipDeliversTheWholeRecords() throws IOException {
    byte[] packed = gzip(largeCapture());

    Records cut = Records.of(Arrays.copyOf(packed, packed.length / 2));
    byte[] spoiled = packed.clone();
    Arrays.fill(spoiled, packed.length / 2, packed.length / 2 + 64, (byte) 0xff);
    Records damaged = Records.of(spoiled);

    assertThat(cut.seen().size()).isBetween(100, 4000);
    assertThat(cut.problem())
        .hasMessageMatching("made.cap: the gzip data ends early after \\d+ bytes of capture");
    assertThat(damaged.seen().size()).isBetween(100, 4000);
    assertThat(damaged.problem()).isNotNull();
  }

  @Test
  void aGzipBombStaysBounded() throws IOException {
    // A quarter of a gigabyte in one block of an unknown type shrinks to little and must not come
    // back.
    Path bomb = folder.resolve("bomb.pcapng.gz");
    long size = 1L << 28;
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(bomb), 1 << 16)) {
      CaptureBytes head = new CaptureBytes(ByteOrder.LITTLE_ENDIAN).section("bomb");
      out.write(head.u32(99, size).toBytes());
      byte[] zeros = new byte[1 << 20];
      for (long left = size - 12; left > 0; left -= zeros.length) {
        out.write(zeros, 0, (int) Math.min(left, zeros.length));
      }
      out.write(new CaptureBytes(ByteOrder.LITTLE_ENDIAN).u32(size).toBytes());
    }
    long before = allocated();

    Records records = Records.of(bomb);

    assertThat(records.problem()).isNull();
    assertThat(records.seen()).isEmpty();
    assertThat(allocated() - before).isLessThan(4 << 20);
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  @Test
  void capturesBeyondTwoGibibytesAreReadToTheirEnd() throws IOException {
    Path file = folder.resolve("sparse.pcapng");
    CaptureBytes head = new CaptureBytes(ByteOrder.LITTLE_ENDIAN).section("large");
    head.describe(1, 0, head.body()).packet(0, 1, CaptureBytes.frame(60, 1));
    long hole = 3L << 30;
    head.u32(0x0bad, hole);
    CaptureBytes tail = new CaptureBytes(ByteOrder.LITTLE_ENDIAN).u32(hole);
    tail.packet(0, 2, CaptureBytes.frame(60, 2));
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(head.toBytes()));
      channel.write(ByteBuffer.wrap(tail.toBytes()), head.size() - 8 + hole - 4);
    }

    Records records = Records.of(file);

    assertThat(records.problem()).isNull();
    assertThat(records.seen()).extracting(Records.Seen::nanos).containsExactly(1000L, 2000L);
  }

  /** A pipe at its worst: one byte a read. */
  private static final class OneByOne extends InputStream {
    private final byte[] bytes;
    private int next;

    OneByOne(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read() {
      return next < bytes.length ? Byte.toUnsignedInt(bytes[next++]) : -1;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
      if (next == bytes.length) {
        return -1;
      }
      to[offset] = bytes[next++];
      return 1;
    }
  }
}
