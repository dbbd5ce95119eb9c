package org.xdp4j.net.stack;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.net.route.Neighbor;
import org.xdp4j.net.route.NeighborState;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Packets that wait for a neighbour: first come, first sent, bounded a neighbour and in all. When a
 * neighbour's queue is full its oldest packet makes room (RFC 4861, section 7.2.2). When there are
 * too many in all, it is the one that has waited longest on the link and of the family that have
 * most of them: packets to addresses nobody has keep those to a neighbour that answers from waiting
 * neither on their own link nor on others. Owned by one worker.
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

  /** What waits on one link for neighbours of one family, in the order they were asked for. */
  private static final class Share {
    final Map<Neighbor, ArrayDeque<Held>> waiting = new LinkedHashMap<>();
    int count;
  }

  private final StackContext context;
  private final Map<Integer, Share> shares = new HashMap<>();

  /** The shares in the order they came to be, so that equal stacks do the same. */
  private final List<Share> all = new ArrayList<>();

  private int seen;

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
    Share share = share(neighbor);
    ArrayDeque<Held> queue = share.waiting.get(neighbor);
    if (queue != null && queue.size() >= context.settings.heldPerNeighbor()) {
      dropFirst(share, neighbor, queue);
    } else if (context.held() >= context.settings.held() && !makeRoom()) {
      return context.exit.drop(packet, DropReason.NEIGHBOR_QUEUE_FULL);
    }
    share
        .waiting
        .computeIfAbsent(neighbor, key -> new ArrayDeque<>())
        .addLast(new Held(packet, in, out, next));
    share.count++;
    context.heldForNeighbors++;
    return context.exit.hold();
  }

  private static int key(Neighbor neighbor) {
    return neighbor.interfaceIndex() << 1 | (neighbor.address().isIpv6() ? 1 : 0);
  }

  private Share share(Neighbor neighbor) {
    Share share = shares.get(key(neighbor));
    if (share == null) {
      share = new Share();
      shares.put(key(neighbor), share);
      all.add(share);
    }
    return share;
  }

  private boolean makeRoom() {
    Share largest = null;
    for (Share each : all) {
      largest = largest == null || each.count > largest.count ? each : largest;
    }
    if (largest == null || largest.count == 0) {
      return false;
    }
    Map.Entry<Neighbor, ArrayDeque<Held>> first = largest.waiting.entrySet().iterator().next();
    dropFirst(largest, first.getKey(), first.getValue());
    return true;
  }

  private void dropFirst(Share share, Neighbor neighbor, ArrayDeque<Held> queue) {
    Held oldest = queue.removeFirst();
    if (queue.isEmpty()) {
      share.waiting.remove(neighbor);
    }
    release(share);
    context.exit.drop(oldest.packet, DropReason.NEIGHBOR_QUEUE_FULL);
  }

  private void release(Share share) {
    share.count--;
    context.heldForNeighbors--;
    context.exit.unhold();
  }

  /**
   * Sends on or refuses what waits for neighbours about whom more is known now. Looks at them only
   * if there is anybody new to be known, here or at another worker.
   */
  void poll() {
    if (isEmpty()) {
      return;
    }
    int settled = context.router.neighbors().settled();
    if (settled != seen) {
      seen = settled;
      pollAll();
    }
  }

  /** Looks at all neighbours that packets wait for. */
  void pollAll() {
    if (isEmpty()) {
      return;
    }
    List<Neighbor> settled = new ArrayList<>();
    for (Share share : all) {
      for (Neighbor neighbor : share.waiting.keySet()) {
        NeighborState state = neighbor.state();
        if (state != NeighborState.INCOMPLETE && state != NeighborState.NONE) {
          settled.add(neighbor);
        }
      }
    }
    settled.forEach(this::settle);
  }

  /** Sends on or refuses what waits for a neighbour, if anything does. */
  void settle(Neighbor neighbor) {
    Share share = shares.get(key(neighbor));
    // Taken out first: what is sent may have to wait again, for this one or another.
    ArrayDeque<Held> queue = share == null ? null : share.waiting.remove(neighbor);
    if (queue == null) {
      return;
    }
    long link = neighbor.link();
    boolean usable = Neighbor.state(link).isUsable();
    RuntimeException failure = null;
    for (Held held : queue) {
      long others = context.exit.difference();
      release(share);
      try {
        if (usable) {
          held.next.resume(held.packet, held.in, held.out, Neighbor.mac(link));
        } else {
          held.next.fail(held.packet, held.in);
        }
      } catch (RuntimeException e) {
        // A bug of ours, which costs this packet and none of those behind it.
        failure = e;
        if (context.exit.difference() > others) {
          context.exit.drop(held.packet, DropReason.INTERNAL_ERROR);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Drops all. */
  void clear() {
    for (Share share : all) {
      for (ArrayDeque<Held> queue : share.waiting.values()) {
        for (Held held : queue) {
          release(share);
          context.exit.drop(held.packet, DropReason.STOPPED);
        }
      }
      share.waiting.clear();
    }
  }
}
