package org.xdp4j.bpf.memory;

import java.util.Arrays;

/**
 * Memory that programs allocate and give back while they run (kernel: bpf_mem_alloc). Slots of one
 * size lie side by side in slabs, which are taken from the region when the first slot of them is
 * needed, and go back to it when nothing is in them and somebody else needs memory.
 *
 * <pre>
 *  a slab:  | slot 0 | slot 1 | ...      a slot: copies x (size rounded up to 8), rounded up
 *
 *  free:    ready     of objects that nobody but their program was led to: for the next one
 *           fresh     never used
 *           resting   of objects that were {@linkplain #publish published}
 * </pre>
 *
 * A published object's slot is used again after a grace period ({@link Rcu}): a program may still
 * look at what another one dropped, as in Linux (bpf_mem_free_rcu). Any thread; one lock.
 */
public final class ObjectHeap {
  /** The largest object there is (kernel: 4096 bytes with the allocator's own 8). */
  public static final int MAX_SIZE = 4096 - 8;

  private static final long SLAB_BYTES = 64 << 10;
  private static final int SMALLEST_SHIFT = 4;
  private static final int CLASSES = 32 - SMALLEST_SHIFT;

  /** Slots of one size, side by side. */
  private static final class Slab {
    final long base;
    final long stride;
    final Object[] owners;
    final int[] sizes;
    final int[] copies;
    final boolean[] published;

    /** Slots that hold an object, or rest. */
    int occupied;

    Slab(long base, long stride, int count) {
      this.base = base;
      this.stride = stride;
      this.owners = new Object[count];
      this.sizes = new int[count];
      this.copies = new int[count];
      this.published = new boolean[count];
    }

    int indexOf(long address) {
      return (int) ((address - base) / stride);
    }

    long end() {
      return base + stride * owners.length;
    }
  }

  /** The free slots of one size. */
  private static final class SizeClass {
    final long stride;
    Slab newest;
    int used;
    final Resting freed;
    long[] ready = new long[16];
    int readyCount;

    SizeClass(long stride, Rcu rcu) {
      this.stride = stride;
      freed = new Resting(rcu);
    }

    boolean hasFresh() {
      return newest != null && used < newest.owners.length;
    }

    void makeReady(long slot) {
      if (readyCount == ready.length) {
        ready = Arrays.copyOf(ready, 2 * readyCount);
      }
      ready[readyCount++] = slot;
    }
  }

  private final Region region;
  private final SizeClass[] classes = new SizeClass[CLASSES];

  /** Ascending by address; replaced as a whole, so that it is read without the lock. */
  private volatile Slab[] slabs = {};

  /** How many slabs have no object in them, and none that rests. */
  private int empty;

  private int live;
  private Allowance allowance = Allowance.UNLIMITED;

  ObjectHeap(Region region) {
    this.region = region;
  }

  /** Counts memory against {@code limit}, once and while none is taken yet. */
  public synchronized void chargeTo(Allowance limit) {
    if (limit != allowance && slabs.length == 0) {
      allowance = limit;
    }
  }

  /**
   * Zeroed memory for an object.
   *
   * @param copies how many objects of this size it is to hold, one a CPU; else 1
   * @param owner what {@link #ownerOf} answers
   * @return its address; 0 when there is none left, or none this large
   */
  public synchronized long allocate(int size, int copies, Object owner) {
    long bytes = (size + 7L & -8L) * copies;
    if (size < 0 || size > MAX_SIZE || bytes > Integer.MAX_VALUE / 2) {
      return 0;
    }
    SizeClass sizeClass = classOf(bytes);
    long slot = take(sizeClass);
    if (slot == 0) {
      return 0;
    }
    Slab slab = slabOf(slot);
    int index = slab.indexOf(slot);
    slab.owners[index] = owner;
    slab.sizes[index] = size;
    slab.copies[index] = copies;
    slab.published[index] = false;
    region.segment().asSlice(slot, slab.stride).fill((byte) 0);
    live++;
    return slot;
  }

  private SizeClass classOf(long bytes) {
    int number = Math.max(0, 64 - Long.numberOfLeadingZeros(bytes - 1) - SMALLEST_SHIFT);
    if (classes[number] == null) {
      classes[number] = new SizeClass(1L << number + SMALLEST_SHIFT, region.rcu());
    }
    return classes[number];
  }

  private long take(SizeClass from) {
    if (from.readyCount > 0) {
      return occupied(from.ready[--from.readyCount]);
    }
    // Those never used come before those that rested: of them it is known that nobody points there.
    if (!from.hasFresh()) {
      long rested = from.freed.take();
      if (rested != 0) {
        return rested;
      }
      if (!grow(from) && !(reclaim() && grow(from))) {
        return from.readyCount > 0 ? occupied(from.ready[--from.readyCount]) : 0;
      }
    }
    return occupied(from.newest.base + from.stride * from.used++);
  }

  private long occupied(long slot) {
    if (slabOf(slot).occupied++ == 0) {
      empty--;
    }
    return slot;
  }

