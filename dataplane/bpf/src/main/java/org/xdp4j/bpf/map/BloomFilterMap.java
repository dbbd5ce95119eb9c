package org.xdp4j.bpf.map;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * {@code BPF_MAP_TYPE_BLOOM_FILTER} (kernel/bpf/bloom_filter.c): a set that may say of a value that
 * was never pushed that it was, never the other way round. Bits, of which there are as many as in
 * Linux, are only ever set; the hash is not Linux's, so neither are the errors.
 *
 * <p>Memory: 1.4 bits x hash functions x entries of Java heap, rounded up to a power of two.
 */
public final class BloomFilterMap extends KeylessMap {
  private static final int DEFAULT_HASHES = 5;
  private static final int HASHES_MASK = 0xF;

  /** Makes the hash functions differ in all bits of their seeds. */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private final int hashes;
  private final long seed;
  private final int mask;
  private final AtomicLongArray bits;

  BloomFilterMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
    hashes = hashes(spec);
    boolean zero = (spec.flags() & MapSpec.F_ZERO_SEED) != 0;
    seed = zero ? 0 : ThreadLocalRandom.current().nextLong();
    int count = (int) bits(spec);
    mask = count - 1;
    owned.heap(count / 8);
    bits = new AtomicLongArray(count / 64);
  }

  static void check(MapSpec spec) throws MapException {
    int flags = MapSpec.F_NUMA_NODE | MapSpec.F_ZERO_SEED | MapSpec.ACCESS_FLAGS;
    // The only type of which Linux looks at the size first.
    new SpecCheck(spec).valuesAtMost().done();
    SpecCheck check = new SpecCheck(spec).flags(flags).keylessValues().someEntries();
    if ((spec.extra() & ~HASHES_MASK) != 0) {
      throw MapException.of(
          spec,
          Errno.EINVAL,
          "has map_extra 0x%x, of which only 4 bits are known".formatted(spec.extra()));
    }
    check.done();
    if (bits(spec) > 1 << 30) {
      throw MapException.of(
          spec,
          "has max_entries %s, which needs more than 2^30 bits"
              .formatted(Integer.toUnsignedString(spec.maxEntries())));
    }
  }

  private static int hashes(MapSpec spec) {
    int asked = (int) spec.extra() & HASHES_MASK;
    return asked == 0 ? DEFAULT_HASHES : asked;
  }

  /** Entries x hashes / ln 2, as Linux counts it, to the next power of two. */
  private static long bits(MapSpec spec) {
    long bits = Integer.toUnsignedLong(spec.maxEntries()) * hashes(spec) / 5 * 7;
    return Math.max(64, Long.highestOneBit(Math.max(1, 2 * bits - 1)));
  }

  long bits() {
    return mask + 1L;
  }

  /** How many bits are set, while others may set more. */
  long bitsSet() {
    long set = 0;
    for (int i = 0; i < bits.length(); i++) {
      set += Long.bitCount(bits.get(i));
    }
    return set;
  }

  /** {@code bpf_map_push_elem}: 0, or -EINVAL for flags. */
  @Override
  public long push(long value, long flags) {
    if (flags != ANY) {
      return Errno.EINVAL;
    }
    for (int i = 0; i < hashes; i++) {
      int bit = Words.hash(memory, value, valueSize, seed ^ i * SPREAD) & mask;
      if ((bits.get(bit >>> 6) >>> bit & 1) == 0) {
        bits.getAndAccumulate(bit >>> 6, 1L << bit, (old, more) -> old | more);
      }
    }
    return 0;
  }

  /** {@code bpf_map_peek_elem}: 0 when the value may be in the set, -ENOENT when it is not. */
  @Override
  public long peek(long value) {
    for (int i = 0; i < hashes; i++) {
      int bit = Words.hash(memory, value, valueSize, seed ^ i * SPREAD) & mask;
      if ((bits.get(bit >>> 6) >>> bit & 1) == 0) {
        return Errno.ENOENT;
      }
    }
    return 0;
  }

  /** {@link #peek} from user space. */
  public synchronized boolean mayContain(byte[] value) {
    if (value.length != valueSize) {
      return false;
    }
    fill(scratchValue(), value);
    return peek(scratchValue()) == 0;
  }

  @Override
  byte[] read(long key) {
    return null;
  }

  @Override
  public long delete(long key) {
    return Errno.EOPNOTSUPP;
  }

  @Override
  int walkError() {
    return Errno.EOPNOTSUPP;
  }
}
