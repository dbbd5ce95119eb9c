package org.xdp4j.net.stack;

import java.util.Arrays;
import org.xdp4j.net.wire.KeyedHash;

/**
 * How much each host may still get of something, in as few words as there are slots: of each slot
 * only the time is kept at which its whole burst will be there again (the generic cell rate
 * algorithm, ITU-T I.371). Hosts that meet in a slot share what is there for one; which do is known
 * to the seeds alone. Owned by one worker; takes nothing from the heap.
 */
final class HostShares {
  private static final int SLOTS = 1024;

  private final long[] fullAt = new long[SLOTS];
  private final KeyedHash hash = new KeyedHash();
  private long interval;
  private long burst;

  HostShares() {
    Arrays.fill(fullAt, Long.MIN_VALUE);
  }

  /** Sets what a host may have: one each so many nanoseconds, and so many at once. */
  void limit(long nanoseconds, int atOnce) {
    interval = nanoseconds;
    burst = nanoseconds * atOnce;
  }

  /** The slot of a host, or of a pair. */
  int slot(long host, long other) {
    return hash.of(host, other, 0) & SLOTS - 1;
  }

  /** Whether one may be had now. */
  boolean mayTake(int slot, long now) {
    return Math.max(fullAt[slot], now) + interval <= now + burst;
  }

  /** Takes one that may be had. */
  void take(int slot, long now) {
    fullAt[slot] = Math.max(fullAt[slot], now) + interval;
  }
}
