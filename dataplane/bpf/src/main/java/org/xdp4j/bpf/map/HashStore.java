package org.xdp4j.bpf.map;

/** What every hash map is made of: elements with their keys in the region, and an index. */
final class HashStore {
  /** Bytes of Java heap an element costs at most: its links, and four buckets. */
  static final int HEAP_PER_ELEMENT = 4 + 4 + 4 * 8;

  final HashIndex index;
  final int elements;
  private final int keySize;
  private final long stride;

  /**
   * @param inline bytes after the key that belong to the element: its value, when not per-CPU
   * @param spares elements beyond {@code max_entries}
   */
  HashStore(MapSpec spec, MapMemory owned, long inline, int spares) {
    elements = spec.maxEntries() + spares;
    keySize = spec.keySize();
    stride = Words.roundUp8(keySize) + inline;
    owned.heap((long) HEAP_PER_ELEMENT * elements);
    long keys = owned.allocate(stride * elements, 64);
    int buckets = bucketsFor(spec.maxEntries());
    boolean zeroSeed = (spec.flags() & MapSpec.F_ZERO_SEED) != 0;
    index =
        new HashIndex(
            owned.region().segment(), spec.keySize(), keys, stride, elements, buckets, zeroSeed);
  }

  boolean containsKey(long address, long size) {
    return BpfMap.withinSlot(address, size, index.key(0), stride, elements, 0, keySize);
  }

  /**
   * A power of two, at least 2 and less than 4 buckets an entry: whoever finds another's key in the
   * bucket first has to wait for memory again, and that nobody can foresee.
   */
  private static int bucketsFor(int entries) {
    return (int) Math.min(1 << 30, Long.highestOneBit(entries * 4L - 1));
  }

  /** What Linux answers to update flags, before looking at the table: 0 or -EINVAL. */
  static int checkFlags(long flags) {
    return Long.compareUnsigned(flags, BpfMap.EXIST) > 0 ? Errno.EINVAL : 0;
  }

  /** What Linux answers to update flags, knowing whether the key is there: 0 or an errno. */
  static int checkPresence(long flags, boolean there) {
    if (there) {
      return flags == BpfMap.NOEXIST ? Errno.EEXIST : 0;
    }
    return flags == BpfMap.EXIST ? Errno.ENOENT : 0;
  }
}
