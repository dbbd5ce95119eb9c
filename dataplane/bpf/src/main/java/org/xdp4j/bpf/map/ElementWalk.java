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
   */
  static long ofHash(
      BpfMap map, HashIndex index, XdpContext context, long function, long argument) {
    Subprograms subprograms = context.subprograms;
    long frame = context.calleeFrame;
    long calls = 0;
    for (int bucket = 0; bucket < index.buckets(); bucket++) {
      int element = index.first(bucket);
      while (element != HashIndex.NONE) {
        long stamp = index.stamp(bucket);
        int next = index.next(element);
        long key = index.key(element);
        long value = map.valueOf(element, context.cpu);
        calls++;
        if (subprograms.call(context, function, map.address(), key, value, argument, 0, frame)
            != 0) {
          return calls;
        }
        element = index.unchanged(bucket, stamp) ? next : after(index, bucket, element, next);
      }
    }
    return calls;
  }

  /** The element to go on with in a bucket that changed. */
  private static int after(HashIndex index, int bucket, int element, int next) {
    if (next == HashIndex.NONE) {
      return HashIndex.NONE;
    }
    index.lock(bucket);
    int result =
        index.holds(bucket, next)
            ? next
            : index.holds(bucket, element) ? index.next(element) : HashIndex.NONE;
    index.unlock(bucket);
    return result;
  }
}
