package org.xdp4j.bpf.map;

import java.util.List;
import org.xdp4j.bpf.context.XdpContext;

/**
 * What hash maps share, whatever their values are and whoever chooses their elements: user space's
 * reading, deleting, and walking. Lookups and updates are each type's own.
 */
abstract class HashedMap extends BpfMap {
  final HashStore store;
  final HashIndex index;

  /**
   * @param inline bytes after the key that belong to the element: its value, when not per-CPU
   * @param spares elements beyond {@code max_entries}
   */
  HashedMap(MapSpec spec, MapMemory owned, long inline, int spares) {
    super(spec, owned);
    store = new HashStore(spec, owned, inline, spares);
    index = store.index;
  }

  @Override
  public final HashLayout hashLayout() {
    long values = valueOf(0, 0);
    long cpuStride = valuesPerKey() == 1 ? 0 : valueOf(0, 1) - values;
    return new HashLayout(index.reader, values, valueOf(1, 0) - values, cpuStride, used());
  }

  /** {@link HashLayout#used}. */
  byte[] used() {
    return null;
  }

  /** An element's value as user space reads it. */
  abstract byte[] copy(int element);

  /** Takes back an element that has left its bucket. */
  abstract void release(int element);

  @Override
  public final long delete(long key) {
    int bucket = index.bucket(key);
    index.lock(bucket);
    int element = index.findLocked(bucket, key);
    if (element == HashIndex.NONE) {
      index.unlock(bucket);
      return Errno.ENOENT;
    }
    index.removeAndUnlock(bucket, element);
    retire(element);
    return 0;
  }

  /** An element has left its bucket: its value's fields are as if never used, and it is free. */
  final void retire(int element) {
    clearElement(element);
    release(element);
  }

  /** User space's reading, which does not count as use: it would keep what it only looks at. */
  @Override
  final byte[] read(long key) {
    int bucket = index.bucket(key);
    while (true) {
      long stamp = index.stamp(bucket);
      int element = index.find(key);
      byte[] copy = element < 0 ? null : copy(element);
      if (index.unchanged(bucket, stamp)) {
        return copy;
      }
    }
  }

  /** Reads a key's value and deletes the key, nobody coming between; null when there is none. */
  final byte[] take(long key) {
    int bucket = index.bucket(key);
    index.lock(bucket);
    int element = index.findLocked(bucket, key);
    if (element == HashIndex.NONE) {
      index.unlock(bucket);
      return null;
    }
    byte[] value = outward(copy(element));
    index.removeAndUnlock(bucket, element);
    retire(element);
    return value;
  }

  /**
   * Reads all of a bucket's elements and perhaps deletes them, nobody coming between.
   *
   * @return false, nothing done, when they are more than {@code most}
   */
  final boolean readBucket(
      int bucket, int most, boolean delete, List<byte[]> keys, List<byte[]> values) {
    index.lock(bucket);
    int count = index.countLocked(bucket);
    if (count == 0 || count > most) {
      index.unlock(bucket);
      return count == 0;
    }
    int[] elements = new int[count];
    int element = index.first(bucket);
    for (int i = 0; i < count; i++) {
      elements[i] = element;
      keys.add(bytes(index.key(element), keySize));
      values.add(copy(element));
      element = index.next(element);
    }
    if (!delete) {
      index.unlock(bucket);
      return true;
    }
    index.clearAndUnlock(bucket);
    for (int gone : elements) {
      retire(gone);
    }
    return true;
  }

  @Override
  final int elements() {
    return store.elements;
  }

  @Override
  final HashedMap hashed() {
    return this;
  }

  @Override
  final byte[] nextKey(long key) {
    return index.nextKey(key, this);
  }

  @Override
  public final long countEntries() {
    return index.count();
  }

  @Override
  public final Iterable<byte[]> keys() {
    return each(() -> new HashKeys(index, this));
  }

  @Override
  public final boolean containsKey(long address, long size) {
    return store.containsKey(address, size);
  }

  @Override
  public final long forEach(XdpContext context, long function, long argument) {
    return ElementWalk.ofHash(this, index, context, function, argument);
  }
}
