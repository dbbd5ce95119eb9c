package org.xdp4j.net.route;

import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.MacAddress;

/**
 * An address on a link, and the hardware address it has there. Any thread reads it; {@link
 * Neighbors} changes it, under its lock.
 */
public final class Neighbor {
  private static final int STATE_SHIFT = 48;
  private static final long MAC_MASK = (1L << STATE_SHIFT) - 1;

  private final int interfaceIndex;
  private final IpAddress address;

  /** State and hardware address in one word, so that readers see both of one moment. */
  private volatile long link;

  private volatile boolean router;

  /** When that became so; written before it. */
  volatile long since;

  // Guarded by the table's lock.
  long deadline;
  int probes;

  /** Whether it answered us since it was last given up. */
  boolean confirmed;

  /** Its place among those that did not, or null. */
  UnconfirmedNeighbors.Share share;

  Neighbor older;
  Neighbor newer;

  Neighbor(int interfaceIndex, IpAddress address) {
    this.interfaceIndex = interfaceIndex;
    this.address = address;
  }

  public int interfaceIndex() {
    return interfaceIndex;
  }

  public IpAddress address() {
    return address;
  }

  /** State and hardware address as of one moment, for {@link #state(long)} and {@link #mac}. */
  public long link() {
    return link;
  }

  /** The state in a {@link #link}. */
  public static NeighborState state(long link) {
    return NeighborState.of((int) (link >>> STATE_SHIFT));
  }

  /** The hardware address in a {@link #link}; of no meaning unless the state is usable. */
  public static long mac(long link) {
    return link & MAC_MASK;
  }

  public NeighborState state() {
    return state(link);
  }

  public long mac() {
    return mac(link);
  }

  /** Whether it said that it is a router (RFC 4861, the R flag). */
  public boolean isRouter() {
    return router;
  }

  boolean isGone() {
    return state() == NeighborState.GONE;
  }

  void set(NeighborState state, long mac) {
    link = (long) state.ordinal() << STATE_SHIFT | mac;
  }

  void set(NeighborState state) {
    set(state, mac());
  }

  void setRouter(boolean isRouter) {
    router = isRouter;
  }

  boolean is(int index, boolean ipv6, long high, long low) {
    return interfaceIndex == index
        && address.high() == high
        && address.low() == low
        && address.isIpv6() == ipv6;
  }

  @Override
  public String toString() {
    long now = link;
    String mac = state(now).isUsable() ? " lladdr " + MacAddress.format(mac(now)) : "";
    return address + " dev " + interfaceIndex + mac + " " + state(now);
  }
}
