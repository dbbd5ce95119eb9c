package org.xdp4j.net.filter;

import org.xdp4j.net.flow.FlowKey;
import org.xdp4j.net.flow.KeyEntry;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Tcp;

/** A connection that was accepted, in both directions. Workers may touch it at the same time. */
public final class Connection {
  /** How far it got. */
  public enum State {
    /** Packets went one way only. */
    OPENING,
    /** Packets went both ways. */
    ESTABLISHED,
    /** Both TCP sides said they are done. */
    CLOSING,
    /** A TCP side broke it off. */
    CLOSED
  }

  private static final long SECOND = 1_000_000_000L;

  /** One direction of a connection, in the table. */
  static final class Direction extends KeyEntry {
    final Connection connection;
    final boolean reply;

    private Direction(
        Connection connection, boolean reply, long a, long b, long c, long d, long e) {
      super(a, b, c, d, e);
      this.connection = connection;
      this.reply = reply;
    }
  }

  private final int protocol;
  private final boolean symmetric;
  final Direction original;
  final Direction reply;
  private volatile State state = State.OPENING;
  private volatile long expires;

  // A flag a side: neither of two workers that see both FINs at the same time loses the other's.
  private volatile boolean originalFinished;
  private volatile boolean replyFinished;

  Connection(FlowKey key) {
    protocol = key.protocol;
    symmetric =
        key.sourceHigh == key.destinationHigh
            && key.sourceLow == key.destinationLow
            && key.sourcePort == key.destinationPort;
    original =
        new Direction(
            this,
            false,
            key.sourceHigh,
            key.sourceLow,
            key.destinationHigh,
            key.destinationLow,
            word(key.isIpv6, key.protocol, key.sourcePort, key.destinationPort));
    reply =
        new Direction(
            this,
            true,
            key.destinationHigh,
            key.destinationLow,
            key.sourceHigh,
            key.sourceLow,
            word(key.isIpv6, key.protocol, key.destinationPort, key.sourcePort));
  }

  static long word(boolean ipv6, int protocol, int sourcePort, int destinationPort) {
    return (ipv6 ? 1L << 56 : 0)
        | (long) protocol << 32
        | (long) sourcePort << 16
        | destinationPort;
  }

  /** Whether both directions have the same key, as in a packet from a station to itself. */
  boolean isSymmetric() {
    return symmetric;
  }

  public int protocol() {
    return protocol;
  }

  public State state() {
    return state;
  }

  boolean isExpired(long now) {
    return now >= expires;
  }

  /** Whether a packet like this begins a new connection in this one's place. */
  boolean isOverFor(int tcpFlags) {
    boolean opens = protocol == IpProtocol.TCP && (tcpFlags & (Tcp.SYN | Tcp.ACK)) == Tcp.SYN;
    return opens && (state == State.CLOSED || originalFinished || replyFinished);
  }

  /** Takes note of a packet. */
  void saw(boolean isReply, int tcpFlags, long now) {
    State next = state;
    if (isReply && next == State.OPENING) {
      next = State.ESTABLISHED;
    }
    if (protocol == IpProtocol.TCP) {
      next = afterFlags(next, isReply, tcpFlags);
    }
    if (next != state) {
      state = next;
    }
    long until = now + lifetime(next);
    long change = until - expires;
    if (change > SECOND || change < -SECOND) {
      expires = until;
    }
  }

  /** One side may go on after the other's FIN for as long as it likes (RFC 9293, 3.6). */
  private State afterFlags(State before, boolean isReply, int tcpFlags) {
    if ((tcpFlags & Tcp.RST) != 0) {
      return State.CLOSED;
    }
    if ((tcpFlags & Tcp.FIN) != 0) {
      if (isReply) {
        replyFinished = true;
      } else {
        originalFinished = true;
      }
    }
    return before != State.CLOSED && originalFinished && replyFinished ? State.CLOSING : before;
  }

  /**
   * RFC 5382, REQ-5 for TCP; RFC 4787, REQ-5 for UDP. Nobody checks the sequence number of a RST,
   * so that a forged one must not cut a connection off: it leaves the transitory time too, anew
   * with each packet that goes on.
   */
  private long lifetime(State of) {
    if (protocol == IpProtocol.TCP) {
      return switch (of) {
        case OPENING, CLOSING, CLOSED -> 240 * SECOND;
        case ESTABLISHED -> 7440 * SECOND;
      };
    }
    boolean query = protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6;
    return query ? 60 * SECOND : of == State.OPENING ? 120 * SECOND : 300 * SECOND;
  }
}
