package org.xdp4j.bpf.map;

import org.xdp4j.bpf.context.XdpContext;

/**
 * {@code BPF_MAP_TYPE_PERCPU_HASH}: keys with a value for each CPU. Keys lie together, values in an
 * area a CPU ({@link PerCpuArea}). An update by a program changes its own CPU's value in place; a
 * new key's other values are zero.
 *
 * <p>Memory: (key rounded up to 8 + value rounded up to 8 x CPUs) x (entries + CPUs + 2) in the
 * region, up to 24 bytes an entry of Java heap.
 */
public final class PerCpuHashMap extends BpfMap {
  private final HashStore store;
  private final HashIndex index;
  private final PerCpuArea values;

  PerCpuHashMap(MapSpec spec, MapMemory owned, int cpus) {
    super(spec, owned);
    store = new HashStore(spec, owned, cpus, 0);
    index = store.index;
    values = new PerCpuArea(owned, valueSize, store.elements, cpus);
  }

  static void check(MapSpec spec) throws MapException {
    int flags = HashTableMap.FLAGS & ~MapSpec.F_NUMA_NODE;
    new SpecCheck(spec)
        .flags(flags)
        .elements(48)
        .perCpuValues()
        .entries()
        .heap(HashStore.HEAP_PER_ELEMENT);
  }

  @Override
  public int valuesPerKey() {
    return values.cpus();
  }

  @Override
  public long lookup(long key, int cpu) {
    int element = index.find(key);
    return element < 0 ? 0 : values.address(element, cpu);
  }

  /** {@code bpf_map_lookup_percpu_elem}: another CPU's value, or 0. */
  public long lookupPerCpu(long key, long cpu) {
    return cpu >= 0 && cpu < values.cpus() ? lookup(key, (int) cpu) : 0;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    int bucket = index.bucket(key);
    int old = lockFor(key, bucket, flags);
    if (old < HashIndex.NONE) {
      return old;
    }
    if (old >= 0) {
      Words.copy(memory, value, values.address(old, cpu), valueSize);
      index.unlock(bucket);
      return 0;
    }
    int fresh = store.free.take(cpu);
    if (fresh < 0) {
      index.unlock(bucket);
      return Errno.E2BIG;
    }
    Words.copy(memory, key, index.key(fresh), keySize);
    Words.copy(memory, value, values.address(fresh, cpu), valueSize);
    values.clearOthers(memory, fresh, cpu);
    index.insertAndUnlock(bucket, fresh);
    return 0;
  }

  /**
   * Locks the bucket and looks: the element, or -1 when the key is new; an errno below -1, nothing
   * locked, when the flags forbid the update.
   */
  private int lockFor(long key, int bucket, long flags) {
    int bad = HashStore.checkFlags(flags);
    if (bad != 0) {
      return bad;
    }
    index.lock(bucket);
    int old = index.findLocked(bucket, key);
    bad = HashStore.checkPresence(flags, old >= 0);
    if (bad != 0) {
      index.unlock(bucket);
      return bad;
    }
    return old;
  }

  @Override
  int write(long key, byte[] value, long flags) {
    int bucket = index.bucket(key);
    int old = lockFor(key, bucket, flags);
    if (old < HashIndex.NONE) {
      return old;
    }
    int element = old >= 0 ? old : store.free.take(0);
    if (element < 0) {
      index.unlock(bucket);
      return Errno.E2BIG;
    }
    values.write(memory, element, value);
    if (old >= 0) {
      index.unlock(bucket);
    } else {
      Words.copy(memory, key, index.key(element), keySize);
      index.insertAndUnlock(bucket, element);
    }
    return 0;
  }

  @Override
  public long delete(long key) {
    return store.delete(key, this);
  }

  @Override
  byte[] read(long key) {
    int bucket = index.bucket(key);
    while (true) {
      long stamp = index.stamp(bucket);
      int element = index.find(key);
      byte[] copy = element < 0 ? null : values.read(memory, element);
      if (index.unchanged(bucket, stamp)) {
        return copy;
      }
    }
  }

  @Override
  public Iterable<byte[]> keys() {
    return each(() -> new HashKeys(index, this));
  }

  @Override
  public boolean containsValue(long address, long size) {
    return values.contains(address, size);
  }

  @Override
  public boolean containsKey(long address, long size) {
    return store.containsKey(address, size);
  }

  @Override
  public long forEach(XdpContext context, long function, long argument) {
    return ElementWalk.ofHash(this, index, context, function, argument);
  }

  @Override
  long valueOf(int element, int cpu) {
    return values.address(element, cpu);
  }
}
