package org.xdp4j.bpf.map;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_PROG_ARRAY}: what tail calls jump through. User space sets slots ({@link
 * #set}) while programs run; to programs it is neither readable nor writable. Its user-space value
 * is the program's number, which {@code bpf_map_lookup_elem} on Linux gives too: here the slot's
 * own number plus one.
 */
public final class ProgramArrayMap extends BpfMap {
  private record Entry(String name, Executable program) {}

  private final AtomicReferenceArray<Entry> slots;

  ProgramArrayMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
    owned.heap(4L * maxEntries);
    slots = new AtomicReferenceArray<>(maxEntries);
  }

  static void check(MapSpec spec) throws MapException {
    int flags = MapSpec.F_NUMA_NODE | MapSpec.F_RDONLY | MapSpec.F_WRONLY;
    new SpecCheck(spec).flags(flags).keySize(4).valueSize(4).entries().heap(4);
  }

  /** The program in a slot; null when the slot is empty or there is no such slot. */
  public Executable program(int index) {
    if (Integer.compareUnsigned(index, maxEntries) >= 0) {
      return null;
    }
    Entry entry = slots.getAcquire(index);
    return entry == null ? null : entry.program;
  }

  /** The name a slot's program was set with; null when the slot is empty. */
  public String programName(int index) {
    Entry entry = Integer.compareUnsigned(index, maxEntries) < 0 ? slots.get(index) : null;
    return entry == null ? null : entry.name;
  }

  /**
   * Puts a program into a slot.
   *
   * @return 0, or -E2BIG when there is no such slot
   */
  public int set(int index, String name, Executable program) {
    return set(index, name, program, ANY);
  }

  /** The same with flags, which can only be {@link #ANY}: else -EINVAL. */
  public int set(int index, String name, Executable program, long flags) {
    if (flags != ANY) {
      return Errno.EINVAL;
    }
    if (Integer.compareUnsigned(index, maxEntries) >= 0) {
      return Errno.E2BIG;
    }
    slots.set(index, new Entry(name, program));
    return 0;
  }

  /** {@link #set(int, String, Executable)} for a program that has no name. */
  public int set(int index, Executable program) {
    return set(index, "", program);
  }

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
    int index = memory.get(Region.INT, key);
    return program(index) == null ? null : indexKey(index + 1);
  }

  /** A number says nothing about which program is meant: programs are set by {@link #set}. */
  @Override
  int write(long key, byte[] value, long flags) {
    int index = memory.get(Region.INT, key);
    if (flags != ANY) {
      return Errno.EINVAL;
    }
    return Integer.compareUnsigned(index, maxEntries) >= 0 ? Errno.E2BIG : Errno.EBADF;
  }

  @Override
  int erase(long key) {
    int index = memory.get(Region.INT, key);
    if (Integer.compareUnsigned(index, maxEntries) >= 0) {
      return Errno.E2BIG;
    }
    return slots.getAndSet(index, null) == null ? Errno.ENOENT : 0;
  }

  @Override
  public Iterable<byte[]> keys() {
    return indexKeys(maxEntries, i -> slots.get(i) != null);
  }

  @Override
  public boolean containsValue(long address, long size) {
    return false;
  }

  @Override
  public void free() {
    for (int i = 0; i < maxEntries; i++) {
      slots.set(i, null);
    }
    super.free();
  }
}
