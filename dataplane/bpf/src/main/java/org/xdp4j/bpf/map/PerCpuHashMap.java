package org.xdp4j.bpf.map;

/**
 * {@code BPF_MAP_TYPE_PERCPU_HASH} (kernel/bpf/hashtab.c).
 *
 * <p>Memory: (key rounded up to 8 + value rounded up to 8 x CPUs) x (entries + CPUs + 2) in the
 * region, up to 24 bytes an entry of Java heap.
 */
public final class PerCpuHashMap extends PerCpuHash {
  private final FreeList free;

  PerCpuHashMap(MapSpec spec, MapMemory owned, int cpus) {
    super(spec, owned, cpus, 0);
    free = new FreeList(0, store.elements, cpus, new int[store.elements]);
  }

  static void check(MapSpec spec) throws MapException {
    new SpecCheck(spec)
        .flags(HashTableMap.FLAGS)
        .noNode()
        .elements(48)
        .perCpuValues()
        .entries()
        .heap(HashStore.HEAP_PER_ELEMENT);
  }

  @Override
  public long lookup(long key, int cpu) {
    int element = index.find(key);
    return element < 0 ? 0 : values.address(element, cpu);
  }

  @Override
  int put(long key, long value, byte[] all, long flags, int cpu) {
    int bad = HashStore.checkFlags(flags);
    if (bad != 0) {
      return bad;
    }
    int bucket = index.bucket(key);
    index.lock(bucket);
    int old = index.findLocked(bucket, key);
    bad = HashStore.checkPresence(flags, old >= 0);
    if (bad == 0 && old < 0) {
      int fresh = free.take(cpu);
      if (fresh >= 0) {
        fill(fresh, key, value, all, cpu);
        index.insertAndUnlock(bucket, fresh);
        return 0;
      }
      bad = Errno.E2BIG;
    }
    if (bad == 0) {
      change(old, value, all, cpu);
    }
    index.unlock(bucket);
    return bad;
  }

  @Override
  void release(int element) {
    free.give(element, element);
  }
}
