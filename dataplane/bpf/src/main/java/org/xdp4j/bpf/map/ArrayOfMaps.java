package org.xdp4j.bpf.map;

import java.util.List;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_ARRAY_OF_MAPS} (kernel/bpf/arraymap.c): maps by index. What a program finds
 * is the inner map itself ({@link BpfMap#address}); user space sees its number as a value of 4
 * bytes, and sets maps by {@link #set}. It holds the maps that are in it.
 */
public final class ArrayOfMaps extends SlotArrayMap<BpfMap> implements InnerMaps {
  ArrayOfMaps(MapSpec spec, MapMemory owned) {
    super(spec, owned);
  }

  static void check(MapSpec spec) throws MapException {
    checkSlots(spec);
    InnerMaps.checkTemplate(spec);
  }

  @Override
  public long lookup(long key, int cpu) {
    BpfMap inner = at(memory.get(Region.INT, key));
    return inner == null ? 0 : inner.address();
  }

  @Override
  public synchronized int set(byte[] key, BpfMap inner, long flags) {
    if (key.length != keySize) {
      return Errno.EINVAL;
    }
    int index = number(key);
    int error = checkPut(index, flags);
    if (error == 0 && !InnerMaps.fits(spec().inner(), inner.spec())) {
      error = Errno.EINVAL;
    }
    if (error == 0) {
      put(index, inner.addReference());
    }
    return error;
  }

  @Override
  public BpfMap inner(byte[] key) {
    return key.length == keySize ? at(number(key)) : null;
  }

  @Override
  public synchronized BpfMap take(byte[] key) {
    BpfMap inner = inner(key);
    return inner == null ? null : inner.addReference();
  }

  @Override
  public List<BpfMap> innerMaps() {
    return held();
  }

  @Override
  void replaced(BpfMap inner) {
    if (inner != null) {
      region.rcu().call(inner::dropReference);
    }
  }

  @Override
  void ended(BpfMap inner) {
    inner.dropReference();
  }

  static int number(byte[] key) {
    return key[0] & 0xFF | (key[1] & 0xFF) << 8 | (key[2] & 0xFF) << 16 | key[3] << 24;
  }

  @Override
  byte[] read(long key) {
    BpfMap inner = at(memory.get(Region.INT, key));
    return inner == null ? null : indexKey(inner.id());
  }

  @Override
  boolean hasBatches() {
    return true;
  }
}