  private void vacated(Slab slab) {
    if (--slab.occupied == 0) {
      empty++;
    }
  }

  private boolean grow(SizeClass to) {
    int count = (int) Math.max(1, SLAB_BYTES / to.stride);
    if (!allowance.tryTake(to.stride * count)) {
      return false;
    }
    long base = region.tryAllocate(to.stride * count, 64);
    if (base == FreeRanges.NONE) {
      allowance.give(to.stride * count);
      return false;
    }
    Slab slab = new Slab(base, to.stride, count);
    Slab[] more = Arrays.copyOf(slabs, slabs.length + 1);
    more[slabs.length] = slab;
    Arrays.sort(more, (a, b) -> Long.compare(a.base, b.base));
    slabs = more;
    empty++;
    to.newest = slab;
    to.used = 0;
    return true;
  }

  /**
   * Others may be led to the object at {@code address} from now on, by a map or by another object;
   * nothing where there is no object.
   */
  public void publish(long address) {
    Slab slab = slabOf(address);
    if (slab != null) {
      slab.published[slab.indexOf(address)] = true;
    }
  }

  /** Takes back the object at {@code address}. */
  public synchronized void free(long address) {
    Slab slab = slabOf(address);
    int index = slab == null ? 0 : slab.indexOf(address);
    if (slab == null || slab.owners[index] == null || address != slab.base + slab.stride * index) {
      throw new IllegalStateException("no object at 0x" + Long.toHexString(address));
    }
    slab.owners[index] = null;
    SizeClass of = classOf(slab.stride);
    if (slab.published[index]) {
      of.freed.add(address);
    } else {
      vacated(slab);
      of.makeReady(address);
    }
    live--;
  }

  /**
   * Gives the memory back to the region in which no object is left, and at which no run may still
   * look for one that was dropped.
   *
   * @return whether there was any
   */
  public synchronized boolean trim() {
    return reclaim();
  }

  private boolean reclaim() {
    for (SizeClass each : classes) {
      for (long slot = each == null ? 0 : each.freed.take(); slot != 0; slot = each.freed.take()) {
        vacated(slabOf(slot));
        each.makeReady(slot);
      }
    }
    // Who asks for memory that is not there asks often: that must not cost all others the lock.
    if (empty == 0) {
      return false;
    }
    Slab[] kept = Arrays.stream(slabs).filter(slab -> slab.occupied > 0).toArray(Slab[]::new);
    for (SizeClass each : classes) {
      if (each != null) {
        forgetEmpty(each);
      }
    }
    for (Slab slab : slabs) {
      if (slab.occupied == 0) {
        region.free(slab.base, slab.stride * slab.owners.length);
        allowance.give(slab.stride * slab.owners.length);
      }
    }
    slabs = kept;
    empty = 0;
    return true;
  }

  private void forgetEmpty(SizeClass of) {
    int left = 0;
    for (int i = 0; i < of.readyCount; i++) {
      if (slabOf(of.ready[i]).occupied > 0) {
        of.ready[left++] = of.ready[i];
      }
    }
    of.readyCount = left;
    if (of.newest != null && of.newest.occupied == 0) {
      of.newest = null;
    }
  }

  private Slab slabOf(long address) {
    Slab[] all = slabs;
    int low = 0;
    int high = all.length;
    while (low < high) {
      int middle = low + high >>> 1;
      if (all[middle].base <= address) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low > 0 && address < all[low - 1].end() ? all[low - 1] : null;
  }

  /** Where the object begins that {@code address} lies in; 0 when it lies in none. */
  public long startOf(long address) {
    Slab slab = slabOf(address);
    if (slab == null || slab.owners[slab.indexOf(address)] == null) {
      return 0;
    }
    return slab.base + slab.stride * slab.indexOf(address);
  }

  /** What the object that {@code address} lies in was allocated with; null when it lies in none. */
  public Object ownerOf(long address) {
    Slab slab = slabOf(address);
    return slab == null ? null : slab.owners[slab.indexOf(address)];
  }

  /** Bytes of one copy of the object that {@code address} lies in. */
  public int sizeOf(long address) {
    Slab slab = slabOf(address);
    return slab == null ? 0 : slab.sizes[slab.indexOf(address)];
  }

  /** How many copies the object has that {@code address} lies in. */
  public int copiesOf(long address) {
    Slab slab = slabOf(address);
    return slab == null ? 0 : slab.copies[slab.indexOf(address)];
  }

  /**
   * Whether the bytes lie within one copy of one object, be it one that was dropped: Linux, too,
   * lets a program look at an object that another one dropped meanwhile.
   */
  public boolean contains(long address, long bytes) {
    Slab slab = slabOf(address);
    if (slab == null || bytes < 0) {
      return false;
    }
    int index = slab.indexOf(address);
    long step = slab.sizes[index] + 7L & -8L;
    long inside = address - slab.base - slab.stride * index;
    return step != 0
        && inside / step < slab.copies[index]
        && bytes <= slab.sizes[index] - inside % step;
  }

  /** Objects there are now. */
  public synchronized int live() {
    return live;
  }
}
