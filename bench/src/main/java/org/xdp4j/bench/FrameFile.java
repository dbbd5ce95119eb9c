package org.xdp4j.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * A capture for benchmarks: UDP over IPv4 in 64-byte frames (60 bytes and the checksum that no
 * capture holds would be the wire's; here 64 captured bytes), from many flows, one in ten of them
 * DNS. The same seed writes the same file.
 */
final class FrameFile {
  /** Bytes of a frame. */
  static final int FRAME = 64;

  private static final int RECORD = 16 + FRAME;
  private static final int FLOWS = 4096;
  private static final long SEED = 42;
  private static final int BUFFER_RECORDS = 8192;

  private FrameFile() {}

  /**
   * Writes {@code frames} frames as a pcap file, unless {@code file} is there with the right size.
   */
  static void write(Path file, int frames) throws IOException {
    long size = 24 + (long) frames * RECORD;
    if (Files.exists(file) && Files.size(file) == size) {
      return;
    }
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
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
      ByteBuffer buffer = buffer(RECORD * BUFFER_RECORDS);
      for (int i = 0; i < frames; i++) {
        record(buffer, i, flows[random.nextInt(FLOWS)]);
        if (!buffer.hasRemaining() || i == frames - 1) {
          drain(channel, buffer);
        }
      }
    }
  }

  private static void drain(FileChannel channel, ByteBuffer buffer) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  private static ByteBuffer header() {
    ByteBuffer header = buffer(24);
    header.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    header.putLong(0).putInt(65535).putInt(1);
    return header.flip();
  }

  private static void record(ByteBuffer buffer, int index, byte[] frame) {
    buffer.putInt(1_767_225_600 + index / 1_000_000).putInt(index % 1_000_000);
    buffer.putInt(FRAME).putInt(FRAME).put(frame);
  }

  private static byte[] frame(RandomGenerator random) {
    byte[] frame = new byte[FRAME];
    random.nextBytes(frame);
    ByteBuffer b = ByteBuffer.wrap(frame);
    b.putShort(0, (short) 0x0200).putShort(6, (short) 0x0200).putShort(12, (short) 0x0800);
    b.putShort(14, (short) 0x4500).putShort(16, (short) (FRAME - 14)).putInt(18, 0);
    b.put(22, (byte) 64).put(23, (byte) 17).putShort(24, (short) 0);
    b.putInt(26, 0x0a000000 | random.nextInt(1 << 24))
        .putInt(30, 0x0a000000 | random.nextInt(1 << 24));
    b.putShort(36, (short) (random.nextInt(10) == 0 ? 53 : 1024 + random.nextInt(60000)));
    b.putShort(38, (short) (FRAME - 34)).putShort(40, (short) 0);
    return frame;
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
