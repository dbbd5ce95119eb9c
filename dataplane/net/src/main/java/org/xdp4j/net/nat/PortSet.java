package org.xdp4j.net.nat;

/**
 * Which ports of one outside address are taken, a bit each, so that a free one is found by looking
 * at a thousand words at the most. Guarded by who owns it.
 */
final class PortSet {
  private static final int PORTS = 65_536;
  private static final long EVEN = 0x5555_5555_5555_5555L;

  private final long[] taken = new long[PORTS / Long.SIZE];

  void take(int port) {
    taken[port >>> 6] |= 1L << port;
  }

  void release(int port) {
    taken[port >>> 6] &= ~(1L << port);
  }

  /** The ports of a word that have the same parity as this one. */
  static long parity(int port) {
    return (port & 1) == 0 ? EVEN : ~EVEN;
  }

  /**
   * The first free port from {@code start} on to {@code last}, and from {@code first} on to there.
   *
   * @param kind which ports of a word will do: of one {@link #parity}, or -1 for all
   * @return -1 when there is none
   */
  int free(int first, int last, int start, long kind) {
    int found = between(start, last, kind);
    return found >= 0 ? found : between(first, start - 1, kind);
  }

  private int between(int first, int last, long kind) {
    long from = -1L << first; // of the first word
    for (int word = first >>> 6; word <= last >> 6; word++) {
      long free = ~taken[word] & kind & from;
      if (free != 0) {
        int port = word << 6 | Long.numberOfTrailingZeros(free);
        return port <= last ? port : -1;
      }
      from = -1L;
    }
    return -1;
  }
}
