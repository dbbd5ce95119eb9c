package org.xdp4j.net.stack;

import java.util.ArrayDeque;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * The fragments of a packet behind its first, while they are made and sent: all or none. Owned by
 * one worker.
 */
final class LaterFragments {
  private final StackContext context;
  private final ArrayDeque<PacketBuffer> made = new ArrayDeque<>();

  LaterFragments(StackContext context) {
    this.context = context;
  }

  /** One more, its header not written yet; null when no packet can be had for it. */
  PacketBuffer add(int length) {
    PacketBuffer packet = context.exit.acquire(length);
    if (packet != null) {
      made.addLast(packet);
    }
    return packet;
  }

  /** Sends the first and all behind it. */
  Outcome send(PacketBuffer first, Interface out, long mac, int type) {
    Outcome outcome = context.link.send(first, out, mac, type);
    while (!made.isEmpty()) {
      context.link.send(made.peekFirst(), out, mac, type);
      made.removeFirst();
    }
    return outcome;
  }

  /** Drops them all. */
  void drop(DropReason reason) {
    while (!made.isEmpty()) {
      context.exit.drop(made.removeFirst(), reason);
    }
  }
}
