package org.xdp4j.net.stack;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.net.route.Neighbor;
import org.xdp4j.net.route.NeighborState;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Packets that wait for a neighbour: first come, first sent, bounded a neighbour and in all. When a
 * neighbour's queue is full the oldest makes room (RFC 4861, section 7.2.2). Owned by one worker.
 */
final class HoldQueue {
  /** Where packets go on. */
  interface Continuation {
    /** The neighbour is known: send the packet. */
    void resume(PacketBuffer packet, Interface in, Interface out, long mac);

    /** The neighbour does not answer: refuse the packet. */
    void fail(PacketBuffer packet, Interface in);
  }

  private record Held(PacketBuffer packet, Interface in, Interface out, Continuation next) {}

  private final StackContext context;
  private final Map<Neighbor, ArrayDeque<Held>> waiting = new IdentityHashMap<>();

  HoldQueue(StackContext context) {
    this.context = context;
  }

  boolean isEmpty() {
    return context.heldForNeighbors == 0;
  }

  /**
   * Keeps a packet.
   *
   * @param in the interface it came in on; null for one of our own
   */
  Outcome hold(
      PacketBuffer packet, Interface in, Interface out, Neighbor neighbor, Continuation next) {
    ArrayDeque<Held> queue = waiting.computeIfAbsent(neighbor, key -> new ArrayDeque<>());
    if (queue.size() >= context.settings.heldPerNeighbor()) {
      release();
      context.exit.drop(queue.removeFirst().packet, DropReason.NEIGHBOR_QUEUE_FULL);
    } else if (context.held() >= context.settings.held()) {
      if (queue.isEmpty()) {
        waiting.remove(neighbor);
      }
      return context.exit.drop(packet, DropReason.NEIGHBOR_QUEUE_FULL);
    }
    queue.addLast(new Held(packet, in, out, next));
    context.heldForNeighbors++;
    return context.exit.hold();
  }

  private void release() {
    context.heldForNeighbors--;
    context.exit.unhold();
  }

  /** Sends on or refuses what waits for neighbours about whom more is known now. */
  void poll() {
    if (isEmpty()) {
      return;
    }
    List<Neighbor> settled = new ArrayList<>();
    for (Neighbor neighbor : waiting.keySet()) {
      NeighborState state = neighbor.state();
      if (state != NeighborState.INCOMPLETE && state != NeighborState.NONE) {
        settled.add(neighbor);
      }
    }
    for (Neighbor neighbor : settled) {
      // Taken out first: what is sent may have to wait again, for this one or another.
      ArrayDeque<Held> queue = waiting.remove(neighbor);
      settle(neighbor, queue);
    }
  }

  private void settle(Neighbor neighbor, ArrayDeque<Held> queue) {
    long link = neighbor.link();
    boolean usable = Neighbor.state(link).isUsable();
    for (Held held : queue) {
      release();
      if (usable) {
        held.next.resume(held.packet, held.in, held.out, Neighbor.mac(link));
      } else {
        held.next.fail(held.packet, held.in);
      }
    }
  }

  /** Drops all. */
  void clear() {
    for (ArrayDeque<Held> queue : waiting.values()) {
      for (Held held : queue) {
        release();
        context.exit.drop(held.packet, DropReason.STOPPED);
      }
    }
    waiting.clear();
  }
}
