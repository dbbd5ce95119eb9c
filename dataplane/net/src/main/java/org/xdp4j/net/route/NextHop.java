package org.xdp4j.net.route;

import org.xdp4j.net.wire.IpAddress;

/**
 * Where a packet is sent: out of an interface, to a gateway there or, when there is none, to its
 * destination itself.
 */
public final class NextHop {
  /** How many places {@link #place} tells next hops apart by. */
  public static final int PLACES = 64;

  private static final int PLACE_BITS = 6;

  private final int interfaceIndex;
  private final IpAddress gateway;
  private final int weight;
  private final int place;

  /** The gateway's entry, looked up once; any thread may set it, all find the same one. */
  private volatile Neighbor neighbor;

  /**
   * Makes one.
   *
   * @param gateway null when destinations are on the link; it may be an IPv6 address for IPv4
   *     routes (RFC 8950)
   * @param weight its share of flows against its siblings', from 1
   */
  public NextHop(int interfaceIndex, IpAddress gateway, int weight) {
    if (weight < 1) {
      throw new IllegalArgumentException("a next hop's weight is 1 or more, not " + weight);
    }
    this.interfaceIndex = interfaceIndex;
    this.gateway = gateway;
    this.weight = weight;
    this.place = gateway == null ? 0 : place(gateway.high() ^ gateway.low());
  }

  private static int place(long address) {
    return ((int) (address >>> 32) ^ (int) address) * 0x9e37_79b9 >>> Integer.SIZE - PLACE_BITS;
  }

  /** A next hop with the weight 1. */
  public NextHop(int interfaceIndex, IpAddress gateway) {
    this(interfaceIndex, gateway, 1);
  }

  public int interfaceIndex() {
    return interfaceIndex;
  }

  /** Null when destinations are on the link. */
  public IpAddress gateway() {
    return gateway;
  }

  public int weight() {
    return weight;
  }

  /** Where it is kept in tables of {@value #PLACES}: gateways are spread over them. */
  public int place() {
    return place;
  }

  /** The gateway's entry as {@link #cache} left it; null before, or when it has since gone. */
  public Neighbor cached() {
    Neighbor known = neighbor;
    return known != null && !known.isGone() ? known : null;
  }

  /** Keeps the gateway's entry for the next packet. */
  public void cache(Neighbor entry) {
    neighbor = entry;
  }

  @Override
  public String toString() {
    String to = gateway == null ? "" : "via " + gateway + " ";
    return to + "dev " + interfaceIndex + (weight == 1 ? "" : " weight " + weight);
  }
}
