package org.xdp4j.bpf.map;

/**
 * {@code BPF_MAP_TYPE_LRU_HASH} (kernel/bpf/hashtab.c): a hash that does not refuse a new key for
 * want of room; keys longest unused leave instead ({@link LruLists}).
 *
 * <p>Memory: element x entries in the region, up to 36 bytes an entry of Java heap.
 */
public final class LruHashMap extends InlineHash {
  private final LruNodes nodes;
  private final LruLists lists;

  LruHashMap(MapSpec spec, MapMemory owned, int cpus) {
    super(spec, owned, 0);
    owned.heap((long) LruNodes.HEAP_PER_NODE * store.elements);
    nodes = new LruNodes(index, store.elements, LruLists.lists(spec, cpus));
    lists = LruLists.of(spec, nodes, cpus);
  }

  static final int FLAGS =
      MapSpec.F_NO_COMMON_LRU | MapSpec.F_NUMA_NODE | MapSpec.F_ZERO_SEED | MapSpec.ACCESS_FLAGS;

  /** Begins the check of a definition of either type of LRU hash. */
  static SpecCheck checkFlags(MapSpec spec) throws MapException {
    SpecCheck check = new SpecCheck(spec).flags(FLAGS | MapSpec.F_NO_PREALLOC);
    if ((spec.flags() & MapSpec.F_NO_PREALLOC) != 0) {
      throw MapException.of(spec, Errno.ENOTSUPP, "is an LRU hash with BPF_F_NO_PREALLOC");
    }
    boolean perCpu = spec.type().isPerCpu() || (spec.flags() & MapSpec.F_NO_COMMON_LRU) != 0;
    return perCpu ? check.noNode() : check;
  }

  static void check(MapSpec spec) throws MapException {
    checkFlags(spec)
        .elements(48)
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
    return index.key(element) + valueOffset;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    int bad = HashStore.checkFlags(flags);
    if (bad != 0) {
      return bad;
    }
    int bucket = index.bucket(key);
    // Making room may lock another key's bucket: never with this one's lock held.
    int fresh = lists.take(cpu, bucket);
    if (fresh < 0) {
      return Errno.ENOMEM;
    }
    fill(fresh, key, value);
    index.lock(bucket);
    int old = index.findLocked(bucket, key);
    bad = HashStore.checkPresence(flags, old >= 0);
    if (bad != 0) {
      index.unlock(bucket);
      lists.give(fresh);
    } else if (old >= 0) {
      nodes.touch(fresh);
      index.replaceAndUnlock(bucket, old, fresh);
      retire(old);
    } else {
      index.insertAndUnlock(bucket, fresh);
    }
    return bad;
  }

  @Override
  void release(int element) {
    lists.give(element);
  }
}
