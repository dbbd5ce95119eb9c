package org.xdp4j.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * A capture for benchmarks: UDP over IPv4, from many flows, one in ten of them DNS, in frames of 64
 * bytes (60 bytes and the checksum that no capture holds would be the wire's; here 64 captured
 * bytes) or of a mix of sizes. The same seed writes the same file.
 */
final class FrameFile {
  /** Bytes of a frame where all are of one size. */
  static final int FRAME = 64;

  /**
   * The simple IMIX: of 48 frames 28 of 64 bytes, 16 of 570 and 4 of 1518. Here in an order by
   * chance.
   */
  private static final int[] IMIX_SIZES = {64, 570, 1518};

  private static final int[] IMIX_SHARES = {28, 16, 4};

  private static final int RECORD_HEADER = 16;
  private static final int FILE_HEADER = 24;
  private static final int FLOWS = 4096;
  private static final long SEED = 42;
  private static final int BUFFER = 1 << 20;
  private static final int LARGEST = 1518;

  private FrameFile() {}

  /**
   * Writes {@code frames} frames of 64 bytes as a pcap file, unless {@code file} is there with the
   * right size.
   */
  static void write(Path file, int frames) throws IOException {
    int[] sizes = new int[frames];
    Arrays.fill(sizes, FRAME);
    write(file, sizes);
  }

  /** The same with frames of the simple IMIX. */
  static void writeImix(Path file, int frames) throws IOException {
    RandomGenerator random = random();
    int[] mix = new int[Arrays.stream(IMIX_SHARES).sum()];
    int filled = 0;
    for (int i = 0; i < IMIX_SIZES.length; i++) {
      Arrays.fill(mix, filled, filled + IMIX_SHARES[i], IMIX_SIZES[i]);
      filled += IMIX_SHARES[i];
    }
    int[] sizes = new int[frames];
    for (int i = 0; i < frames; i++) {
      sizes[i] = mix[random.nextInt(mix.length)];
    }
    write(file, sizes);
  }

  private static void write(Path file, int[] sizes) throws IOException {
    long size =
        FILE_HEADER
            + (long) RECORD_HEADER * sizes.length
            + Arrays.stream(sizes).asLongStream().sum();
    if (Files.exists(file) && Files.size(file) == size) {
      return;
    }
    RandomGenerator random = random();
    byte[][] flows = new byte[FLOWS][];
    for (int i = 0; i < FLOWS; i++) {
      flows[i] = frame(random);
    }
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      channel.write(header());
      ByteBuffer buffer = buffer(BUFFER);
      for (int i = 0; i < sizes.length; i++) {
        if (buffer.remaining() < RECORD_HEADER + sizes[i]) {
          drain(channel, buffer);
        }
        record(buffer, i, flows[random.nextInt(FLOWS)], sizes[i]);
      }
      drain(channel, buffer);
    }
  }

  private static RandomGenerator random() {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
  }

  private static void drain(FileChannel channel, ByteBuffer buffer) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  private static ByteBuffer header() {
    ByteBuffer header = buffer(FILE_HEADER);
    header.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    header.putLong(0).putInt(65535).putInt(1);
    return header.flip();
  }

  private static void record(ByteBuffer buffer, int index, byte[] frame, int size) {
    buffer.putInt(1_767_225_600 + index / 1_000_000).putInt(index % 1_000_000);
    buffer.putInt(size).putInt(size);
    int at = buffer.position();
    buffer.put(frame, 0, size);
    buffer.put(at + 16, (byte) (size - 14 >>> 8)).put(at + 17, (byte) (size - 14));
    buffer.put(at + 38, (byte) (size - 34 >>> 8)).put(at + 39, (byte) (size - 34));
  }

  private static byte[] frame(RandomGenerator random) {
    byte[] frame = new byte[LARGEST];
    random.nextBytes(frame);
    ByteBuffer b = ByteBuffer.wrap(frame);
    b.putShort(0, (short) 0x0200).putShort(6, (short) 0x0200).putShort(12, (short) 0x0800);
    b.putShort(14, (short) 0x4500).putInt(18, 0);
    b.put(22, (byte) 64).put(23, (byte) 17).putShort(24, (short) 0);
    b.putInt(26, 0x0a000000 | random.nextInt(1 << 24))
        .putInt(30, 0x0a000000 | random.nextInt(1 << 24));
    b.putShort(36, (short) (random.nextInt(10) == 0 ? 53 : 1024 + random.nextInt(60000)));
    b.putShort(40, (short) 0);
    return frame;
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
