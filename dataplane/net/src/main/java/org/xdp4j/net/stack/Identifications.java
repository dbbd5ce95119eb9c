package org.xdp4j.net.stack;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.random.RandomGenerator;
import org.xdp4j.net.wire.KeyedHash;

/**
 * Identifications of datagrams made here, which may come to be fragmented: none twice in a short
 * while for the same two addresses and protocol (RFC 6864, section 4.3), and none that says what
 * comes next for others (RFC 7739, section 5.3). Who tries thousands of addresses finds one that
 * has its counter in common with another host and sees how much that is sent, but nothing else.
 * Shared by workers; takes nothing from the heap.
 *
 * <pre>
 *  identification = hash of addresses and protocol + counter at another hash of them, plus 1
 * </pre>
 */
final class Identifications {
  private static final int COUNTERS = 2048;

  private final AtomicIntegerArray counters = new AtomicIntegerArray(COUNTERS);
  private final KeyedHash places;
  private final KeyedHash offsets;

  /** Makes them from {@code random}: the same there, the same here. */
  Identifications(RandomGenerator random) {
    places = new KeyedHash(random);
    offsets = new KeyedHash(random);
    for (int i = 0; i < COUNTERS; i++) {
      counters.set(i, random.nextInt());
    }
  }

  /** Of an IPv4 datagram; 16 bits. */
  int next4(int source, int destination, int protocol) {
    return next((long) source << 32 | destination & 0xffff_ffffL, 0, protocol) & 0xffff;
  }

  /** Of an IPv6 packet; 32 bits. */
  int next6(long sourceHigh, long sourceLow, long destinationHigh, long destinationLow) {
    // An address of ours can be told by fewer bits than one of others.
    long source = KeyedHash.product(~sourceHigh, sourceLow | 1L << 63);
    return next(source, destinationHigh, destinationLow);
  }

  private int next(long a, long b, long c) {
    int place = places.of(a, b, c) & COUNTERS - 1;
    return offsets.of(a, b, c) + counters.getAndIncrement(place);
  }
}
