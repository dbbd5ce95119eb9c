package org.xdp4j.net.nat;

import java.util.Arrays;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Tcp;

/**
 * An inside endpoint and the outside one that stands for it.
 *
 * <p>One of TCP lives as long as any of its sessions, which are its connections with endpoints
 * outside (RFC 5382, REQ-5): what becomes of one of them says nothing about the others. The last
 * {@value #SESSIONS} are watched; one that has to make room for another, which is the one that
 * would end first, leaves the mapping the time it had left.
 */
public final class NatMapping {
  private static final int SESSIONS = 16;
  private static final NatSession[] NONE = {};

  private final int protocol;
  private final int insideAddress;
  private final int insidePort;
  private final int outsideAddress;
  private final int outsidePort;
  private final boolean permanent;
  final NatEntry inside;
  final NatEntry outside;
  private volatile long expires = Long.MIN_VALUE;

  /** Never written to, only replaced. */
  private volatile NatSession[] sessions = NONE;

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
    if (permanent || now < expires) {
      return false;
    }
    for (NatSession session : sessions) {
      if (!session.isExpired(now)) {
        return false;
      }
    }
    return true;
  }

  /** Keeps it for so long from now; writes only when that changes by a second or more. */
  void keep(long now, long time) {
    long until = now + time;
    long before = expires;
    if (before == Long.MIN_VALUE || Math.abs(until - before) > 1_000_000_000L) {
      expires = until;
    }
  }

  /**
   * Takes note of a TCP segment from inside.
   *
   * @param remote the endpoint outside, an address and 16 bits of port
   */
  void sent(long remote, int tcpFlags, long now) {
    if (permanent) {
      return;
    }
    NatSession session = session(remote);
    if (session == null) {
      if ((tcpFlags & Tcp.RST) != 0) {
        return; // It answers what nobody watched.
      }
      session = begin(remote, now);
    }
    session.saw(false, tcpFlags, now);
  }

  /**
   * Takes note of a packet from outside that is let through. It keeps a TCP connection alive that
   * somebody inside takes part in, and nothing else (RFC 4787, REQ-6).
   *
   * @param remote the endpoint outside, an address and 16 bits of port
   */
  public void received(long remote, int tcpFlags, long now) {
    if (protocol == IpProtocol.TCP && !permanent) {
      NatSession session = session(remote);
      if (session != null && !session.isExpired(now)) {
        session.saw(true, tcpFlags, now);
      }
    }
  }

  private NatSession session(long remote) {
    for (NatSession session : sessions) {
      if (session.remote == remote) {
        return session;
      }
    }
    return null;
  }

  private synchronized NatSession begin(long remote, long now) {
    NatSession known = session(remote);
    if (known != null) {
      return known; // Another worker was quicker.
    }
    NatSession[] before = sessions;
    int place = 0;
    for (int i = 1; i < before.length; i++) {
      place = before[i].expires() < before[place].expires() ? i : place;
    }
    boolean full = before.length == SESSIONS;
    if (full) {
      expires = Math.max(expires, before[place].expires());
    }
    boolean takes = full || before.length > 0 && before[place].isExpired(now);
    NatSession[] after = Arrays.copyOf(before, takes ? before.length : before.length + 1);
    NatSession fresh = new NatSession(remote);
    after[takes ? place : before.length] = fresh;
    sessions = after;
    return fresh;
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
