package org.xdp4j.bpf.map;

/**
 * {@code BPF_MAP_TYPE_HASH} (kernel/bpf/hashtab.c), preallocated; {@code BPF_F_NO_PREALLOC} is
 * taken and changes nothing a program sees.
 *
 * <p>An update of a key that is there fills a spare element and puts it into the old one's place,
 * as Linux's preallocated hash does: a program that still points at the old value goes on reading
 * the old value until its element is used again. The spares are apart from the rest, so a full map
 * can still be updated, and the number of keys never exceeds {@code max_entries}. There is one for
 * each thread that may run programs, and for user space. Where more update at once, some wait, with
 * no lock held, and are told -ENOMEM when that is in vain.
 *
 * <p>Memory: element x (entries + CPUs + 2) in the region, up to 24 bytes an entry of Java heap.
 */
public final class HashTableMap extends InlineHash {
  /** What an attempt gives when it found no spare element. */
  private static final long NO_SPARE = 1;

  /** Attempts before an update gives up: many times what a replacement takes. */
  private static final int MOST_ATTEMPTS = 1 << 14;

  final FreeElements free;

  HashTableMap(MapSpec spec, MapMemory owned, int cpus) {
    super(spec, owned, FreeElements.spares(cpus));
    free = new FreeElements(maxEntries, store.elements, cpus);
  }

  static final int FLAGS =
      MapSpec.F_NO_PREALLOC | MapSpec.F_NUMA_NODE | MapSpec.F_ZERO_SEED | MapSpec.ACCESS_FLAGS;

  static void check(MapSpec spec) throws MapException {
    new SpecCheck(spec).flags(FLAGS).elements(48).entries().heap(HashStore.HEAP_PER_ELEMENT);
  }

  @Override
  public long lookup(long key, int cpu) {
    int element = index.find(key);
    return element < 0 ? 0 : index.key(element) + valueOffset;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    boolean locked = (flags & F_LOCK) != 0;
    int bad = locked && !fields.hasLock() ? Errno.EINVAL : HashStore.checkFlags(flags & ~F_LOCK);
    if (bad != 0) {
      return bad;
    }
    long result = attempt(key, value, flags, cpu);
    return result == NO_SPARE ? again(key, value, flags, cpu) : result;
  }

  private long again(long key, long value, long flags, int cpu) {
    for (int attempts = 0; attempts < MOST_ATTEMPTS; attempts++) {
      HashIndex.pause(attempts);
      long result = attempt(key, value, flags, cpu);
      if (result != NO_SPARE) {
        return result;
      }
    }
    return Errno.ENOMEM;
  }

  private long attempt(long key, long value, long flags, int cpu) {
    boolean locked = (flags & F_LOCK) != 0;
    int bucket = index.bucket(key);
    index.lock(bucket);
    int old = index.findLocked(bucket, key);
    int bad = HashStore.checkPresence(flags & ~F_LOCK, old >= 0);
    if (bad == 0 && locked && old >= 0) {
      // In place, as the lock is the value's own; the bucket is kept so that it stays the key's.
      long to = valueOf(old, cpu);
      fields.copyLocked(value, to, to);
      index.unlock(bucket);
      return 0;
    }
    int fresh = bad != 0 ? -1 : old >= 0 ? free.takeSpare(cpu) : free.take(cpu);
    if (fresh < 0) {
      index.unlock(bucket);
      return bad != 0 ? bad : old >= 0 ? NO_SPARE : Errno.E2BIG;
    }
    fill(fresh, key, value);
    if (old >= 0) {
      index.replaceAndUnlock(bucket, old, fresh);
      clearFields(valueOf(old, cpu));
      free.giveSpare(old, cpu);
    } else {
      index.insertAndUnlock(bucket, fresh);
    }
    return 0;
  }

  @Override
  void release(int element) {
    free.give(element, element);
  }
}
