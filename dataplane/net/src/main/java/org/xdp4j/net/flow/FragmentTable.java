package org.xdp4j.net.flow;

/**
 * Which flow the fragments of recent datagrams belong to. Sets of {@value #WAYS} entries; the one
 * not used for longest makes room. Owned by one thread.
 */
final class FragmentTable {
  static final int ENTRIES = 4096;
  static final int WAYS = 8;

  /** Fragments after which an entry made without the first fragment no longer holds it back. */
  private static final long FRESH = 4096;

  private final long[] datagrams = new long[ENTRIES];
  private final int[] flows = new int[ENTRIES];
  private final long[] used = new long[ENTRIES];
  private final boolean[] headless = new boolean[ENTRIES];
  private long now;

  /**
   * The flow of a fragment.
   *
   * @param datagram tells the datagram from others
   * @param first whether it is the first fragment, which knows its flow
   * @param flow its flow, as far as this fragment tells
   */
  int flow(long datagram, boolean first, int flow) {
    now++;
    int set = ((int) datagram & ENTRIES - 1) & -WAYS;
    int oldest = set;
    for (int i = set; i < set + WAYS; i++) {
      if (used[i] != 0 && datagrams[i] == datagram) {
        return known(i, first, flow);
      }
      if (used[i] < used[oldest]) {
        oldest = i;
      }
    }
    datagrams[oldest] = datagram;
    flows[oldest] = flow;
    headless[oldest] = !first;
    used[oldest] = now;
    return flow;
  }

  private int known(int entry, boolean first, int flow) {
    boolean follows = headless[entry] && now - used[entry] < FRESH;
    used[entry] = now;
    if (first && !follows) {
      // A first fragment begins a datagram: an entry of this name is of an earlier one.
      flows[entry] = flow;
      headless[entry] = false;
    }
    return flows[entry];
  }
}
