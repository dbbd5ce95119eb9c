package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.xdp4j.bpf.memory.Region;

/**
 * The index of a hash table: which element has this key. Keys lie in the region, at {@code keys +
 * element * stride}; buckets and chains are Java arrays. Readers take no lock and allocate nothing;
 * writers lock the one bucket they change.
 *
 * <pre>
 *  a bucket:  | version : 31 | locked : 1 | first element : 32 |      -1 = empty
 * </pre>
 *
 * The version changes whenever an element leaves the bucket or enters it, before that element's key
 * can be written again. A reader that finds the version it began with has therefore compared keys
 * that did not change meanwhile, and seen a chain that held all the bucket's elements; any other
 * reader begins anew. So no torn key ever matches, and a key that is there throughout is always
 * found.
 */
final class HashIndex {
  static final int NONE = -1;

  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);
  private static final long LOCKED = 1L << 32;
  static final int VERSION_SHIFT = 33;
  private static final long FIRST = 0xFFFFFFFFL;

  private final MemorySegment memory;
  private final int keySize;
  private final long keys;
  private final long stride;
  private final long seed;
  private final int mask;
  private final long[] buckets;
  private final int[] next;
  private final LongAdder entries = new LongAdder();

  /** The same for readers, as constants of those who hold it as one. */
  final HashReader reader;

  /**
   * @param keys address of element 0's key
   * @param stride bytes from one element's key to the next one's
   * @param buckets a power of two
   */
  HashIndex(
      MemorySegment memory,
      int keySize,
      long keys,
      long stride,
      int elements,
      int buckets,
      boolean zeroSeed) {
    this.memory = memory;
    this.keySize = keySize;
    this.keys = keys;
    this.stride = stride;
    this.seed = zeroSeed ? 0 : ThreadLocalRandom.current().nextLong();
    this.mask = buckets - 1;
    this.buckets = new long[buckets];
    this.next = new int[elements];
    Arrays.fill(this.buckets, FIRST);
    reader = new HashReader(memory, keySize, keys, stride, seed, mask, this.buckets, next);
  }

  /** The bucket that the key at this address belongs into. */
  int bucket(long key) {
    return Words.hash(memory, key, keySize, seed) & mask;
  }

  int buckets() {
    return buckets.length;
  }

  long key(int element) {
    return keys + element * stride;
  }

  /** The element with the key at this address, or -1. Lock-free. */
  int find(long key) {
    if (keySize <= 8) {
      return reader.find(Words.load(memory, key, keySize));
    }
    if (keySize <= HashReader.NUMBERS) {
      return reader.find(memory.get(Region.LONG, key), Words.load(memory, key + 8, keySize - 8));
    }
    int bucket = bucket(key);
    while (true) {
      long seen = (long) LONGS.getAcquire(buckets, bucket);
      int element = walk((int) seen, key);
      if (unchanged(bucket, seen)) {
        return element;
      }
      Thread.onSpinWait();
    }
  }

  /** {@link #bucket} of a key of four bytes given as a number. */
  int bucketOfInt(int key) {
    return reader.bucket(Integer.toUnsignedLong(key));
  }

  /** {@link #find} of a key of four bytes given as a number. Lock-free. */
  int findInt(int key) {
    return reader.find(Integer.toUnsignedLong(key));
  }

  /** With the lock held: the element with this key of four bytes, or -1. */
  int findIntLocked(int bucket, int key) {
    return reader.walk((int) buckets[bucket], Integer.toUnsignedLong(key));
  }

  /** What {@link #unchanged} compares with: the bucket as it is now. */
  long stamp(int bucket) {
    return (long) LONGS.getAcquire(buckets, bucket);
  }

  /** Whether no element has entered or left the bucket since {@code stamp}. */
  boolean unchanged(int bucket, long stamp) {
    return reader.unchanged(bucket, stamp);
  }

  private int walk(int first, long key) {
    if (keySize <= 8) {
      return reader.walk(first, Words.load(memory, key, keySize));
    }
    if (keySize <= HashReader.NUMBERS) {
      return reader.walk(
          first, memory.get(Region.LONG, key), Words.load(memory, key + 8, keySize - 8));
    }
    int element = first;
    while (element != NONE && !Words.equal(memory, key, key(element), keySize)) {
      element = (int) INTS.getAcquire(next, element);
    }
    return element;
  }

  /** The first element of a bucket, or -1; for walks that hold the lock or check the stamp. */
  int first(int bucket) {
    return (int) (long) LONGS.getAcquire(buckets, bucket);
  }

  /** The element after this one in its bucket, or -1. */
  int next(int element) {
    return (int) INTS.getAcquire(next, element);
  }

  /** Waits for the bucket's lock. */
  void lock(int bucket) {
    for (int spins = 0; ; spins++) {
      long now = (long) LONGS.getOpaque(buckets, bucket);
      if ((now & LOCKED) == 0 && LONGS.compareAndSet(buckets, bucket, now, now | LOCKED)) {
        return;
      }
      pause(spins);
    }
  }

  /** Lets others run when a wait is not a short one. */
  static void pause(int spins) {
    if (spins < 64) {
      Thread.onSpinWait();
    } else {
      Thread.yield();
    }
  }

  /** Gives the lock back, nothing having changed. */
  void unlock(int bucket) {
    LONGS.setRelease(buckets, bucket, buckets[bucket] & ~LOCKED);
  }

  private void unlock(int bucket, int first) {
    long version = (buckets[bucket] >>> VERSION_SHIFT) + 1;
    LONGS.setRelease(buckets, bucket, version << VERSION_SHIFT | first & FIRST);
  }

  /** With the lock held: the element with this key, or -1. */
  int findLocked(int bucket, long key) {
    return walk((int) buckets[bucket], key);
  }

  /** With the lock held: puts an element, its key and value written, into the bucket; unlocks. */
  void insertAndUnlock(int bucket, int element) {
    next[element] = (int) buckets[bucket];
    unlock(bucket, element);
    entries.increment();
  }

  /** With the lock held: puts {@code fresh} into the place of {@code old}; unlocks. */
  void replaceAndUnlock(int bucket, int old, int fresh) {
    next[fresh] = next[old];
    relink(bucket, old, fresh);
  }

  /** With the lock held: takes an element out of the bucket; unlocks. */
  void removeAndUnlock(int bucket, int element) {
    relink(bucket, element, next[element]);
    entries.decrement();
  }

  /** Whatever led to {@code element} leads to {@code to}. */
  private void relink(int bucket, int element, int to) {
    int first = (int) buckets[bucket];
    if (first == element) {
      unlock(bucket, to);
      return;
    }
    int before = first;
    while (next[before] != element) {
      before = next[before];
    }
    INTS.setRelease(next, before, to);
    unlock(bucket, first);
  }

  /** With the lock held: how many elements the bucket has. */
  int countLocked(int bucket) {
    int count = 0;
    for (int e = (int) buckets[bucket]; e != NONE; e = next[e]) {
      count++;
    }
    return count;
  }

  /** How many elements there are; those that come or go meanwhile may or may not be counted. */
  long count() {
    return entries.sum();
  }

  /** With the lock held: takes all elements out of the bucket; unlocks. */
  void clearAndUnlock(int bucket) {
    entries.add(-countLocked(bucket));
    unlock(bucket, NONE);
  }

  /**
   * The key after the one at {@code key}, in the order of buckets; the first when {@code key} is 0
   * or not there, null after the last. Lock-free; the bytes are {@code map}'s to copy.
   */
  byte[] nextKey(long key, BpfMap map) {
    int bucket = key == 0 ? 0 : bucket(key);
    while (key != 0) {
      long stamp = stamp(bucket);
      int element = walk((int) stamp, key);
      int after = element == NONE ? NONE : next(element);
      byte[] copy = after == NONE ? null : map.bytes(key(after), keySize);
      if (unchanged(bucket, stamp)) {
        if (copy != null) {
          return copy;
        }
        bucket = element == NONE ? 0 : bucket + 1;
        break;
      }
    }
    while (bucket < buckets.length) {
      long stamp = stamp(bucket);
      int element = (int) stamp;
      byte[] copy = element == NONE ? null : map.bytes(key(element), keySize);
      if (!unchanged(bucket, stamp)) {
        continue;
      }
      if (copy != null) {
        return copy;
      }
      bucket++;
    }
    return null;
  }

  /** With the lock held: whether the element is in this bucket. */
  boolean holds(int bucket, int element) {
    int e = (int) buckets[bucket];
    while (e != NONE && e != element) {
      e = next[e];
    }
    return e == element;
  }
}
