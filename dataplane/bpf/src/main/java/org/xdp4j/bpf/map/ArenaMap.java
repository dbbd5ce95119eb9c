package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import org.xdp4j.bpf.memory.OutOfRegionException;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_ARENA} (kernel/bpf/arena.c): memory that programs and user space share, with
 * pointers that both can follow. Pointers are user space's, of 64 bits; a program's access looks at
 * their lower 32 bits only, and so can reach the arena's pages and nothing else.
 *
 * <pre>
 *  user space   userStart                                        userEnd
 *                  | page 0 | page 1 |   ...    | page n - 1 |             4096 bytes a page
 *  pages             |        0                    |                       0: nothing is there
 *  region            '-&gt; 4096 bytes               '-&gt; 4096 bytes           wherever there is room
 * </pre>
 *
 * A page comes to be when a program asks for it ({@link #allocate}) or user space touches it
 * ({@link #write}, {@link #read}). A program's load from where none is gives 0, and its store goes
 * nowhere, as Linux has it. A page that was given back is used again by this arena alone, so that
 * nobody who still holds a pointer reaches any other memory.
 *
 * <p>Memory: 4096 bytes for each page there is, and 8 bytes of Java heap for each there may be.
 */
public final class ArenaMap extends BpfMap {
  /** Bytes of a page. */
  public static final int PAGE = 4096;

  /** Where user space has an arena that does not say ({@code map_extra}); libbpf asks mmap(2). */
  public static final long DEFAULT_START = 1L << 44;

  private static final int PAGE_SHIFT = 12;
  private static final long LOW = 0xffff_ffffL;
  private static final long NOWHERE = -1;
  private static final VarHandle PAGES = MethodHandles.arrayElementVarHandle(long[].class);

  private final MapMemory owned;
  private final long userStart;

  /** The lower half of {@link #userStart}, where programs' pointers begin. */
  private final long start;

  private final long size;
  private final long[] pages;
  private final ArenaPages given;
  private final ArrayDeque<Long> unused = new ArrayDeque<>();

  ArenaMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
    this.owned = owned;
    this.userStart = userStart(spec);
    this.start = userStart & LOW;
    this.size = (long) maxEntries * PAGE;
    owned.heap((long) maxEntries * Long.BYTES);
    this.pages = new long[maxEntries];
    this.given = new ArenaPages(maxEntries);
    if (spec.data() != null) {
      begin(spec.data());
    }
  }

  /** As libbpf does: user space writes the variables that programs begin with. */
  private void begin(byte[] variables) {
    for (int i = 0; i * PAGE < variables.length; i++) {
      pages[i] = owned.allocate(PAGE, PAGE);
      given.give(i, 1);
    }
    write(userStart, variables);
  }

  static void check(MapSpec spec) throws MapException {
    SpecCheck check = new SpecCheck(spec).keySize(0).valueSize(0).entries();
    int allowed = MapSpec.F_MMAPABLE | MapSpec.F_SEGV_ON_FAULT | MapSpec.F_NO_USER_CONV;
    check.flags(allowed);
    if ((spec.flags() & MapSpec.F_MMAPABLE) == 0) {
      throw MapException.of(spec, Errno.EINVAL, "is an arena without BPF_F_MMAPABLE");
    }
    if ((spec.extra() & PAGE - 1) != 0) {
      throw MapException.of(
          spec,
          Errno.EINVAL,
          "has map_extra 0x%x, which is no page's address".formatted(spec.extra()));
    }
    long bytes = Integer.toUnsignedLong(spec.maxEntries()) * PAGE;
    if (bytes > 1L << 32) {
      throw MapException.of(spec, Errno.E2BIG, "is an arena of more than 4 GiB");
    }
    if (spec.extra() >>> 32 != spec.extra() + bytes - 1 >>> 32) {
      throw MapException.of(
          spec,
          Errno.ERANGE,
          "has map_extra 0x%x, from where its pages cross a multiple of 4 GiB"
              .formatted(spec.extra()));
    }
    if (spec.data() != null && spec.data().length > bytes) {
      throw MapException.of(
          spec,
          Errno.E2BIG,
          "has %d bytes of variables, and only %d in all".formatted(spec.data().length, bytes));
    }
    check.heap(Long.BYTES);
  }

  /** Where user space has the arena that {@code spec} defines. */
  public static long userStart(MapSpec spec) {
    return spec.extra() == 0 ? DEFAULT_START : spec.extra();
  }

  /** Where user space has its first byte. */
  public long userStart() {
    return userStart;
  }

  /** Where user space's memory of it ends. */
  public long userEnd() {
    return userStart + size;
  }

  /** How many pages there are. */
  public int pagesInUse() {
    int count = 0;
    for (int i = 0; i < pages.length; i++) {
      count += page(i) != 0 ? 1 : 0;
    }
    return count;
  }

  private long page(int index) {
    return (long) PAGES.getAcquire(pages, index);
  }

  // What kernel functions do.

  /**
   * {@code bpf_arena_alloc_pages}: where user space has the new pages, zeroed; 0 when there are not
   * as many.
   *
   * @param address where they are to be, or 0 for anywhere
   */
  public synchronized long allocate(long address, long count, long flags) {
    if (flags != 0 || count <= 0 || count > maxEntries) {
      return 0;
    }
    int first;
    if (address == 0) {
      first = given.find((int) count);
    } else {
      first = (address & PAGE - 1) != 0 ? ArenaPages.NONE : index(address);
      if (first > maxEntries - count || first >= 0 && !given.isFree(first, (int) count)) {
        first = ArenaPages.NONE;
      }
    }
    if (first == ArenaPages.NONE || !back(first, (int) count)) {
      return 0;
    }
    given.give(first, (int) count);
    return userStart + (long) first * PAGE;
  }

  /** The page that a pointer's lower half leads to, as Linux counts it: large when outside. */
  private int index(long address) {
    return (int) ((address - start & LOW) >>> PAGE_SHIFT);
  }

  /** Puts memory behind pages; all or none. */
  private boolean back(int first, int count) {
    for (int i = first; i < first + count; i++) {
      if (page(i) == 0 && !back(i)) {
        unback(first, i - first);
        return false;
      }
    }
    return true;
  }

  private boolean back(int index) {
    Long memoryOfPage = unused.poll();
    try {
      long at = memoryOfPage == null ? owned.allocate(PAGE, PAGE) : memoryOfPage;
      memory.asSlice(at, PAGE).fill((byte) 0);
      PAGES.setRelease(pages, index, at);
      return true;
    } catch (OutOfRegionException | OverBudgetException full) {
      return false;
    }
  }

  private void unback(int first, int count) {
    for (int i = first; i < first + count; i++) {
      if (page(i) != 0) {
        unused.add(page(i));
        PAGES.setRelease(pages, i, 0L);
      }
    }
  }

  /** {@code bpf_arena_free_pages}: of what lies outside of the arena nothing. */
  public synchronized void release(long address, long count) {
    long offset = (address & LOW & -PAGE) - start;
    if (address == 0 || offset < 0 || offset >= size) {
      return;
    }
    int first = (int) (offset >>> PAGE_SHIFT);
    int freed = (int) Math.min(count & LOW, maxEntries - first);
    given.takeBack(first, freed);
    unback(first, freed);
  }

  /** {@code bpf_arena_reserve_pages}: 0, -EINVAL outside of it, -EBUSY for what is given out. */
  public synchronized int reserve(long address, long count) {
    if (count == 0 || (address & PAGE - 1) != 0) {
      return 0; // for no page Linux, too, says that all went well
    }
    int first = index(address);
    if (first + (count & LOW) > maxEntries || first < 0) {
      return Errno.EINVAL;
    }
    if (!given.isFree(first, (int) count)) {
      return Errno.EBUSY;
    }
    given.give(first, (int) count);
    return 0;
  }

  // What user space does.

  /**
   * Writes where user space has {@code address}; pages that are touched first come to be.
   *
   * @return false when part of it is outside of the arena, or where only programs make pages
   *     ({@code BPF_F_SEGV_ON_FAULT}); or when there is no memory. Nothing is written then
   */
  public synchronized boolean write(long address, byte[] bytes) {
    if (!touch(address, bytes.length)) {
      return false;
    }
    for (int i = 0; i < bytes.length; ) {
      long at = place(address - userStart + i);
      int count = (int) Math.min(bytes.length - i, PAGE - (at & PAGE - 1));
      MemorySegment.copy(bytes, i, memory, Region.BYTE, at, count);
      i += count;
    }
    return true;
  }

  /** Reads where user space has {@code address}; null where {@link #write} would not write. */
  public synchronized byte[] read(long address, int length) {
    if (!touch(address, length)) {
      return null;
    }
    byte[] bytes = new byte[length];
    copyOut(address - userStart, bytes);
    return bytes;
  }

  /** The same for who only looks: nothing comes to be, and where nothing is are zeros. */
  public synchronized byte[] peek(long address, int length) {
    if (address < userStart || address > userEnd() - length) {
      return null;
    }
    byte[] bytes = new byte[length];
    copyOut(address - userStart, bytes);
    return bytes;
  }

  /** The variables that the object defines in it, as they are now; no bytes when it has none. */
  public byte[] variables() {
    return spec().data() == null ? new byte[0] : peek(userStart, spec().data().length);
  }

  private void copyOut(long offset, byte[] bytes) {
    for (int i = 0; i < bytes.length; ) {
      long at = place(offset + i);
      int count = (int) Math.min(bytes.length - i, PAGE - (offset + i & PAGE - 1));
      if (at != NOWHERE) {
        MemorySegment.copy(memory, Region.BYTE, at, bytes, i, count);
      }
      i += count;
    }
  }

  private boolean touch(long address, int length) {
    if (address < userStart || address > userEnd() - length) {
      return false;
    }
    int first = (int) (address - userStart >>> PAGE_SHIFT);
    int last = length == 0 ? first - 1 : (int) (address - userStart + length - 1 >>> PAGE_SHIFT);
    boolean faults = (spec().flags() & MapSpec.F_SEGV_ON_FAULT) != 0;
    for (int i = first; i <= last; i++) {
      if (page(i) == 0 && (faults || !given.isFree(i, 1))) {
        return false;
      }
    }
    for (int i = first; i <= last; i++) {
      if (page(i) == 0) {
        if (!back(i)) {
          return false;
        }
        given.give(i, 1);
      }
    }
    return true;
  }

  // What programs do.

  /** A pointer as user space has it ({@code addr_space_cast} to address space 1); NULL stays. */
  public long toUser(long pointer) {
    long low = pointer & LOW;
    return low == 0 ? 0 : userStart & ~LOW | low;
  }

  /** Where the byte at {@code offset} of the arena is in the region, or NOWHERE. */
  private long place(long offset) {
    if (offset < 0 || offset >= size) {
      return NOWHERE;
    }
    long page = page((int) (offset >>> PAGE_SHIFT));
    return page == 0 ? NOWHERE : page + (offset & PAGE - 1);
  }

  /** Where {@code bytes} bytes are that lie in one page; NOWHERE when not. */
  private long place(long pointer, int offset, int bytes) {
    long at = (pointer & LOW) + offset - start;
    return (at & PAGE - 1) <= PAGE - bytes ? place(at) : NOWHERE;
  }

  /** A byte, zero-extended; 0 where nothing is. */
  public long loadByte(long pointer, int offset) {
    long at = place(pointer, offset, 1);
    return at == NOWHERE ? 0 : memory.get(Region.BYTE, at) & 0xffL;
  }

  /** 2 bytes. */
  public long loadShort(long pointer, int offset) {
    long at = place(pointer, offset, 2);
    return at == NOWHERE
        ? across(pointer, offset, 2)
        : Short.toUnsignedLong(memory.get(Region.SHORT, at));
  }

  /** 4 bytes. */
  public long loadInt(long pointer, int offset) {
    long at = place(pointer, offset, 4);
    return at == NOWHERE ? across(pointer, offset, 4) : memory.get(Region.INT, at) & LOW;
  }

  /** 8 bytes. */
  public long loadLong(long pointer, int offset) {
    long at = place(pointer, offset, 8);
    return at == NOWHERE ? across(pointer, offset, 8) : memory.get(Region.LONG, at);
  }

  /** What lies in two pages, or nowhere. */
  private long across(long pointer, int offset, int bytes) {
    long first = (pointer & LOW) + offset - start;
    if (place(first) == NOWHERE || place(first + bytes - 1) == NOWHERE) {
      return 0;
    }
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      long at = place(first + i);
      value = value << 8 | (at == NOWHERE ? 0 : memory.get(Region.BYTE, at) & 0xffL);
    }
    return value;
  }

  /** Stores a byte, where one is. */
  public void storeByte(long pointer, int offset, long value) {
    long at = place(pointer, offset, 1);
    if (at != NOWHERE) {
      memory.set(Region.BYTE, at, (byte) value);
    }
  }

  /** Stores 2 bytes. */
  public void storeShort(long pointer, int offset, long value) {
    long at = place(pointer, offset, 2);
    if (at == NOWHERE) {
      storeAcross(pointer, offset, 2, value);
    } else {
      memory.set(Region.SHORT, at, (short) value);
    }
  }

  /** Stores 4 bytes. */
  public void storeInt(long pointer, int offset, long value) {
    long at = place(pointer, offset, 4);
    if (at == NOWHERE) {
      storeAcross(pointer, offset, 4, value);
    } else {
      memory.set(Region.INT, at, (int) value);
    }
  }

  /** Stores 8 bytes. */
  public void storeLong(long pointer, int offset, long value) {
    long at = place(pointer, offset, 8);
    if (at == NOWHERE) {
      storeAcross(pointer, offset, 8, value);
    } else {
      memory.set(Region.LONG, at, value);
    }
  }

  private void storeAcross(long pointer, int offset, int bytes, long value) {
    long first = (pointer & LOW) + offset - start;
    if (place(first) == NOWHERE || place(first + bytes - 1) == NOWHERE) {
      return;
    }
    for (int i = 0; i < bytes; i++) {
      long at = place(first + i);
      if (at != NOWHERE) {
        memory.set(Region.BYTE, at, (byte) (value >>> 8 * i));
      }
    }
  }

  /**
   * Where {@code bytes} bytes are that an atomic operation can work on: in one page and aligned; -1
   * when not, as Linux leaves alone what it meets where nothing is. Of the register that was to get
   * the old value {@link #untouched} is left.
   */
  public long atomicPlace(long pointer, int offset, int bytes) {
    long at = place(pointer, offset, bytes);
    return at != NOWHERE && at % bytes == 0 ? at : NOWHERE;
  }

  /**
   * What a register is after an atomic operation that found nothing to work on: what it was, as far
   * as a value of so many bytes goes. Linux leaves its upper bytes too, which by its own proof are
   * 0; here the proof holds.
   */
  public static long untouched(long register, int bytes) {
    int unused = Long.SIZE - Byte.SIZE * bytes;
    return register << unused >>> unused;
  }

  // As a map it has no elements.

  @Override
  public long lookup(long key, int cpu) {
    return 0;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    return Errno.EOPNOTSUPP;
  }

  @Override
  public long delete(long key) {
    return Errno.EOPNOTSUPP;
  }

  @Override
  byte[] read(long key) {
    return null;
  }

  @Override
  int nothingFound() {
    return Errno.EINVAL;
  }

  @Override
  int walkError() {
    return Errno.EOPNOTSUPP;
  }

  @Override
  public Iterable<byte[]> keys() {
    return noKeys();
  }

  @Override
  public boolean containsValue(long address, long bytes) {
    return false;
  }
}
