package org.xdp4j.bpf.map;

/**
 * A hash map of keys with a value for each CPU. Keys lie together, values in an area a CPU ({@link
 * PerCpuArea}). An update by a program changes its own CPU's value in place; a new key's other
 * values are zero.
 */
abstract class PerCpuHash extends HashedMap {
  final PerCpuArea values;

  PerCpuHash(MapSpec spec, MapMemory owned, int cpus, int spares) {
    super(spec, owned, 0, spares);
    values = new PerCpuArea(owned, valueSize, store.elements, cpus);
  }

  @Override
  public final int valuesPerKey() {
    return values.cpus();
  }

  /** {@code bpf_map_lookup_percpu_elem}: another CPU's value, or 0. */
  public final long lookupPerCpu(long key, long cpu) {
    return cpu >= 0 && cpu < values.cpus() ? lookup(key, (int) cpu) : 0;
  }

  /**
   * Puts a value under a key.
   *
   * @param value where {@code cpu}'s is; not looked at when {@code all} is there
   * @param all every CPU's from user space, or null
   * @return 0 or a negative errno
   */
  abstract int put(long key, long value, byte[] all, long flags, int cpu);

  @Override
  public final long update(long key, long value, long flags, int cpu) {
    return put(key, value, null, flags, cpu);
  }

  @Override
  final int write(long key, byte[] value, long flags) {
    return put(key, 0, value, flags, 0);
  }

  final void change(int element, long value, byte[] all, int cpu) {
    if (all == null) {
      place(value, values.address(element, cpu));
    } else {
      placeAll(values, element, all);
    }
  }

  /** Makes an element, in no bucket now, hold this key and value. */
  final void fill(int element, long key, long value, byte[] all, int cpu) {
    Words.copy(memory, key, index.key(element), keySize);
    clearElement(element);
    change(element, value, all, cpu);
    if (all == null) {
      values.clearOthers(memory, element, cpu);
    }
  }

  @Override
  final byte[] copy(int element) {
    return values.read(memory, element);
  }

  @Override
  final long valueOf(int element, int cpu) {
    return values.address(element, cpu);
  }

  @Override
  public final boolean containsValue(long address, long size) {
    return values.contains(address, size);
  }
}
