package org.xdp4j.bpf.map;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_HASH_OF_MAPS} (kernel/bpf/hashtab.c): maps by key. What a program finds is
 * the inner map itself ({@link BpfMap#address}); user space sees its number as a value of 4 bytes,
 * and sets maps by {@link #set}. It holds the maps that are in it.
 *
 * <p>Memory: as a {@link HashTableMap} with values of 8 bytes.
 */
public final class HashOfMaps extends BpfMap implements InnerMaps {
  private final HashTableMap table;
  private final long value;

  HashOfMaps(MapSpec spec, MapMemory owned, int cpus) {
    super(spec, owned);
    int flags = spec.flags() & MapSpec.F_ZERO_SEED;
    MapSpec shape = MapSpec.of(spec.name(), MapType.HASH, keySize, 8, maxEntries, flags);
    table = new HashTableMap(shape, owned, cpus);
    value = owned.allocate(8, 8);
  }

  static void check(MapSpec spec) throws MapException {
    new SpecCheck(spec).valueSize(4);
    HashTableMap.check(spec);
    InnerMaps.checkTemplate(spec);
  }

  @Override
  public long lookup(long key, int cpu) {
    long found = table.lookup(key, cpu);
    return found == 0 ? 0 : memory.get(Region.LONG, found);
  }

  @Override
  public synchronized int set(byte[] key, BpfMap inner, long flags) {
    if (key.length != keySize || !InnerMaps.fits(spec().inner(), inner.spec())) {
      return Errno.EINVAL;
    }
    long number = inner.address();
    byte[] bytes = new byte[8];
    for (int i = 0; i < 8; i++) {
      bytes[i] = (byte) (number >>> 8 * i);
    }
    BpfMap old = inner(key);
    inner.addReference();
    int result = table.put(key, bytes, flags);
    replaced(result == 0 ? old : inner);
    return result;
  }

  /** Nothing leads to a map any more, though runs may have found it; null for none. */
  private void replaced(BpfMap old) {
    if (old != null) {
      region.rcu().call(old::dropReference);
    }
  }

  @Override
  public synchronized BpfMap inner(byte[] key) {
    byte[] found = table.get(key);
    return found == null ? null : stored(found);
  }

  /** The map that the table has this value for; one thread at a time. */
  private BpfMap stored(byte[] found) {
    fill(value, found);
    return BpfMap.at(region, memory.get(Region.LONG, value));
  }

  @Override
  public synchronized BpfMap take(byte[] key) {
    BpfMap inner = inner(key);
    return inner == null ? null : inner.addReference();
  }

  @Override
  public synchronized List<BpfMap> innerMaps() {
    List<BpfMap> all = new ArrayList<>();
    for (byte[] key : table.keys()) {
      BpfMap inner = inner(key);
      if (inner != null) {
        all.add(inner);
      }
    }
    return all;
  }

  @Override
  public void free() {
    innerMaps().forEach(BpfMap::dropReference);
    super.free();
  }

  @Override
  byte[] read(long key) {
    long inner = lookup(key, 0);
    return inner == 0 ? null : indexKey(BpfMap.at(region, inner).id());
  }

  /** A number says nothing about which map is meant: maps are set by {@link #set}. */
  @Override
  int write(long key, byte[] bytes, long flags) {
    return Errno.EBADF;
  }

  @Override
  int erase(long key) {
    long inner = lookup(key, 0);
    int result = (int) table.delete(key);
    if (result == 0) {
      replaced(BpfMap.at(region, inner));
    }
    return result;
  }

  @Override
  void deleted(byte[] stored) {
    replaced(stored(stored));
  }

  @Override
  public long update(long key, long from, long flags, int cpu) {
    return Errno.EOPNOTSUPP;
  }

  @Override
  public long delete(long key) {
    return Errno.EOPNOTSUPP;
  }

  @Override
  HashedMap hashed() {
    return table;
  }

  @Override
  byte[] outward(byte[] stored) {
    return indexKey(stored(stored).id());
  }

  @Override
  byte[] nextKey(long key) {
    return table.nextKey(key);
  }

  @Override
  public long countEntries() {
    return table.countEntries();
  }

  @Override
  public Iterable<byte[]> keys() {
    return table.keys();
  }

  @Override
  public boolean containsValue(long address, long size) {
    return false;
  }
}
