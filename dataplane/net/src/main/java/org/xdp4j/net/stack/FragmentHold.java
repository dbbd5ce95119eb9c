package org.xdp4j.net.stack;

import java.util.ArrayDeque;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Fragments that came before the first of their datagram, which alone says whose they are (RFC
 * 4787, REQ-14). They wait for it for a second; at most {@value #MOST} do, and none that the
 * packets waiting for neighbours have no room for. When there are too many the oldest makes room,
 * so that who sends fragments without a first harms none but other fragments out of order. Owned by
 * one worker.
 */
final class FragmentHold {
  /** Where fragments go on. */
  interface Continuation {
    /** The first fragment is known: takes the packet as it came in. */
    void resume(PacketBuffer packet, Interface in);
  }

  static final int MOST = 64;

  private static final long PATIENCE = 1_000_000_000L;

  private record Held(PacketBuffer packet, int in, int port, long datagram, long until) {}

  private final StackContext context;
  private final ArrayDeque<Held> waiting = new ArrayDeque<>();
  private boolean due;

  FragmentHold(StackContext context) {
    this.context = context;
  }

  /** Keeps a fragment until the first of its datagram comes. */
  Outcome hold(PacketBuffer packet, Interface in, long datagram) {
    boolean full = waiting.size() == MOST || context.held() >= context.settings.held();
    if (full && waiting.isEmpty()) {
      return context.exit.drop(packet, DropReason.FRAGMENT_WITHOUT_FIRST);
    }
    if (full) {
      release();
    }
    long until = context.now + PATIENCE;
    waiting.addLast(new Held(packet, in.index, context.port, datagram, until));
    context.heldFragments++;
    return context.exit.hold();
  }

  private Held next() {
    context.heldFragments--;
    context.exit.unhold();
    return waiting.removeFirst();
  }

  private void release() {
    context.exit.drop(next().packet, DropReason.FRAGMENT_WITHOUT_FIRST);
  }

  /** A first fragment came. */
  void firstCame() {
    due = !waiting.isEmpty();
  }

  /** Whether a first fragment came since the last {@link #poll}, and others wait. */
  boolean isDue() {
    return due;
  }

  /** Sends on what is known more of by now, and drops what waited for too long. */
  void poll(Continuation continuation) {
    due = false;
    int port = context.port;
    for (int left = waiting.size(); left > 0 && !waiting.isEmpty(); left--) {
      Held held = next();
      if (context.router.fragments().isKnown(held.datagram, context.now)) {
        resume(held, continuation);
      } else if (context.now - held.until >= 0) {
        context.exit.drop(held.packet, DropReason.FRAGMENT_WITHOUT_FIRST);
      } else {
        waiting.addLast(held);
        context.heldFragments++;
        context.exit.hold();
      }
    }
    context.port = port;
  }

  private void resume(Held held, Continuation continuation) {
    Interface in = context.topology.byIndex(held.in);
    if (in == null || !in.isUp()) {
      context.exit.drop(held.packet, DropReason.INTERFACE_DOWN);
      return;
    }
    context.port = held.port;
    continuation.resume(held.packet, in);
  }

  /** Drops all. */
  void clear() {
    while (!waiting.isEmpty()) {
      context.exit.drop(next().packet, DropReason.STOPPED);
    }
  }
}
