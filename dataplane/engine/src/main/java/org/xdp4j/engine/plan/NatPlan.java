package org.xdp4j.engine.plan;

import java.util.List;
import java.util.OptionalLong;
import org.xdp4j.net.wire.IpAddress;

/**
 * NAT44 with port translation.
 *
 * @param outside the interfaces whose links are outside
 * @param pool addresses of ours that stand for inside ones
 * @param capacity the most mappings
 * @param perHost the most mappings of one inside host; {@link Integer#MAX_VALUE} for all
 * @param seed of the ports chosen: the same seed, the same ports for the same packets; without,
 *     nobody can tell them beforehand
 * @param forwards outside endpoints that lead inside
 */
public record NatPlan(
    List<String> outside,
    List<IpAddress> pool,
    int capacity,
    int perHost,
    OptionalLong seed,
    List<Forward> forwards) {
  /** Takes copies of the lists. */
  public NatPlan {
    outside = List.copyOf(outside);
    pool = List.copyOf(pool);
    forwards = List.copyOf(forwards);
  }

  /** One whose hosts may have all mappings, and whose ports nobody can tell beforehand. */
  public NatPlan(List<String> outside, List<IpAddress> pool, int capacity, List<Forward> forwards) {
    this(outside, pool, capacity, Integer.MAX_VALUE, OptionalLong.empty(), forwards);
  }

  /**
   * A port forward.
   *
   * @param protocol of IP: 6 for TCP, 17 for UDP
   */
  public record Forward(
      int protocol, IpAddress outside, int outsidePort, IpAddress inside, int insidePort) {}
}
