package org.xdp4j.net.filter;

import org.xdp4j.net.flow.FlowKey;
import org.xdp4j.net.flow.KeyEntry;
import org.xdp4j.net.flow.TcpProgress;
import org.xdp4j.net.wire.IpProtocol;

/** A connection that was accepted, in both directions. Workers may touch it at the same time. */
public final class Connection {
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
  private final TcpProgress tcp;
  private volatile boolean answered;
  private volatile long expires;

  Connection(FlowKey key) {
    protocol = key.protocol;
    tcp = protocol == IpProtocol.TCP ? new TcpProgress() : null;
    symmetric =
        !isEcho(key)
            && key.sourceHigh == key.destinationHigh
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
            word(key.isIpv6, key.protocol, key.sourcePort, key.destinationPort, false));
    reply =
        new Direction(
            this,
            true,
            key.destinationHigh,
            key.destinationLow,
            key.sourceHigh,
            key.sourceLow,
            word(key.isIpv6, key.protocol, key.destinationPort, key.sourcePort, isEcho(key)));
  }

  private static boolean isEcho(FlowKey key) {
    return key.isIcmp() && key.hasPorts;
  }

  /** An echo request of one side and a reply of the other are one; two requests are not. */
  static long word(
      boolean ipv6, int protocol, int sourcePort, int destinationPort, boolean isEchoReply) {
    return (ipv6 ? 1L << 56 : 0)
        | (isEchoReply ? 1L << 57 : 0)
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

  /** How far it got. */
  public TcpProgress.State state() {
    if (tcp != null) {
      return tcp.state();
    }
    return answered ? TcpProgress.State.ESTABLISHED : TcpProgress.State.OPENING;
  }

  boolean isExpired(long now) {
    return now >= expires;
  }

  /** Whether a packet like this begins a new connection in this one's place. */
  boolean isOverFor(int tcpFlags) {
    return tcp != null && tcp.isOverFor(tcpFlags);
  }

  /** Takes note of a packet. */
  void saw(boolean isReply, int tcpFlags, long now) {
    if (tcp != null) {
      tcp.saw(isReply, tcpFlags);
    } else if (isReply && !answered) {
      answered = true;
    }
    long until = now + lifetime();
    long change = until - expires;
    if (change > SECOND || change < -SECOND) {
      expires = until;
    }
  }

  /** RFC 5382, REQ-5 for TCP; RFC 4787, REQ-5 for UDP. */
  private long lifetime() {
    if (tcp != null) {
      return tcp.lifetime();
    }
    boolean query = protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6;
    return query ? 60 * SECOND : answered ? 300 * SECOND : 120 * SECOND;
  }
}
