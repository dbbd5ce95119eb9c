package org.xdp4j.net.flow;

/**
 * The ports of recent fragmented datagrams, for all workers: the fragments of a datagram are not
 * always one worker's, as when the number of workers changes between them. Sets of {@value #WAYS}
 * entries; the one not used for longest makes room. Only fragments come here, and those that do
 * wait for one another only where they share one of {@value #LOCKS} locks.
 */
public final class FragmentPorts {
  private static final int ENTRIES = 8192;
  private static final int WAYS = 8;
  private static final int LOCKS = 64;

  /** Guards the sets whose numbers are its own modulo {@value #LOCKS}. */
  private static final class Lock {
    long clock;
  }

  private final long[] datagrams = new long[ENTRIES];
  private final int[] ports = new int[ENTRIES];
  private final long[] used = new long[ENTRIES];
  private final Lock[] locks = new Lock[LOCKS];

  /** Makes one that knows of no datagram. */
  public FragmentPorts() {
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new Lock();
    }
  }

  private static int set(long datagram) {
    return (int) (datagram >>> 32) & ENTRIES - 1 & -WAYS;
  }

  private Lock lock(int set) {
    return locks[set / WAYS & LOCKS - 1];
  }

  void remember(long datagram, int value) {
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
      ports[place] = value;
      used[place] = ++lock.clock;
    }
  }

  /** A datagram's ports, in the lower half; negative when they are not known. */
  long find(long datagram) {
    int set = set(datagram);
    Lock lock = lock(set);
    synchronized (lock) {
      for (int i = set; i < set + WAYS; i++) {
        if (used[i] != 0 && datagrams[i] == datagram) {
          used[i] = ++lock.clock;
          return Integer.toUnsignedLong(ports[i]);
        }
      }
    }
    return -1;
  }
}
