package org.xdp4j.bpf.map;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_XSKMAP} (net/xdp/xskmap.c): consumers of raw frames, by queue number. What a
 * consumer is, whoever moves frames decides; a program can only see whether there is one, by a
 * value that holds the queue's number.
 *
 * <p>Memory: 8 bytes x entries.
 */
public final class XskMap extends BpfMap implements RedirectMap {
  private final long base;
  private final AtomicReferenceArray<Object> consumers;

  XskMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
    base = owned.allocate(8L * maxEntries, 64);
    consumers = new AtomicReferenceArray<>(maxEntries);
  }

  static void check(MapSpec spec) throws MapException {
    int flags = MapSpec.F_NUMA_NODE | MapSpec.F_RDONLY | MapSpec.F_WRONLY;
    new SpecCheck(spec).flags(flags).keySize(4).valueSize(4).entries().heap(4);
  }

  /** The consumer under {@code queue}, or null. */
  public Object consumer(int queue) {
    return Integer.compareUnsigned(queue, maxEntries) < 0 ? consumers.getAcquire(queue) : null;
  }

  /** Puts a consumer under {@code queue}; null takes it away. 0, or -E2BIG. */
  public int set(int queue, Object consumer) {
    if (Integer.compareUnsigned(queue, maxEntries) >= 0) {
      return Errno.E2BIG;
    }
    memory.set(Region.LONG, base + 8L * queue, queue);
    consumers.set(queue, consumer);
    return 0;
  }

  @Override
  public boolean hasTarget(int key) {
    return consumer(key) != null;
  }

  @Override
  public long redirectFlags() {
    return 0;
  }

  @Override
  public long lookup(long key, int cpu) {
    int queue = memory.get(Region.INT, key);
    return hasTarget(queue) ? base + 8L * queue : 0;
  }

  @Override
  byte[] read(long key) {
    return null;
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
  int erase(long key) {
    int queue = memory.get(Region.INT, key);
    return Integer.compareUnsigned(queue, maxEntries) < 0 ? set(queue, null) : Errno.EINVAL;
  }

  @Override
  public Iterable<byte[]> keys() {
    return indexKeys(maxEntries, i -> consumers.get(i) != null);
  }

  @Override
  public boolean containsValue(long address, long size) {
    return withinSlot(address, size, base, 8, maxEntries, 0, valueSize);
  }
}
