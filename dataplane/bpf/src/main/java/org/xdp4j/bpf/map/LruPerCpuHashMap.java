package org.xdp4j.bpf.map;

/**
 * {@code BPF_MAP_TYPE_LRU_PERCPU_HASH}: a {@link PerCpuHashMap} that does not refuse a new key for
 * want of room; keys longest unused leave instead ({@link LruLists}).
 *
 * <p>Memory: (key rounded up to 8 + value rounded up to 8 x CPUs) x entries in the region, up to 36
 * bytes an entry of Java heap.
 */
public final class LruPerCpuHashMap extends PerCpuHash {
  private final LruNodes nodes;
  private final LruLists lists;

  LruPerCpuHashMap(MapSpec spec, MapMemory owned, int cpus) {
    super(spec, owned, cpus, 0);
    owned.heap((long) LruNodes.HEAP_PER_NODE * store.elements);
    nodes = new LruNodes(index, store.elements, LruLists.lists(spec, cpus));
    lists = LruLists.of(spec, nodes, cpus);
  }

  static void check(MapSpec spec) throws MapException {
    LruHashMap.checkFlags(spec)
        .elements(48)
        .perCpuValues()
        .entries()
        .heap(HashStore.HEAP_PER_ELEMENT + LruNodes.HEAP_PER_NODE);
  }

  @Override
  byte[] used() {
    return nodes.used;
  }

  @Override
  public long lookup(long key, int cpu) {
    int element = index.find(key);
    if (element < 0) {
      return 0;
    }
    nodes.touch(element);
    return values.address(element, cpu);
  }

  @Override
  int put(long key, long value, byte[] all, long flags, int cpu) {
    int bad = HashStore.checkFlags(flags);
    if (bad != 0) {
      return bad;
    }
    int bucket = index.bucket(key);
    // Making room may lock another key's bucket: never with this one's lock held.
    int fresh = flags == EXIST ? HashIndex.NONE : lists.take(cpu, bucket);
    if (fresh < 0 && flags != EXIST) {
      return Errno.ENOMEM;
    }
    index.lock(bucket);
    int old = index.findLocked(bucket, key);
    bad = HashStore.checkPresence(flags, old >= 0);
    if (bad == 0 && old < 0) {
      fill(fresh, key, value, all, cpu);
      index.insertAndUnlock(bucket, fresh);
      return 0;
    }
    if (bad == 0) {
      nodes.touch(old);
      change(old, value, all, cpu);
    }
    index.unlock(bucket);
    if (fresh >= 0) {
      lists.give(fresh);
    }
    return bad;
  }

  @Override
  void release(int element) {
    lists.give(element);
  }
}
