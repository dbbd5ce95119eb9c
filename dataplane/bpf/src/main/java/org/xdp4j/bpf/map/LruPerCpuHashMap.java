package org.xdp4j.bpf.map;

import org.xdp4j.bpf.context.XdpContext;

/**
 * {@code BPF_MAP_TYPE_LRU_PERCPU_HASH}: a {@link PerCpuHashMap} that never refuses a new key for
 * want of room; the key longest unused leaves instead ({@link LruClock}).
 *
 * <p>Memory: as {@link PerCpuHashMap}, and 5 bytes an entry more of Java heap.
 */
public final class LruPerCpuHashMap extends BpfMap {
  private final HashStore store;
  private final HashIndex index;
  private final LruClock clock;
  private final PerCpuArea values;

  LruPerCpuHashMap(MapSpec spec, MapMemory owned, int cpus) {
    super(spec, owned);
    store = new HashStore(spec, owned, cpus, 0);
    index = store.index;
    clock = new LruClock(store);
    values = new PerCpuArea(owned, valueSize, store.elements, cpus);
  }

  static void check(MapSpec spec) throws MapException {
    new SpecCheck(spec)
        .flags(LruHashMap.FLAGS & ~MapSpec.F_NUMA_NODE)
        .elements(48)
        .perCpuValues()
        .entries()
        .heap(HashStore.HEAP_PER_ELEMENT + 5);
  }

  @Override
  public int valuesPerKey() {
    return values.cpus();
  }

  @Override
  public long lookup(long key, int cpu) {
    int element = index.find(key);
    if (element < 0) {
      return 0;
    }
    clock.touch(element);
    return values.address(element, cpu);
  }

  /** {@code bpf_map_lookup_percpu_elem}: another CPU's value, or 0. */
  public long lookupPerCpu(long key, long cpu) {
    return cpu >= 0 && cpu < values.cpus() ? lookup(key, (int) cpu) : 0;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    int bucket = index.bucket(key);
    int found = lockFor(bucket, key, flags, cpu);
    if (found >= 0) {
      Words.copy(memory, value, values.address(found, cpu), valueSize);
      index.unlock(bucket);
      return 0;
    }
    if (found <= -RESERVED) {
      int fresh = -(found + RESERVED);
      Words.copy(memory, value, values.address(fresh, cpu), valueSize);
      values.clearOthers(memory, fresh, cpu);
      insert(bucket, fresh, key);
      return 0;
    }
    return found;
  }

  @Override
  int write(long key, byte[] value, long flags) {
    int bucket = index.bucket(key);
    int found = lockFor(bucket, key, flags, 0);
    if (found >= 0) {
      values.write(memory, found, value);
      index.unlock(bucket);
      return 0;
    }
    if (found <= -RESERVED) {
      int fresh = -(found + RESERVED);
      values.write(memory, fresh, value);
      insert(bucket, fresh, key);
      return 0;
    }
    return found;
  }

  private static final int RESERVED = 1 << 30;

  /**
   * Locks the bucket and says what to write into: the key's element; or, for a new key, a free
   * element f as {@code -RESERVED - f}; else, nothing locked, the errno that forbids the update.
   */
  private int lockFor(int bucket, long key, long flags, int cpu) {
    int bad = HashStore.checkFlags(flags);
    int fresh = HashIndex.NONE;
    while (bad == 0) {
      index.lock(bucket);
      int old = index.findLocked(bucket, key);
      bad = HashStore.checkPresence(flags, old >= 0);
      if (bad == 0 && old < 0 && fresh >= 0) {
        return -RESERVED - fresh;
      }
      if (bad == 0 && old >= 0) {
        giveBack(fresh, cpu);
        clock.touch(old);
        return old;
      }
      index.unlock(bucket);
      fresh = bad == 0 ? clock.take(cpu) : fresh;
    }
    giveBack(fresh, cpu);
    return bad;
  }

  private void giveBack(int fresh, int cpu) {
    if (fresh >= 0) {
      store.free.give(fresh, cpu);
    }
  }

  private void insert(int bucket, int fresh, long key) {
    Words.copy(memory, key, index.key(fresh), keySize);
    clock.place(fresh, bucket, false);
    index.insertAndUnlock(bucket, fresh);
  }

  @Override
  public long delete(long key) {
    return store.delete(key, this);
  }

  /** User space's reading does not count as use, as in Linux. */
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
