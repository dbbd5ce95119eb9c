package org.xdp4j.bpf.map;

import org.xdp4j.bpf.context.XdpContext;

/**
 * {@code BPF_MAP_TYPE_LRU_HASH}: a hash that never refuses a new key for want of room; the key
 * longest unused leaves instead ({@link LruClock}). {@code BPF_F_NO_COMMON_LRU} is taken and
 * changes nothing: all CPUs share the room. Unlike Linux, updating a key that is there makes no
 * other key leave.
 *
 * <p>Memory: as {@link HashTableMap}, and 5 bytes an entry more of Java heap.
 */
public final class LruHashMap extends BpfMap {
  private final HashStore store;
  private final HashIndex index;
  private final LruClock clock;
  private final long valueOffset;

  LruHashMap(MapSpec spec, MapMemory owned, int cpus) {
    super(spec, owned);
    valueOffset = Words.roundUp8(keySize);
    store = new HashStore(spec, owned, cpus, Words.roundUp8(valueSize));
    index = store.index;
    clock = new LruClock(store);
  }

  static final int FLAGS =
      MapSpec.F_NO_COMMON_LRU | MapSpec.F_NUMA_NODE | MapSpec.F_ZERO_SEED | MapSpec.ACCESS_FLAGS;

  static void check(MapSpec spec) throws MapException {
    new SpecCheck(spec).flags(FLAGS).elements(48).entries().heap(HashStore.HEAP_PER_ELEMENT + 5);
  }

  @Override
  public long lookup(long key, int cpu) {
    int element = index.find(key);
    if (element < 0) {
      return 0;
    }
    clock.touch(element);
    return index.key(element) + valueOffset;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    int bad = HashStore.checkFlags(flags);
    int bucket = index.bucket(key);
    int fresh = HashIndex.NONE;
    while (bad == 0) {
      index.lock(bucket);
      int old = index.findLocked(bucket, key);
      bad = HashStore.checkPresence(flags, old >= 0);
      if (bad == 0 && old >= 0) {
        replace(bucket, old, key, value, cpu);
        break;
      }
      if (bad == 0 && fresh >= 0) {
        insert(bucket, fresh, key, value);
        return 0;
      }
      index.unlock(bucket);
      // Another key's bucket may have to be locked to make room: never with this one's lock held.
      fresh = bad == 0 ? clock.take(cpu) : fresh;
    }
    if (fresh >= 0) {
      store.free.give(fresh, cpu);
    }
    return bad;
  }

  private void insert(int bucket, int fresh, long key, long value) {
    write(fresh, key, value);
    clock.place(fresh, bucket, false);
    index.insertAndUnlock(bucket, fresh);
  }

  private void replace(int bucket, int old, long key, long value, int cpu) {
    int fresh = store.takeSpare(cpu);
    write(fresh, key, value);
    clock.place(fresh, bucket, true);
    index.replaceAndUnlock(bucket, old, fresh);
    clearFields(index.key(old) + valueOffset);
    store.spares.give(old, cpu);
  }

  private void write(int element, long key, long value) {
    Words.copy(memory, key, index.key(element), keySize);
    fields.copyNew(value, index.key(element) + valueOffset);
    clearFields(index.key(element) + valueOffset);
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
      byte[] copy = element < 0 ? null : bytes(index.key(element) + valueOffset, valueSize);
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
