package org.xdp4j.bench;

import java.nio.ByteBuffer;

/** The 64-byte UDP frame that program benchmarks run over. */
final class BenchFrame {
  static final int SIZE = 64;

  /** Source address, as a program loads it. */
  static final int SOURCE = 0x0100000a;

  private static final int PORT = 53;
  private static final int TURN = 42;

  /** TTL, protocol and checksum as a program loads them: bytes 22 to 25. */
  static final int RESTORED = Integer.reverseBytes(ByteBuffer.wrap(bytes()).getInt(22));

  private BenchFrame() {}

  /** {@link #bytes()} whose generator, see bench/programs/rotate.h, begins here. */
  static byte[] bytes(int turn) {
    byte[] bytes = bytes();
    ByteBuffer.wrap(bytes).putInt(TURN, Integer.reverseBytes(turn));
    return bytes;
  }

  /** 10.0.0.1 to 10.1.0.1, UDP from 4000 to 53, TTL 64. */
  static byte[] bytes() {
    ByteBuffer frame = ByteBuffer.allocate(SIZE);
    frame.putShort(0, (short) 0x0200).putShort(6, (short) 0x0200).putShort(12, (short) 0x0800);
    frame.putShort(14, (short) 0x4500).putShort(16, (short) (SIZE - 14));
    frame.put(22, (byte) 64).put(23, (byte) 17);
    frame.putInt(26, Integer.reverseBytes(SOURCE)).putInt(30, 0x0a010001);
    frame.putShort(34, (short) 4000).putShort(36, (short) PORT).putShort(38, (short) (SIZE - 34));
    int sum = 0;
    for (int at = 14; at < 34; at += 2) {
      sum += frame.getShort(at) & 0xffff;
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    frame.putShort(24, (short) ~(sum + (sum >>> 16)));
    return frame.array();
  }

  /** The frame's protocol and port, as {@code struct service} of bench/programs/acl.bpf.c. */
  static byte[] service() {
    return new byte[] {17, 0, 0, PORT};
  }
}
