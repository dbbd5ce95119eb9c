package org.xdp4j.bpf.map;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A ring of records of any size (kernel/bpf/ringbuf.c), each in one piece behind a head of 8 bytes.
 * {@code max_entries} is the size in bytes. As a map it has no elements.
 *
 * <p>Memory: 2 x size in the region, because the last record may run on behind the ring's end,
 * where Linux maps its beginning a second time.
 */
abstract class RingMap extends BpfMap {
  static final int PAGE = 4096;
  static final int HEAD = 8;

  // States of a record, beside its length (linux/bpf.h).
  static final int BUSY = 1 << 31;
  static final int DISCARDED = 1 << 30;
  static final int LENGTH = ~(BUSY | DISCARDED);

  final long base;
  final long mask;

  // Positions only grow.
  final AtomicLong consumer = new AtomicLong();
  final AtomicLong producer = new AtomicLong();

  RingMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
    mask = maxEntries - 1L;
    base = owned.allocate(2L * maxEntries, PAGE);
  }

  static void check(MapSpec spec) throws MapException {
    SpecCheck check = new SpecCheck(spec).flags(MapSpec.F_NUMA_NODE).entries();
    if (spec.keySize() != 0 || spec.valueSize() != 0) {
      throw MapException.of(
          spec, Errno.EINVAL, "has keys or values, which " + spec.type() + " has not");
    }
    int size = spec.maxEntries();
    if (Integer.bitCount(size) != 1 || size % PAGE != 0) {
      throw MapException.of(
          spec,
          Errno.EINVAL,
          "has the size %d, which is not a power of two of whole pages".formatted(size));
    }
    check.heap(1);
  }

  /** Bytes of all that was written and is not taken yet, heads and padding included. */
  final long unread() {
    return producer.getAcquire() - consumer.getAcquire();
  }

  @Override
  public final long lookup(long key, int cpu) {
    return 0;
  }

  @Override
  public final long update(long key, long value, long flags, int cpu) {
    return Errno.ENOTSUPP;
  }

  @Override
  public final long delete(long key) {
    return Errno.ENOTSUPP;
  }

  @Override
  final int nothingFound() {
    return Errno.ENOTSUPP;
  }

  @Override
  final int walkError() {
    return Errno.ENOTSUPP;
  }

  @Override
  public final Iterable<byte[]> keys() {
    return noKeys();
  }
}
