package org.xdp4j.bpf.map;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.xdp4j.bpf.memory.Region;

/**
 * An array of things that user space puts into slots while programs run, and that programs cannot
 * change (kernel/bpf/arraymap.c, fd_array): a number, as {@code bpf_map_update_elem} takes one for
 * a descriptor, does not say here which is meant, so subclasses have setters of their own.
 *
 * @param <T> what a slot holds
 */
abstract class SlotArrayMap<T> extends BpfMap {
  private final AtomicReferenceArray<T> slots;

  SlotArrayMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
    owned.heap(4L * maxEntries);
    slots = new AtomicReferenceArray<>(maxEntries);
  }

  static void checkSlots(MapSpec spec) throws MapException {
    int flags = MapSpec.F_NUMA_NODE | MapSpec.F_RDONLY | MapSpec.F_WRONLY;
    new SpecCheck(spec).flags(flags).keySize(4).valueSize(4).entries().heap(4);
  }

  /** What a slot holds; null when it is empty or there is no such slot. */
  final T at(int index) {
    return has(index) ? slots.getAcquire(index) : null;
  }

  /** 0, or why nothing can be put there: -EINVAL or -E2BIG. */
  final int checkPut(int index, long flags) {
    if (flags != ANY) {
      return Errno.EINVAL;
    }
    return has(index) ? 0 : Errno.E2BIG;
  }

  /** Puts something into a slot that {@link #checkPut} found. */
  final void put(int index, T thing) {
    replaced(slots.getAndSet(index, thing));
  }

  /** What slots hold now. */
  final List<T> held() {
    List<T> held = new ArrayList<>();
    for (int i = 0; i < maxEntries; i++) {
      T thing = slots.getAcquire(i);
      if (thing != null) {
        held.add(thing);
      }
    }
    return held;
  }

  /** Empties all slots. */
  final void clear() {
    for (int i = 0; i < maxEntries; i++) {
      replaced(slots.getAndSet(i, null));
    }
  }

  /** A slot has something else, or nothing; runs may have found this in it. Null for none. */
  abstract void replaced(T thing);

  /** The map is freed, and with it the slot that had this. */
  abstract void ended(T thing);

  private boolean has(int index) {
    return Integer.compareUnsigned(index, maxEntries) < 0;
  }

  @Override
  public final long update(long key, long value, long flags, int cpu) {
    return Errno.EOPNOTSUPP;
  }

  @Override
  public final long delete(long key) {
    return Errno.EOPNOTSUPP;
  }

  @Override
  final int write(long key, byte[] value, long flags) {
    int error = checkPut(memory.get(Region.INT, key), flags);
    return error != 0 ? error : Errno.EBADF;
  }

  @Override
  final int erase(long key) {
    int index = memory.get(Region.INT, key);
    if (!has(index)) {
      return Errno.E2BIG;
    }
    T old = slots.getAndSet(index, null);
    replaced(old);
    return old == null ? Errno.ENOENT : 0;
  }

  @Override
  public final Iterable<byte[]> keys() {
    return indexKeys(maxEntries, i -> slots.get(i) != null);
  }

  @Override
  public final boolean containsValue(long address, long size) {
    return false;
  }

  @Override
  public void free() {
    for (int i = 0; i < maxEntries; i++) {
      T thing = slots.getAndSet(i, null);
      if (thing != null) {
        ended(thing);
      }
    }
    super.free();
  }
}
