package org.xdp4j.net.stack;

import org.xdp4j.net.wire.PacketBuffer;

/**
 * What a worker offers its stack. Every packet handed over here leaves the stack for good. Called
 * by the worker's own thread, from within {@link Stack#receive}, {@link Stack#send} and {@link
 * Stack#tick}; must not call back.
 */
public interface Output {
  /** Sends a frame out of a port. */
  void transmit(PacketBuffer packet, int port);

  /**
   * Whether there is a port: what the stack says of its own accord waits for it. While ports and
   * interfaces come and go one of them is there before the other.
   */
  default boolean hasPort(int port) {
    return true;
  }

  /**
   * Sends frames of a batch out of a port.
   *
   * @param from the first of them
   * @param to one past the last
   */
  default void transmit(PacketBuffer[] packets, int from, int to, int port) {
    for (int i = from; i < to; i++) {
      transmit(packets[i], port);
    }
  }

  /** Takes back a packet that the stack itself consumed. */
  void deliver(PacketBuffer packet);

  /** Takes a packet that is not for the stack. Called only where a router says that punts are. */
  void punt(PacketBuffer packet, int port, PuntReason reason);

  /** Takes back a packet that goes no further. */
  void drop(PacketBuffer packet, DropReason reason);

  /**
   * Hands out an empty packet for something the stack has to say.
   *
   * @param length bytes between data and dataEnd, not zeroed; at least 64 bytes of headroom are
   *     before them
   * @return null when there is none
   */
  PacketBuffer acquire(int length);

  /**
   * Shows a frame as it came in on an interface that is mirrored; it still belongs to the stack.
   */
  default void mirror(PacketBuffer packet, int port) {}
}
