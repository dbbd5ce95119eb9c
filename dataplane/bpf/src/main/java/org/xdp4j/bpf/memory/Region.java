package org.xdp4j.bpf.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The address space of programs: one segment, whose bounds the JVM checks at every access. An
 * address is an offset into it.
 *
 * <pre>
 *  0 .. 4095        never handed out: NULL and a program's small offsets from it fault
 *  4096 .. size     handed out by {@link #allocate}, given back by {@link #free}
 * </pre>
 *
 * Memory is reserved at once and only committed where it is touched. Allocating is for set-up
 * (maps, pools, stacks), may be done from any thread, and takes a lock; loads and stores take none.
 */
public final class Region implements AutoCloseable {
  /** Addresses below this are never handed out. */
  public static final long FIRST_ADDRESS = 4096;

  public static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  public static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Arena arena;
  private final MemorySegment segment;
  private long next = FIRST_ADDRESS;

  private Region(Arena arena, MemorySegment segment) {
    this.arena = arena;
    this.segment = segment;
  }

  /** Reserves {@code bytes} of address space. */
  public static Region reserve(long bytes) {
    Arena arena = Arena.ofShared();
    return new Region(arena, arena.allocate(bytes, 4096));
  }

  /** The memory itself, for accesses by address. */
  public MemorySegment segment() {
    return segment;
  }

  /** Bytes of the address space, used or not. */
  public long size() {
    return segment.byteSize();
  }

  /**
   * Hands out zeroed memory.
   *
   * @param alignment a power of two
   * @throws OutOfRegionException when the region is full
   */
  public synchronized long allocate(long size, long alignment) {
    long address = (next + alignment - 1) & -alignment;
    if (size < 0 || address < 0 || size > segment.byteSize() - address) {
      throw new OutOfRegionException(size, segment.byteSize() - next);
    }
    next = address + size;
    return address;
  }

  /** Takes back what {@link #allocate} handed out with this size. */
  public synchronized void free(long address, long size) {
    segment.asSlice(address, size).fill((byte) 0);
  }

  @Override
  public void close() {
    arena.close();
  }
}
