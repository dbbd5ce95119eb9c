package org.xdp4j.net.flow;

/**
 * The ports of recent fragmented datagrams. Sets of {@value #WAYS} entries; the one not used for
 * longest makes room. Owned by one thread.
 */
final class FragmentPorts {
  private static final int ENTRIES = 1024;
  private static final int WAYS = 8;

  private final long[] datagrams = new long[ENTRIES];
  private final int[] ports = new int[ENTRIES];
  private final long[] used = new long[ENTRIES];
  private long clock;
  private int found;

  void remember(long datagram, int value) {
    int set = (int) (datagram >>> 32) & ENTRIES - 1 & -WAYS;
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
    used[place] = ++clock;
  }

  /** Looks for a datagram's ports; {@link #found} has them if it says so. */
  boolean find(long datagram) {
    int set = (int) (datagram >>> 32) & ENTRIES - 1 & -WAYS;
    for (int i = set; i < set + WAYS; i++) {
      if (used[i] != 0 && datagrams[i] == datagram) {
        used[i] = ++clock;
        found = ports[i];
        return true;
      }
    }
    return false;
  }

  int found() {
    return found;
  }
}
