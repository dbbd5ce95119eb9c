package org.xdp4j.bpf.map;

/**
 * What every hash map is made of: elements with their keys in the region, an index over them, and
 * two lists of free elements.
 *
 * <p>An update of a key that is there fills a spare element and puts it into the old one's place,
 * as Linux's preallocated hash does: a program that still points at the old value goes on reading
 * the old value until its element is used again. The spares are apart from the rest, so a full map
 * can still be updated, and the number of keys never exceeds {@code max_entries}.
 */
final class HashStore {
  /** Replacements that may be under way at once before one has to wait for another to end. */
  private static final int SPARES_BEYOND_CPUS = 2;

  /** Bytes of Java heap an element costs at most: its links, and two buckets. */
  static final int HEAP_PER_ELEMENT = 4 + 4 + 2 * 8;

  final HashIndex index;
  final FreeList free;
  final FreeList spares;
  final int elements;
  private final int keySize;
  private final long stride;

  /**
   * @param inline bytes after the key that belong to the element: its value, when not per-CPU
   */
  HashStore(MapSpec spec, MapMemory owned, int cpus, long inline) {
    int spareCount = cpus + SPARES_BEYOND_CPUS;
    elements = spec.maxEntries() + spareCount;
    keySize = spec.keySize();
    stride = Words.roundUp8(keySize) + inline;
    long keys = owned.allocate(stride * elements, 64);
    int buckets = bucketsFor(spec.maxEntries());
    boolean zeroSeed = (spec.flags() & MapSpec.F_ZERO_SEED) != 0;
    index =
        new HashIndex(
            owned.region().segment(), spec.keySize(), keys, stride, elements, buckets, zeroSeed);
    int[] below = new int[elements];
    free = new FreeList(0, spec.maxEntries(), cpus, below);
    spares = new FreeList(spec.maxEntries(), elements, cpus, below);
  }

  boolean containsKey(long address, long size) {
    return BpfMap.withinSlot(address, size, index.key(0), stride, elements, 0, keySize);
  }

  /** A power of two, at least 1 and less than 2 buckets an entry. */
  private static int bucketsFor(int entries) {
    return Integer.highestOneBit(Math.max(1, entries * 2 - 1));
  }

  /** A spare element; waits for another replacement to end when there is none. */
  int takeSpare(int cpu) {
    int element = spares.take(cpu);
    for (int spins = 0; element < 0; spins++) {
      HashIndex.pause(spins);
      element = spares.take(cpu);
    }
    return element;
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

  /** Takes the key at this address out: 0 or -ENOENT. */
  int delete(long key, BpfMap map) {
    int bucket = index.bucket(key);
    index.lock(bucket);
    int element = index.findLocked(bucket, key);
    if (element == HashIndex.NONE) {
      index.unlock(bucket);
      return Errno.ENOENT;
    }
    index.removeAndUnlock(bucket, element);
    map.clearFields(map.valueOf(element, 0));
    free.give(element, element);
    return 0;
  }
}
