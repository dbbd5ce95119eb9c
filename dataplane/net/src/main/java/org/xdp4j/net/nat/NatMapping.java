package org.xdp4j.net.nat;

import org.xdp4j.net.wire.IpAddress;

/** An inside endpoint and the outside one that stands for it. */
public final class NatMapping {
  private final int protocol;
  private final int insideAddress;
  private final int insidePort;
  private final int outsideAddress;
  private final int outsidePort;
  private final boolean permanent;
  final NatEntry inside;
  final NatEntry outside;
  private volatile long expires;
  private volatile boolean leaving;

  NatMapping(
      int protocol,
      int insideAddress,
      int insidePort,
      int outsideAddress,
      int outsidePort,
      boolean permanent) {
    this.protocol = protocol;
    this.insideAddress = insideAddress;
    this.insidePort = insidePort;
    this.outsideAddress = outsideAddress;
    this.outsidePort = outsidePort;
    this.permanent = permanent;
    this.inside = new NatEntry(this, Nat44.key(protocol, insideAddress, insidePort));
    this.outside = new NatEntry(this, Nat44.key(protocol, outsideAddress, outsidePort));
  }

  public int protocol() {
    return protocol;
  }

  public int insideAddress() {
    return insideAddress;
  }

  public int insidePort() {
    return insidePort;
  }

  public int outsideAddress() {
    return outsideAddress;
  }

  public int outsidePort() {
    return outsidePort;
  }

  /** Whether configuration made it. */
  public boolean isPermanent() {
    return permanent;
  }

  /** The inside endpoint in one number: the address, then 16 bits of port. */
  public long insideEndpoint() {
    return Integer.toUnsignedLong(insideAddress) << 16 | insidePort;
  }

  /** The outside endpoint in one number: the address, then 16 bits of port. */
  public long outsideEndpoint() {
    return Integer.toUnsignedLong(outsideAddress) << 16 | outsidePort;
  }

  long insideKey() {
    return Nat44.key(protocol, insideAddress, insidePort);
  }

  long outsideKey() {
    return Nat44.key(protocol, outsideAddress, outsidePort);
  }

  /** The same, for another table. */
  NatMapping copy() {
    return new NatMapping(
        protocol, insideAddress, insidePort, outsideAddress, outsidePort, permanent);
  }

  boolean isExpired(long now) {
    return !permanent && now >= expires;
  }

  /** Keeps it for so long from now; writes only when that changes by a second or more. */
  void keep(long now, long time) {
    long until = now + time;
    long left = until - expires;
    if (left > 1_000_000_000L || left < -1_000_000_000L) {
      expires = until;
    }
  }

  /**
   * Takes leave if it is expired by now. Of this and {@link #keep}, at the same time by another
   * worker, one sees the other: either it stays, or the other is told that it {@link #isLeaving}.
   */
  boolean leave(long now) {
    leaving = true;
    boolean expired = isExpired(now);
    leaving = expired;
    return expired;
  }

  /** Whether it is removed, or just about to be. */
  boolean isLeaving() {
    return leaving;
  }

  @Override
  public String toString() {
    return "protocol %d %s:%d as %s:%d"
        .formatted(
            protocol,
            IpAddress.format4(insideAddress),
            insidePort,
            IpAddress.format4(outsideAddress),
            outsidePort);
  }
}
