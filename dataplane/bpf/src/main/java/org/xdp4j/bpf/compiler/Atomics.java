package org.xdp4j.bpf.compiler;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Atomic operations (RFC 9669 section 5.3) and load-acquire and store-release (linux/bpf.h) on
 * memory of the region. All answer the old value, zero-extended; a misaligned address is an {@link
 * IllegalArgumentException}. Called by generated code.
 */
final class Atomics {
  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
  private static final VarHandle SHORT = little(ValueLayout.JAVA_SHORT);
  private static final VarHandle INT = little(ValueLayout.JAVA_INT);
  private static final VarHandle LONG = little(ValueLayout.JAVA_LONG);

  private Atomics() {}

  private static VarHandle little(ValueLayout layout) {
    return layout.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  }

  static long add(MemorySegment memory, long address, long value) {
    return (long) LONG.getAndAdd(memory, address, value);
  }

  static long or(MemorySegment memory, long address, long value) {
    return (long) LONG.getAndBitwiseOr(memory, address, value);
  }

  static long and(MemorySegment memory, long address, long value) {
    return (long) LONG.getAndBitwiseAnd(memory, address, value);
  }

  static long xor(MemorySegment memory, long address, long value) {
    return (long) LONG.getAndBitwiseXor(memory, address, value);
  }

  static long exchange(MemorySegment memory, long address, long value) {
    return (long) LONG.getAndSet(memory, address, value);
  }

  static long compareExchange(MemorySegment memory, long address, long expected, long value) {
    return (long) LONG.compareAndExchange(memory, address, expected, value);
  }

  static long add(MemorySegment memory, long address, int value) {
    return extend((int) INT.getAndAdd(memory, address, value));
  }

  static long or(MemorySegment memory, long address, int value) {
    return extend((int) INT.getAndBitwiseOr(memory, address, value));
  }

  static long and(MemorySegment memory, long address, int value) {
    return extend((int) INT.getAndBitwiseAnd(memory, address, value));
  }

  static long xor(MemorySegment memory, long address, int value) {
    return extend((int) INT.getAndBitwiseXor(memory, address, value));
  }

  static long exchange(MemorySegment memory, long address, int value) {
    return extend((int) INT.getAndSet(memory, address, value));
  }

  static long compareExchange(MemorySegment memory, long address, int expected, int value) {
    return extend((int) INT.compareAndExchange(memory, address, expected, value));
  }

  static long acquireByte(MemorySegment memory, long address) {
    return (byte) BYTE.getAcquire(memory, address) & 0xffL;
  }

  static long acquireShort(MemorySegment memory, long address) {
    return (short) SHORT.getAcquire(memory, address) & 0xffffL;
  }

  static long acquireInt(MemorySegment memory, long address) {
    return extend((int) INT.getAcquire(memory, address));
  }

  static long acquireLong(MemorySegment memory, long address) {
    return (long) LONG.getAcquire(memory, address);
  }

  static void releaseByte(MemorySegment memory, long address, long value) {
    BYTE.setRelease(memory, address, (byte) value);
  }

  static void releaseShort(MemorySegment memory, long address, long value) {
    SHORT.setRelease(memory, address, (short) value);
  }

  static void releaseInt(MemorySegment memory, long address, long value) {
    INT.setRelease(memory, address, (int) value);
  }

  static void releaseLong(MemorySegment memory, long address, long value) {
    LONG.setRelease(memory, address, value);
  }

  private static long extend(int value) {
    return Integer.toUnsignedLong(value);
  }
}
