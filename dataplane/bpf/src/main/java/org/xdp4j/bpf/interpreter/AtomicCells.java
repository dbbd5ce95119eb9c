package org.xdp4j.bpf.interpreter;

import static org.xdp4j.bpf.isa.Opcode.*;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.function.LongUnaryOperator;
import org.xdp4j.bpf.memory.Region;

/**
 * Atomic operations on memory, fully ordered as {@code lock} makes them on x86 (RFC 9669, section
 * 5.3). Several workers run programs over the same maps at once. Addresses must be aligned to the
 * size, as Linux has it too (check_atomic, kernel/bpf/verifier.c).
 */
final class AtomicCells {
  private static final VarHandle INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  private final MemorySegment segment;

  AtomicCells(Region region) {
    this.segment = region.segment();
  }

  /**
   * One read-modify-write operation.
   *
   * @param operation the instruction's immediate
   * @param expected what CMPXCHG compares with; ignored by the others
   * @return what was there before, zero-extended
   */
  long operate(int operation, int size, long address, long operand, long expected) {
    if (operation == CMPXCHG) {
      long wanted = size == 4 ? expected & 0xffffffffL : expected;
      return update(size, address, old -> old == wanted ? operand : old);
    }
    return update(size, address, old -> combine(operation, old, operand));
  }

  private static long combine(int operation, long old, long operand) {
    return switch (operation & ~FETCH) {
      case ADD -> old + operand;
      case OR -> old | operand;
      case AND -> old & operand;
      case XOR -> old ^ operand;
      default -> operand;
    };
  }

  private long update(int size, long address, LongUnaryOperator change) {
    if (size == 8) {
      long old;
      do {
        old = (long) LONG.getVolatile(segment, address);
      } while (!LONG.compareAndSet(segment, address, old, change.applyAsLong(old)));
      return old;
    }
    int old;
    int changed;
    do {
      old = (int) INT.getVolatile(segment, address);
      changed = (int) change.applyAsLong(old & 0xffffffffL);
    } while (!INT.compareAndSet(segment, address, old, changed));
    return old & 0xffffffffL;
  }

  /** A load that later accesses do not overtake. */
  long loadAcquire(int size, long address) {
    long value = plain(size, address);
    VarHandle.acquireFence();
    return value;
  }

  /** A store that does not overtake earlier accesses. */
  void storeRelease(int size, long address, long value) {
    VarHandle.releaseFence();
    store(size, address, value);
  }

  private long plain(int size, long address) {
    return switch (size) {
      case 1 -> segment.get(Region.BYTE, address) & 0xffL;
      case 2 -> segment.get(Region.SHORT, address) & 0xffffL;
      case 4 -> segment.get(Region.INT, address) & 0xffffffffL;
      default -> segment.get(Region.LONG, address);
    };
  }

  private void store(int size, long address, long value) {
    switch (size) {
      case 1 -> segment.set(Region.BYTE, address, (byte) value);
      case 2 -> segment.set(Region.SHORT, address, (short) value);
      case 4 -> segment.set(Region.INT, address, (int) value);
      default -> segment.set(Region.LONG, address, value);
    }
  }
}
