package org.xdp4j.engine.port;

/**
 * Who a port is.
 *
 * @param name what it is called in configurations, tables and metrics
 * @param ifindex the interface index that programs see, from 1
 * @param mac its hardware address, as {@link org.xdp4j.net.wire.MacAddress} has it
 * @param mtu the largest IP packet it takes, in bytes
 */
public record PortIdentity(String name, int ifindex, long mac, int mtu) {
  /** Checks what can be checked. */
  public PortIdentity {
    if (name.isEmpty() || ifindex < 1 || mac >>> 48 != 0 || mtu < 68) {
      throw new IllegalArgumentException(
          "there is no port " + name + " with index " + ifindex + " and an MTU of " + mtu);
    }
  }
}
