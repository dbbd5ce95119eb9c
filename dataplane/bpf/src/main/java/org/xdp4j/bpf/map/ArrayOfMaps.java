package org.xdp4j.bpf.map;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_ARRAY_OF_MAPS} (kernel/bpf/arraymap.c): maps by index. What a program finds
 * is the inner map itself ({@link BpfMap#address}); user space sees its number as a value of 4
 * bytes, and sets maps by {@link #set}.
 */
public final class ArrayOfMaps extends BpfMap implements InnerMaps {
  private final AtomicReferenceArray<BpfMap> slots;

  ArrayOfMaps(MapSpec spec, MapMemory owned) {
    super(spec, owned);
    owned.heap(4L * maxEntries);
    slots = new AtomicReferenceArray<>(maxEntries);
  }

  static void check(MapSpec spec) throws MapException {
    int flags = MapSpec.F_NUMA_NODE | MapSpec.F_RDONLY | MapSpec.F_WRONLY;
    new SpecCheck(spec).flags(flags).keySize(4).valueSize(4).entries().heap(4);
    InnerMaps.checkTemplate(spec);
  }

  private BpfMap at(int index) {
    return Integer.compareUnsigned(index, maxEntries) < 0 ? slots.getAcquire(index) : null;
  }

  @Override
  public long lookup(long key, int cpu) {
    BpfMap inner = at(memory.get(Region.INT, key));
    return inner == null ? 0 : inner.address();
  }

  @Override
  public synchronized int set(byte[] key, BpfMap inner, long flags) {
    if (flags != ANY || key.length != keySize) {
      return Errno.EINVAL;
    }
    int index = number(key);
    if (Integer.compareUnsigned(index, maxEntries) >= 0) {
      return Errno.E2BIG;
    }
    if (!InnerMaps.fits(spec().inner(), inner.spec())) {
      return Errno.EINVAL;
    }
    slots.set(index, inner);
    return 0;
  }

  @Override
  public BpfMap inner(byte[] key) {
    return key.length == keySize ? at(number(key)) : null;
  }

  static int number(byte[] key) {
    return key[0] & 0xFF | (key[1] & 0xFF) << 8 | (key[2] & 0xFF) << 16 | key[3] << 24;
  }

  @Override
  byte[] read(long key) {
    BpfMap inner = at(memory.get(Region.INT, key));
    return inner == null ? null : indexKey(inner.id());
  }

  /** A number says nothing about which map is meant: maps are set by {@link #set}. */
  @Override
  int write(long key, byte[] value, long flags) {
    if (flags != ANY) {
      return Errno.EINVAL;
    }
    int index = memory.get(Region.INT, key);
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
  public long update(long key, long value, long flags, int cpu) {
    return Errno.EOPNOTSUPP;
  }

  @Override
  public long delete(long key) {
    return Errno.EOPNOTSUPP;
  }

  @Override
  boolean hasBatches() {
    return true;
  }

  @Override
  public Iterable<byte[]> keys() {
    return indexKeys(maxEntries, i -> slots.get(i) != null);
  }

  @Override
  public boolean containsValue(long address, long size) {
    return false;
  }
}
