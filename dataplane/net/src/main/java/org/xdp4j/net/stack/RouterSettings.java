package org.xdp4j.net.stack;

/**
 * What holds for a whole router.
 *
 * @param punts whether somebody takes punted packets; without, they are dropped, and refused by
 *     ICMP where a host would
 * @param hopLimit TTL and hop limit of packets made here
 * @param icmpRate ICMP errors a second and worker
 * @param icmpBurst ICMP errors at once
 * @param neighbors entries of the neighbour table
 * @param heldPerNeighbor packets that wait for one neighbour
 * @param held packets that wait in all, a worker
 */
public record RouterSettings(
    boolean punts,
    int hopLimit,
    int icmpRate,
    int icmpBurst,
    int neighbors,
    int heldPerNeighbor,
    int held) {
  /** No punts, hop limit 64, 1000 ICMP errors a second, 16384 neighbours. */
  public static RouterSettings defaults() {
    return new RouterSettings(false, 64, 1000, 100, 16_384, 64, 1024);
  }

  /** The same but for whether somebody takes punted packets. */
  public RouterSettings withPunts(boolean on) {
    return new RouterSettings(on, hopLimit, icmpRate, icmpBurst, neighbors, heldPerNeighbor, held);
  }

  /** The same but for the rate of ICMP errors. */
  public RouterSettings withIcmp(int rate, int burst) {
    return new RouterSettings(punts, hopLimit, rate, burst, neighbors, heldPerNeighbor, held);
  }

  /** The same but for how many packets may wait for one neighbour, and in all. */
  public RouterSettings withHeld(int perNeighbor, int total) {
    return new RouterSettings(punts, hopLimit, icmpRate, icmpBurst, neighbors, perNeighbor, total);
  }
}
