package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.xdp4j.bpf.memory.Region;

/**
 * Finds the elements of a {@link HashIndex}, and is a record for a reason: HotSpot takes the fields
 * of a constant record for constants. A compiled program holds its maps' readers as constants, so
 * what is left of a look-up there is the hash, and the loads of bucket and key.
 *
 * <p>Keys of at most 16 bytes are numbers here: bytes 0 to 7, little-endian, and bytes 8 to 15,
 * those that the key has not being 0. Elements have such zeros behind their keys too.
 *
 * @param memory the region's
 * @param keySize bytes of a key
 * @param keys address of element 0's key
 * @param stride bytes from one element's key to the next one's
 * @param seed of the hash
 * @param mask buckets less 1
 * @param buckets see {@link HashIndex}
 * @param next the element behind each in its bucket
 */
public record HashReader(
    MemorySegment memory,
    int keySize,
    long keys,
    long stride,
    long seed,
    int mask,
    long[] buckets,
    int[] next) {
  /** The longest key that can be given as numbers. */
  public static final int NUMBERS = 16;

  private static final int NONE = HashIndex.NONE;
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);

  /** The bucket of a key of up to 8 bytes. */
  int bucket(long key) {
    return Words.hash(key, seed) & mask;
  }

  /** The bucket of a key of 9 to 16 bytes. */
  int bucket(long low, long high) {
    return Words.hash(low, high, seed) & mask;
  }

  /** The element with this key of up to 8 bytes, or -1. Lock-free. */
  public int find(long key) {
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

  /** The element with this key of 9 to 16 bytes, or -1. Lock-free. */
  public int find(long low, long high) {
    int bucket = bucket(low, high);
    while (true) {
      long seen = (long) LONGS.getAcquire(buckets, bucket);
      int element = walk((int) seen, low, high);
      if (unchanged(bucket, seen)) {
        return element;
      }
      Thread.onSpinWait();
    }
  }

  /** The first element of a bucket, or -1. */
  int first(int bucket) {
    return (int) (long) LONGS.getOpaque(buckets, bucket);
  }

  /** The element behind this one in its bucket, or -1. */
  int after(int element) {
    return (int) INTS.getOpaque(next, element);
  }

  /** Loads where an element's key is. */
  int touch(int element) {
    return memory.get(Region.BYTE, keyAt(element));
  }

  /** From this element of a bucket on: the one with the key, or -1. */
  int walk(int first, long key) {
    int element = first;
    while (element != NONE && memory.get(Region.LONG, keyAt(element)) != key) {
      element = (int) INTS.getAcquire(next, element);
    }
    return element;
  }

  /** The same for 9 to 16 bytes. */
  int walk(int first, long low, long high) {
    int element = first;
    while (element != NONE && differs(element, low, high)) {
      element = (int) INTS.getAcquire(next, element);
    }
    return element;
  }

  /** Both halves at once: to look at the first alone would be one more branch to foresee. */
  private boolean differs(int element, long low, long high) {
    long key = keyAt(element);
    return (memory.get(Region.LONG, key) ^ low | memory.get(Region.LONG, key + 8) ^ high) != 0;
  }

  /** Checked once: the JIT then knows that all of the element is in memory. */
  private long keyAt(int element) {
    return keys + Objects.checkIndex(element, next.length) * stride;
  }

  /** Whether no element has entered or left the bucket since it was {@code stamp}. */
  boolean unchanged(int bucket, long stamp) {
    VarHandle.loadLoadFence();
    long now = (long) LONGS.getOpaque(buckets, bucket);
    return now >>> HashIndex.VERSION_SHIFT == stamp >>> HashIndex.VERSION_SHIFT;
  }
}
