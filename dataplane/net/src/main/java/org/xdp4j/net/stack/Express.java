package org.xdp4j.net.stack;

import org.xdp4j.net.wire.PacketBuffer;

/**
 * The short way of most packets a router forwards: IPv4 without options or IPv6 without options for
 * routers, no VLAN tag, to us as the router, one next hop whose address is known, out of another
 * interface, small enough, and nobody who wants to be asked (filter, NAT, policer, mirror, reverse
 * path). Eight loads and stores of the frame find that out and send it; {@code bench/run forward}
 * says what that saves.
 *
 * <p>It decides nothing by itself: a frame that fails any of its checks is left exactly as it was
 * to the long way ({@link LinkInput}), which knows every rule and every reason. Owned by one
 * worker. {@link ExpressFactory} makes it.
 */
abstract class Express {
  /** What {@link #forward} says of a frame that this way is not for. */
  static final int LONG_WAY = -1;

  /** Frames come in from the port in the context; says whether any of them may go this way. */
  abstract boolean begin();

  /** A frame went the long way: what is known of next hops may have changed. */
  abstract void forget();

  /** Counts what went this way since {@link #begin}. */
  abstract void end();

  /**
   * Makes a frame that may go this way ready to be sent.
   *
   * @return the port to {@link #send} it by, or {@link #LONG_WAY}: nothing has happened to it then
   */
  abstract int forward(PacketBuffer frame);

  /** Sends frames of a batch that are ready, if they go by a port. */
  abstract void send(PacketBuffer[] frames, int from, int to, int port);

  /** Sends one. */
  abstract void send(PacketBuffer frame, int port);

  /** Looks at frames that are about to be received at a time, whatever way they will go. */
  abstract void expect(PacketBuffer[] frames, int count, long now);
}
