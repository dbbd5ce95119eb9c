package org.xdp4j.bpf.map;

import org.xdp4j.bpf.context.XdpContext;

/**
 * {@code BPF_MAP_TYPE_HASH} (kernel/bpf/hashtab.c), preallocated; {@code BPF_F_NO_PREALLOC} is
 * taken and changes nothing a program sees.
 *
 * <pre>
 *  an element:  | key | pad to 8 | value | pad to 8 |
 * </pre>
 *
 * Memory: element x (entries + CPUs + 2) in the region, up to 24 bytes an entry of Java heap.
 */
public final class HashTableMap extends BpfMap {
  private final HashStore store;
  private final HashIndex index;
  private final long valueOffset;

  HashTableMap(MapSpec spec, MapMemory owned, int cpus) {
    super(spec, owned);
    valueOffset = Words.roundUp8(keySize);
    store = new HashStore(spec, owned, cpus, Words.roundUp8(valueSize));
    index = store.index;
  }

  static final int FLAGS =
      MapSpec.F_NO_PREALLOC | MapSpec.F_NUMA_NODE | MapSpec.F_ZERO_SEED | MapSpec.ACCESS_FLAGS;

  static void check(MapSpec spec) throws MapException {
    new SpecCheck(spec).flags(FLAGS).elements(48).entries().heap(HashStore.HEAP_PER_ELEMENT);
  }

  @Override
  public long lookup(long key, int cpu) {
    int element = index.find(key);
    return element < 0 ? 0 : index.key(element) + valueOffset;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    boolean locked = (flags & F_LOCK) != 0;
    int bad = locked && !fields.hasLock() ? Errno.EINVAL : HashStore.checkFlags(flags & ~F_LOCK);
    if (bad != 0) {
      return bad;
    }
    int bucket = index.bucket(key);
    index.lock(bucket);
    int old = index.findLocked(bucket, key);
    bad = HashStore.checkPresence(flags & ~F_LOCK, old >= 0);
    if (bad == 0 && locked && old >= 0) {
      // In place, as the lock is the value's own; the bucket is kept so that it stays the key's.
      long to = index.key(old) + valueOffset;
      fields.copyLocked(value, to, to);
      index.unlock(bucket);
      return 0;
    }
    int fresh = bad != 0 ? -1 : old >= 0 ? store.takeSpare(cpu) : store.free.take(cpu);
    if (fresh < 0) {
      index.unlock(bucket);
      return bad != 0 ? bad : Errno.E2BIG;
    }
    Words.copy(memory, key, index.key(fresh), keySize);
    fields.copyNew(value, index.key(fresh) + valueOffset);
    clearFields(index.key(fresh) + valueOffset);
    if (old >= 0) {
      index.replaceAndUnlock(bucket, old, fresh);
      clearFields(index.key(old) + valueOffset);
      store.spares.give(old, cpu);
    } else {
      index.insertAndUnlock(bucket, fresh);
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
      long value = lookup(key, 0);
      byte[] copy = value == 0 ? null : bytes(value, valueSize);
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
    long stride = valueOffset + Words.roundUp8(valueSize);
    return withinSlot(address, size, index.key(0), stride, store.elements, valueOffset, valueSize);
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
    return index.key(element) + valueOffset;
  }
}
