package org.xdp4j.bpf.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.BiFunction;

/**
 * The address space of programs: one segment, whose bounds the JVM checks at every access. An
 * address is an offset into it.
 *
 * <pre>
 *  0 .. 4095        never handed out: NULL and a program's small offsets from it fault
 *  4096 .. size     handed out by {@link #allocate}, given back by {@link #free}
 *  size .. + GUARD  never handed out either
 * </pre>
 *
 * Address space is reserved at once and memory committed only where it is touched. Allocating is
 * for set-up (maps, pools, stacks), may be done from any thread, and takes a lock; loads and stores
 * take none.
 */
public final class Region implements AutoCloseable {
  /** Addresses below this are never handed out. */
  public static final long FIRST_ADDRESS = 4096;

  /**
   * Bytes of the segment beyond {@link #size}. Whatever is below size plus an offset that an
   * instruction or a packet can have is therefore inside the segment: compiled programs check a
   * pointer once, where it comes from, and the JIT knows the rest.
   */
  public static final long GUARD = 128 << 10;

  /** Where the addresses of {@link #attach} begin: beyond any memory. */
  public static final long FIRST_HANDLE = 1L << 48;

  private static final long HANDLE_STRIDE = 64;

  public static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  public static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The same as handles of a segment and an address in it. */
  public static final VarHandle BYTE_AT = BYTE.varHandle();

  public static final VarHandle SHORT_AT = SHORT.varHandle();
  public static final VarHandle INT_AT = INT.varHandle();
  public static final VarHandle LONG_AT = LONG.varHandle();

  /** Sizes and addresses are multiples of this, so that what is given back can be used again. */
  private static final long GRANULE = 16;

  private final Arena arena;
  private final MemorySegment segment;
  private final FreeRanges ranges;

  /** Everything from here up was never handed out, and so is still zero. */
  private long untouched = FIRST_ADDRESS;

  private volatile Object[] handles = new Object[0];

  private final Rcu rcu = new Rcu();

  private final ObjectHeap objects = new ObjectHeap(this);

  private Region(Arena arena, MemorySegment segment) {
    this.arena = arena;
    this.segment = segment;
    this.ranges = new FreeRanges(FIRST_ADDRESS, size() & -GRANULE);
  }

  /**
   * Reserves {@code bytes} of address space. Where the system's limits do not allow that much, it
   * is halved until they do: {@link #size} says what it came to.
   *
   * @throws IllegalArgumentException when {@code bytes} would not hold anything
   * @throws OutOfMemoryError when the system refuses even little
   */
  public static Region reserve(long bytes) {
    return make(bytes, AddressSpace::reserve);
  }

  /**
   * Takes {@code bytes} of memory from the JVM, zeroed and committed at once. For little, this is
   * had sooner than {@link #reserve}, whose first call in a process has to find the system's.
   *
   * @throws IllegalArgumentException when {@code bytes} would not hold anything
   * @throws OutOfMemoryError when there is not as much
   */
  public static Region commit(long bytes) {
    return make(bytes, AddressSpace::commit);
  }

  private static Region make(long bytes, BiFunction<Long, Arena, MemorySegment> source) {
    if (bytes <= FIRST_ADDRESS) {
      throw new IllegalArgumentException(
          "a region needs more than " + FIRST_ADDRESS + " bytes, not " + bytes);
    }
    Arena arena = Arena.ofShared();
    try {
      return new Region(arena, source.apply(bytes + GUARD, arena));
    } catch (Throwable refused) {
      arena.close();
      throw refused;
    }
  }

  /** What programs allocate while they run. */
  public ObjectHeap objects() {
    return objects;
  }

  /** When memory that was taken out of maps may be used again. */
  public Rcu rcu() {
    return rcu;
  }

  /** The memory itself, for accesses by address. */
  public MemorySegment segment() {
    return segment;
  }

  /** Bytes of the address space, used or not. */
  public long size() {
    return segment.byteSize() - GUARD;
  }

  /** Whether all of these bytes are memory that may be handed out. */
  public boolean holds(long address, long bytes) {
    return address >= FIRST_ADDRESS && address <= size() - bytes;
  }

  /** Bytes not handed out, in however many pieces. */
  public synchronized long free() {
    return ranges.free();
  }

  /**
   * Hands out zeroed memory.
   *
   * @param alignment a power of two
   * @throws OutOfRegionException when the region has no piece of this size left
   */
  public long allocate(long size, long alignment) {
    long address = tryAllocate(size, alignment);
    if (address == FreeRanges.NONE && objects.trim()) {
      address = tryAllocate(size, alignment);
    }
    if (address == FreeRanges.NONE) {
      throw new OutOfRegionException(size, free());
    }
    return address;
  }

  /** The same without asking the heap of objects for memory; {@link FreeRanges#NONE} for none. */
  synchronized long tryAllocate(long size, long alignment) {
    if (size < 0 || Long.bitCount(alignment) != 1) {
      throw new IllegalArgumentException(
          "no " + size + " bytes at a multiple of " + alignment + " can be allocated");
    }
    long rounded = rounded(size);
    long address =
        rounded < size || rounded > size()
            ? FreeRanges.NONE
            : ranges.take(rounded, Math.max(alignment, GRANULE));
    if (address == FreeRanges.NONE) {
      return FreeRanges.NONE;
    }
    long used = Math.min(untouched, address + rounded) - address;
    if (used > 0) {
      segment.asSlice(address, used).fill((byte) 0);
    }
    untouched = Math.max(untouched, address + rounded);
    return address;
  }

  /**
   * Takes back what {@link #allocate} handed out with this size.
   *
   * @throws IllegalArgumentException when that is not so: part of it was never handed out, or is
   *     free already
   */
  public synchronized void free(long address, long size) {
    long rounded = rounded(size);
    if (size < 0
        || address < FIRST_ADDRESS
        || address % GRANULE != 0
        || address > size() - rounded
        || !ranges.give(address, rounded)) {
      throw new IllegalArgumentException(
          "[" + address + ", +" + size + ") is no memory this region handed out");
    }
  }

  private static long rounded(long size) {
    return Math.max(GRANULE, size + GRANULE - 1 & -GRANULE);
  }

  /**
   * Gives {@code object} (a map) an address of its own that no memory has, so that a register can
   * hold it: {@link #FIRST_HANDLE} and up. Using it as memory faults.
   */
  public synchronized long attach(Object object) {
    Object[] old = handles;
    int free = 0;
    while (free < old.length && old[free] != null) {
      free++;
    }
    Object[] fresh = free < old.length ? old.clone() : Arrays.copyOf(old, old.length + 16);
    fresh[free] = object;
    handles = fresh;
    return FIRST_HANDLE + (long) free * HANDLE_STRIDE;
  }

  /** What {@link #attach} gave this address to, or null. */
  public Object attached(long address) {
    Object[] all = handles;
    long index = (address - FIRST_HANDLE) / HANDLE_STRIDE;
    boolean exact = FIRST_HANDLE + index * HANDLE_STRIDE == address;
    return exact && index >= 0 && index < all.length ? all[(int) index] : null;
  }

  /** Takes back what {@link #attach} gave. */
  public synchronized void detach(long address) {
    Object[] fresh = handles.clone();
    fresh[(int) ((address - FIRST_HANDLE) / HANDLE_STRIDE)] = null;
    handles = fresh;
  }

  @Override
  public void close() {
    arena.close();
  }
}
