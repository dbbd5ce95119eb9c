package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.PacketBuffer;

/** Sends IPv4 packets made here. Owned by one worker. */
final class Ipv4Sender implements HoldQueue.Continuation {
  private final StackContext context;
  private final Resolver resolver;
  private final Ipv4Fragmenter fragmenter;
  private NextHop hop;
  private Interface out;
  private int source;

  Ipv4Sender(StackContext context, Resolver resolver, Ipv4Fragmenter fragmenter) {
    this.context = context;
    this.resolver = resolver;
    this.fragmenter = fragmenter;
  }

  /** Looks for a way to a destination and an address to send from; says whether there is one. */
  boolean prepare(int destination) {
    Route route = context.way4(destination);
    if (route == null || route.type() != RouteType.UNICAST) {
      return false;
    }
    hop = context.select(route, destination * 0x9E3779B9);
    out = hop == null ? null : context.byIndex(hop.interfaceIndex());
    if (out == null) {
      // Its interfaces may have left since the route was found, for which there is another then.
      return context.way4(destination) != route && prepare(destination);
    }
    boolean gateway4 = hop.gateway() != null && !hop.gateway().isIpv6();
    source = context.source4(out, gateway4 ? hop.gateway().ipv4() : destination);
    return source != 0;
  }

  /** The source address for the destination prepared last. */
  int preparedSource() {
    return source;
  }

  /** Sends a whole packet to the destination prepared last. */
  Outcome sendPrepared(PacketBuffer packet) {
    int destination = Ipv4.destination(context.memory, packet.network);
    long mac = resolver.mac4(hop, out, destination);
    if (mac != Resolver.UNKNOWN) {
      return emit(packet, out, mac);
    }
    IpAddress target = hop.gateway() != null ? hop.gateway() : IpAddress.of(destination);
    return resolver.hold(packet, null, out, target, this);
  }

  /** Sends a packet whose header is written, wherever its destination is. */
  Outcome send(PacketBuffer packet) {
    if (!prepare(Ipv4.destination(context.memory, packet.network))) {
      return context.exit.drop(packet, DropReason.NO_ROUTE);
    }
    return sendPrepared(packet);
  }

  @Override
  public void resume(PacketBuffer packet, Interface in, Interface to, long mac) {
    emit(packet, to, mac);
  }

  private Outcome emit(PacketBuffer packet, Interface to, long mac) {
    MemorySegment memory = context.memory;
    int size = packet.segmentTo != 0 ? packet.segmentTo : Ipv4.totalLength(memory, packet.network);
    return size <= to.mtu
        ? context.link.send(packet, to, mac, EtherType.IPV4)
        : fragmenter.send(packet, to, mac);
  }

  @Override
  public void fail(PacketBuffer packet, Interface in) {
    context.exit.drop(packet, DropReason.NEIGHBOR_FAILED);
  }
}
