package org.xdp4j.bench;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

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

  /** Its sizes in IMIX, in the order they come: 28 of 64 bytes, 16 of 570 and 4 of 1518. */
  static final int[] IMIX = new int[48];

  static {
    for (int i = 0; i < IMIX.length; i++) {
      IMIX[i] = i % 12 == 11 ? 1518 : i % 3 == 1 ? 570 : SIZE;
    }
  }

  /** An IPv6 packet without payload but zeros, from 2001:db8::1 to an address that is not used. */
  static byte[] ipv6() {
    ByteBuffer frame = ByteBuffer.allocate(SIZE);
    frame.putShort(0, (short) 0x0200).putShort(6, (short) 0x0200).putShort(12, (short) 0x86dd);
    frame.put(14, (byte) 0x60).putShort(18, (short) (SIZE - 54)).put(20, (byte) 59);
    frame.put(21, (byte) 64).putInt(22, 0x20010db8).put(37, (byte) 1);
    return frame.array();
  }

  /** {@link #bytes()} whose generator, see bench/programs/rotate.h, begins here. */
  static byte[] bytes(int turn) {
    return turned(bytes(), turn);
  }

  /** A copy of one of these frames whose generator, if it has one, begins here. */
  static byte[] turned(byte[] frame, int turn) {
    byte[] bytes = frame.clone();
    if (ByteBuffer.wrap(bytes).getShort(12) == 0x0800) {
      ByteBuffer.wrap(bytes).putInt(TURN, Integer.reverseBytes(turn));
    }
    return bytes;
  }

  /** {@link #bytes()} in the sizes of {@link #IMIX}: what is behind the packet is zeros. */
  static List<byte[]> imix() {
    return Arrays.stream(IMIX).mapToObj(size -> Arrays.copyOf(bytes(), size)).toList();
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
