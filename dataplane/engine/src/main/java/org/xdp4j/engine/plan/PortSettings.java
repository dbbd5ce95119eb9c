package org.xdp4j.engine.plan;

/**
 * What ports of every kind have.
 *
 * @param name what it is called in plans, tables and metrics
 * @param ifindex the interface index that programs see, from 1; 0 for the first that is free
 * @param mac its hardware address in the lower 48 bits; 0 for the device's own, or one made from
 *     the name where there is no device
 * @param mtu the largest IP packet in bytes; 0 for the device's own, or 1500
 * @param queues how many; 0 for one a worker where the kind has several, else 1
 */
public record PortSettings(String name, int ifindex, long mac, int mtu, int queues) {
  /** Checks what can be checked without the port. */
  public PortSettings {
    if (name.isEmpty() || ifindex < 0 || mac >>> 48 != 0 || mtu < 0 || queues < 0) {
      throw new IllegalArgumentException("port '" + name + "': its settings are out of range");
    }
  }

  /** A name, and all else as it comes. */
  public static PortSettings of(String name) {
    return new PortSettings(name, 0, 0, 0, 0);
  }

  /** The same with an interface index. */
  public PortSettings withIfindex(int index) {
    return new PortSettings(name, index, mac, mtu, queues);
  }

  /** The same with a hardware address. */
  public PortSettings withMac(long address) {
    return new PortSettings(name, ifindex, address, mtu, queues);
  }

  /** The same with an MTU. */
  public PortSettings withMtu(int bytes) {
    return new PortSettings(name, ifindex, mac, bytes, queues);
  }

  /** The same with so many queues. */
  public PortSettings withQueues(int count) {
    return new PortSettings(name, ifindex, mac, mtu, count);
  }
}
