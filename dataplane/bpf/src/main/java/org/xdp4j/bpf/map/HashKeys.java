package org.xdp4j.bpf.map;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Walks the keys of a hash table, a bucket at a time: each bucket's keys are copied while none
 * enters or leaves it, so no key is torn and none comes twice.
 */
final class HashKeys implements Iterator<byte[]> {
  private final HashIndex index;
  private final BpfMap map;
  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
  private int bucket;

  HashKeys(HashIndex index, BpfMap map) {
    this.index = index;
    this.map = map;
  }

  @Override
  public boolean hasNext() {
    while (waiting.isEmpty() && bucket < index.buckets()) {
      readBucket(bucket++);
    }
    return !waiting.isEmpty();
  }

  @Override
  public byte[] next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return waiting.remove();
  }

  private void readBucket(int at) {
    long stamp;
    do {
      waiting.clear();
      stamp = index.stamp(at);
      for (int e = (int) stamp; e != HashIndex.NONE; e = index.next(e)) {
        waiting.add(map.bytes(index.key(e), map.keySize));
        if (!index.unchanged(at, stamp)) {
          break;
        }
      }
    } while (!index.unchanged(at, stamp));
  }
}
