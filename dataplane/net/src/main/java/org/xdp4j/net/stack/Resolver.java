package org.xdp4j.net.stack;

import org.xdp4j.net.route.Neighbor;
import org.xdp4j.net.route.NeighborState;
import org.xdp4j.net.route.Neighbors;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.MacAddress;
import org.xdp4j.net.wire.PacketBuffer;

/** Finds the hardware address of a packet's next hop, or keeps the packet. Owned by one worker. */
final class Resolver implements Neighbors.Solicitor {
  /** Answers of {@link #mac}: the packet has to wait, or cannot. */
  static final long UNKNOWN = -1;

  private final StackContext context;
  private final HoldQueue held;
  private final ArpSender arp;
  private final NdSender nd;

  Resolver(StackContext context, HoldQueue held, ArpSender arp, NdSender nd) {
    this.context = context;
    this.held = held;
    this.arp = arp;
    this.nd = nd;
  }

  /** The hardware address of an IPv4 packet's next hop, or {@link #UNKNOWN}. */
  long mac4(NextHop hop, Interface out, int destination) {
    if (hop.gateway() != null) {
      return gatewayMac(hop);
    }
    return mac(context.router.neighbors().find(out.index, false, (long) destination << 32, 0));
  }

  /** The hardware address of an IPv6 packet's next hop, or {@link #UNKNOWN}. */
  long mac6(NextHop hop, Interface out, long high, long low) {
    if (hop.gateway() != null) {
      return gatewayMac(hop);
    }
    return high >>> 56 == 0xff
        ? MacAddress.ofGroup6(low)
        : mac(context.router.neighbors().find(out.index, true, high, low));
  }

  private long gatewayMac(NextHop hop) {
    Neighbor entry = hop.cached();
    if (entry == null) {
      entry = context.router.neighbors().find(hop.interfaceIndex(), hop.gateway());
      if (entry != null) {
        hop.cache(entry);
      }
    }
    return mac(entry);
  }

  private long mac(Neighbor entry) {
    if (entry == null) {
      return UNKNOWN;
    }
    long link = entry.link();
    NeighborState state = Neighbor.state(link);
    if (state == NeighborState.STALE) {
      context.router.neighbors().used(entry, context.now);
    }
    if (!state.isUsable()) {
      return UNKNOWN;
    }
    if (!held.isEmpty()) {
      held.settle(entry); // What came before goes before, whoever found the neighbour.
    }
    return Neighbor.mac(link);
  }

  /** Keeps a packet until its next hop is resolved. */
  Outcome hold(
      PacketBuffer packet,
      Interface in,
      Interface out,
      IpAddress target,
      HoldQueue.Continuation next) {
    if (!canAsk(out, target)) {
      return context.exit.drop(packet, DropReason.NO_SOURCE_ADDRESS);
    }
    Neighbors neighbors = context.router.neighbors();
    Neighbor entry = neighbors.resolve(out.index, target, context.now, this);
    if (entry == null) {
      return context.exit.drop(packet, DropReason.NEIGHBOR_TABLE_FULL);
    }
    return held.hold(packet, in, out, entry, next);
  }

  /** Whether there is, or may soon be, an address to ask for a neighbour from. */
  private boolean canAsk(Interface out, IpAddress target) {
    return target.isIpv6()
        ? out.ipv6.length != 0
        : out.ipv4.length != 0 || context.borrowed4() != 0;
  }

  @Override
  public void solicit(Neighbor neighbor, boolean unicast) {
    Interface out = context.byIndex(neighbor.interfaceIndex());
    if (out == null || !out.isUp()) {
      return;
    }
    if (neighbor.address().isIpv6()) {
      nd.solicit(out, neighbor.address(), unicast ? neighbor.mac() : -1);
    } else {
      arp.request(out, neighbor.address().ipv4(), unicast ? neighbor.mac() : -1);
    }
  }
}
