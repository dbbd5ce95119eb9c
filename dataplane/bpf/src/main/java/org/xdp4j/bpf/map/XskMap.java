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
    owned.heap(4L * maxEntries);
    consumers = new AtomicReferenceArray<>(maxEntries);
  }

  static void check(MapSpec spec) throws MapException {
    int flags = MapSpec.F_NUMA_NODE | MapSpec.F_RDONLY | MapSpec.F_WRONLY;
    new SpecCheck(spec).flags(flags).keySize(4).valueSize(4).entries().heap(4);
  }

  /** The consumer under {@code queue}, or null. */
  public Object consumer(int queue) {
    return has(queue) ? consumers.getAcquire(queue) : null;
  }

  /** {@link #set(int, Object, long)}; null takes the consumer away. */
  public int set(int queue, Object consumer) {
    if (consumer == null && has(queue)) {
      consumers.set(queue, null);
      return 0;
    }
    return set(queue, consumer, ANY);
  }

  /**
   * Puts a consumer under {@code queue}, as user space puts an AF_XDP socket there.
   *
   * @param flags as for any update
   * @return 0 or a negative errno
   */
  public synchronized int set(int queue, Object consumer, long flags) {
    if (Long.compareUnsigned(flags, EXIST) > 0) {
      return Errno.EINVAL;
    }
    if (!has(queue)) {
      return Errno.E2BIG;
    }
    Object old = consumers.get(queue);
    if (old == consumer) {
      return 0;
    }
    if (old != null && flags == NOEXIST) {
      return Errno.EEXIST;
    }
    if (old == null && flags == EXIST) {
      return Errno.ENOENT;
    }
    memory.set(Region.LONG, base + 8L * queue, queue);
    consumers.set(queue, consumer);
    return 0;
  }

  private boolean has(int queue) {
    return Integer.compareUnsigned(queue, maxEntries) < 0;
  }

  /** A number says nothing about which consumer is meant: they are set by {@link #set}. */
  @Override
  int write(long key, byte[] value, long flags) {
    if (Long.compareUnsigned(flags, EXIST) > 0) {
      return Errno.EINVAL;
    }
    return has(memory.get(Region.INT, key)) ? Errno.EBADF : Errno.E2BIG;
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
  int nothingFound() {
    return Errno.EOPNOTSUPP;
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
    return has(queue) ? set(queue, null) : Errno.EINVAL;
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
