package org.xdp4j.bpf.map;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Chooses which key of a full LRU hash has to go: a clock over all elements. Its hand gives an
 * element that was looked up since it last came by another round, and takes the first that was not.
 * So keys in use stay, and keys never looked up leave in the order they came, as with the active
 * and inactive lists of Linux (kernel/bpf/bpf_lru_list.c).
 *
 * <p>Any thread; a look-up costs one byte read, and one written when it was 0.
 */
final class LruClock {
  /** Elements passed over before one in use is taken after all, so that no update takes long. */
  private static final int PATIENCE = 4096;

  private final HashStore store;
  private final HashIndex index;
  private final byte[] used;
  private final int[] home;
  private final AtomicLong hand = new AtomicLong();

  LruClock(HashStore store) {
    this.store = store;
    this.index = store.index;
    this.used = new byte[store.elements];
    this.home = new int[store.elements];
  }

  /** Says that an element was looked up. */
  void touch(int element) {
    if (used[element] == 0) {
      used[element] = 1;
    }
  }

  /** Says, with the bucket's lock held, which bucket an element is going into. */
  void place(int element, int bucket, boolean inUse) {
    home[element] = bucket;
    used[element] = (byte) (inUse ? 1 : 0);
  }

  /** A free element, one key having left the table for it when need be. Holds no lock. */
  int take(int cpu) {
    for (int round = 0; ; round++) {
      int element = store.free.take(cpu);
      if (element < 0) {
        element = evict();
      }
      if (element >= 0) {
        return element;
      }
      // Every element is on its way into the table by another thread's hand.
      HashIndex.pause(round);
    }
  }

  private int evict() {
    int passed = 0;
    for (int tries = 0; tries < 2 * Math.min(store.elements, PATIENCE); tries++) {
      int element = (int) (hand.getAndIncrement() % store.elements);
      if (used[element] != 0 && passed++ < PATIENCE) {
        used[element] = 0;
      } else if (leave(element)) {
        return element;
      }
    }
    return HashIndex.NONE;
  }

  /** Takes an element out of its bucket, unless it is in none. */
  private boolean leave(int element) {
    int bucket = home[element];
    index.lock(bucket);
    if (!index.holds(bucket, element)) {
      index.unlock(bucket);
      return false;
    }
    index.removeAndUnlock(bucket, element);
    return true;
  }
}
