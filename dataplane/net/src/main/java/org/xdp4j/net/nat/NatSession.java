package org.xdp4j.net.nat;

import org.xdp4j.net.flow.TcpProgress;

/** A TCP connection of a mapping's inside endpoint with one outside. Workers may touch it. */
final class NatSession extends TcpProgress {
  private static final long SECOND = 1_000_000_000L;

  final long remote;
  private volatile long expires = Long.MIN_VALUE;

  NatSession(long remote) {
    this.remote = remote;
  }

  /** Takes note of a segment; writes the time only when that changes by a second or more. */
  void saw(boolean fromOutside, int tcpFlags, long now) {
    saw(fromOutside, tcpFlags);
    long until = now + lifetime();
    long before = expires;
    if (before == Long.MIN_VALUE || Math.abs(until - before) > SECOND) {
      expires = until;
    }
  }

  long expires() {
    return expires;
  }

  boolean isExpired(long now) {
    return now >= expires;
  }
}
