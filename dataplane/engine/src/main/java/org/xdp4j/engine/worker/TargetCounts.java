package org.xdp4j.engine.worker;

import java.util.HashMap;
import java.util.Map;

/** Counts by interface index: an open-addressed table of primitives. Owned by one thread. */
final class TargetCounts {
  private int[] keys = new int[64];
  private long[] counts = new long[64];
  private int used;

  /** Adds to the count of {@code ifindex}, which is not 0. */
  void add(int ifindex, long amount) {
    int slot = slot(ifindex);
    if (keys[slot] == 0) {
      if (2 * used >= keys.length) {
        grow();
        slot = slot(ifindex);
      }
      keys[slot] = ifindex;
      used++;
    }
    counts[slot] += amount;
  }

  private int slot(int ifindex) {
    int mask = keys.length - 1;
    int slot = ifindex * 0x9E3779B1 >>> 8 & mask;
    while (keys[slot] != 0 && keys[slot] != ifindex) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private void grow() {
    int[] oldKeys = keys;
    long[] oldCounts = counts;
    keys = new int[2 * oldKeys.length];
    counts = new long[2 * oldKeys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        int slot = slot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        counts[slot] = oldCounts[i];
      }
    }
  }

  Map<Integer, Long> toMap() {
    Map<Integer, Long> map = new HashMap<>();
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] != 0) {
        map.put(keys[i], counts[i]);
      }
    }
    return map;
  }
}
