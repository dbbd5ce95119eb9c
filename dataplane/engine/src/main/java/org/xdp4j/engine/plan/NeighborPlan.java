package org.xdp4j.engine.plan;

import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.MacAddress;

/**
 * A hardware address that is known and never asked for.
 *
 * @param interfaceName the interface on whose link it is
 * @param mac in the lower 48 bits
 */
public record NeighborPlan(String interfaceName, IpAddress address, long mac) {
  /** From text. */
  public static NeighborPlan of(String interfaceName, String address, String mac) {
    return new NeighborPlan(interfaceName, IpAddress.parse(address), MacAddress.parse(mac));
  }
}
