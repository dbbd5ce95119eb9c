package org.xdp4j.net.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Network byte order, anywhere in memory. */
public final class Bytes {
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private Bytes() {}

  /** An unsigned byte. */
  public static int u8(MemorySegment memory, long offset) {
    return Byte.toUnsignedInt(memory.get(BYTE, offset));
  }

  /** An unsigned 16-bit number. */
  public static int u16(MemorySegment memory, long offset) {
    return Short.toUnsignedInt(memory.get(SHORT, offset));
  }

  /** A 32-bit number. */
  public static int i32(MemorySegment memory, long offset) {
    return memory.get(INT, offset);
  }

  /** A 64-bit number. */
  public static long i64(MemorySegment memory, long offset) {
    return memory.get(LONG, offset);
  }

  /** Sets a byte. */
  public static void put8(MemorySegment memory, long offset, int value) {
    memory.set(BYTE, offset, (byte) value);
  }

  /** Sets a 16-bit number. */
  public static void put16(MemorySegment memory, long offset, int value) {
    memory.set(SHORT, offset, (short) value);
  }

  /** Sets a 32-bit number. */
  public static void put32(MemorySegment memory, long offset, int value) {
    memory.set(INT, offset, value);
  }

  /** Sets a 64-bit number. */
  public static void put64(MemorySegment memory, long offset, long value) {
    memory.set(LONG, offset, value);
  }

  /** Sets {@code length} bytes to zero. */
  public static void clear(MemorySegment memory, long offset, long length) {
    memory.asSlice(offset, length).fill((byte) 0);
  }

  /** Copies bytes within one memory; the ranges may overlap. */
  public static void copy(MemorySegment memory, long from, long to, long length) {
    MemorySegment.copy(memory, from, memory, to, length);
  }
}
