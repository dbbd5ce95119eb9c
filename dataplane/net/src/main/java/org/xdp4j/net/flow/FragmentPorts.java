package org.xdp4j.net.flow;

import java.security.SecureRandom;
import java.util.random.RandomGenerator;
import org.xdp4j.net.wire.KeyedHash;

/**
 * What the first fragments of recent datagrams said, for all workers: the fragments of a datagram
 * are not always one worker's, as when the number of workers changes between them. Only fragments
 * come here, and those that do wait for one another only where they share one of {@value #LOCKS}
 * locks.
 *
 * <p>It never grows: sets of {@value #WAYS} entries, in which the one not used for longest makes
 * room. So a flood of first fragments delays nobody for long, while one that refused new datagrams
 * when it is full would refuse all for as long as they are remembered. Which datagrams share a set
 * is known to its seeds only, so that nobody is pushed out on purpose (RFC 4787, REQ-14a).
 */
public final class FragmentPorts {
  private static final int ENTRIES = 8192;
  private static final int WAYS = 8;
  private static final int LOCKS = 64;

  /** Guards the sets whose numbers are its own modulo {@value #LOCKS}. */
  private static final class Lock {
    long clock;
  }

  private final long seed0;
  private final long seed1;
  private final long seed2;
  private final long[] datagrams = new long[ENTRIES];
  private final long[] values = new long[ENTRIES];
  private final long[] ends = new long[ENTRIES];
  private final long[] used = new long[ENTRIES];
  private final Lock[] locks = new Lock[LOCKS];

  /** Makes one that knows of no datagram. */
  public FragmentPorts() {
    this(new SecureRandom());
  }

  /**
   * Makes one that knows of no datagram.
   *
   * @param random where its seeds come from
   */
  public FragmentPorts(RandomGenerator random) {
    seed0 = random.nextLong();
    seed1 = random.nextLong();
    seed2 = random.nextLong();
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new Lock();
    }
  }

  /** A number for a datagram: products of words that only the seeds make known. */
  long datagram(
      long sourceHigh, long sourceLow, long destinationHigh, long destinationLow, long id) {
    long mixed = KeyedHash.product(sourceHigh ^ seed0, sourceLow ^ seed1);
    mixed = KeyedHash.product(destinationHigh ^ seed2, mixed ^ destinationLow ^ seed0);
    return KeyedHash.product(id ^ seed1, mixed ^ seed2);
  }

  private static int set(long datagram) {
    return (int) (datagram >>> 32) & ENTRIES - 1 & -WAYS;
  }

  private Lock lock(int set) {
    return locks[set / WAYS & LOCKS - 1];
  }

  /**
   * Remembers what a first fragment said, for as long as a receiver would wait for the others.
   *
   * @param value what it said, not negative
   * @param until when it is forgotten
   */
  void remember(long datagram, long value, long until) {
    int set = set(datagram);
    Lock lock = lock(set);
    synchronized (lock) {
      int place = set;
      for (int i = set; i < set + WAYS; i++) {
        if (used[i] != 0 && datagrams[i] == datagram) {
          place = i;
          break;
        }
        place = used[i] < used[place] ? i : place;
      }
      datagrams[place] = datagram;
      values[place] = value;
      ends[place] = until;
      used[place] = ++lock.clock;
    }
  }

  /** Whether the first fragment of a datagram, by its {@link FlowKey#datagram}, has come. */
  public boolean isKnown(long datagram, long now) {
    return find(datagram, now) >= 0;
  }

  /** What a datagram's first fragment said; negative when that is not known. */
  long find(long datagram, long now) {
    int set = set(datagram);
    Lock lock = lock(set);
    synchronized (lock) {
      for (int i = set; i < set + WAYS; i++) {
        if (used[i] != 0 && datagrams[i] == datagram) {
          if (now >= ends[i]) {
            used[i] = 0;
            return -1;
          }
          used[i] = ++lock.clock;
          return values[i];
        }
      }
    }
    return -1;
  }
}
