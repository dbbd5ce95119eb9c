package org.xdp4j.bpf.map;

import org.xdp4j.bpf.context.Subprograms;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code bpf_for_each_map_elem}: a subprogram is called with the map, the key, the value and an
 * argument of the program's for one element after the other, on the worker's thread and without
 * allocating.
 */
final class ElementWalk {
  private ElementWalk() {}

  /** Elements in the order of their numbers; the key is a word of the context's. */
  static long ofArray(BpfMap map, XdpContext context, long function, long argument) {
    Subprograms subprograms = context.subprograms;
    long frame = context.calleeFrame;
    long key = context.keyWord();
    int calls = 0;
    while (calls < map.maxEntries) {
      map.memory.set(Region.INT, key, calls);
      long value = map.valueOf(calls, context.cpu);
      calls++;
      if (subprograms.call(context, function, map.address(), key, value, argument, 0, frame) != 0) {
        break;
      }
    }
    return calls;
  }

  /**
   * Elements bucket by bucket. The callback may delete or replace the element it is given, and any
   * other; of a bucket from which it takes both this one and the next, the rest is left out.
   *
   * <p>An element that leaves the bucket may come into another one. What follows an element is
   * therefore believed only when the bucket has not changed since before it was read.
   */
  static long ofHash(
      BpfMap map, HashIndex index, XdpContext context, long function, long argument) {
    Subprograms subprograms = context.subprograms;
    long frame = context.calleeFrame;
    long calls = 0;
    for (int bucket = 0; bucket < index.buckets(); bucket++) {
      long stamp = index.stamp(bucket);
      int element = (int) stamp;
      while (element != HashIndex.NONE) {
        int next = index.next(element);
        long key = index.key(element);
        long value = map.valueOf(element, context.cpu);
        calls++;
        if (subprograms.call(context, function, map.address(), key, value, argument, 0, frame)
            != 0) {
          return calls;
        }
        if (index.unchanged(bucket, stamp)) {
          element = next;
          continue;
        }
        index.lock(bucket);
        stamp = index.stamp(bucket);
        element = after(index, bucket, element, next);
        index.unlock(bucket);
      }
    }
    return calls;
  }

  /** With the lock held: the element to go on with in a bucket that changed. */
  private static int after(HashIndex index, int bucket, int element, int next) {
    if (next == HashIndex.NONE || index.holds(bucket, next)) {
      return next;
    }
    return index.holds(bucket, element) ? index.next(element) : HashIndex.NONE;
  }
}
