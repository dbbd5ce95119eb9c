package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.PacketBuffer;

/** Sends IPv6 packets made here. Owned by one worker. */
final class Ipv6Sender implements HoldQueue.Continuation {
  private final StackContext context;
  private final Resolver resolver;
  private final Ipv6Fragmenter fragmenter;
  private NextHop hop;
  private Interface out;
  private InterfaceAddress source;

  Ipv6Sender(StackContext context, Resolver resolver) {
    this.context = context;
    this.resolver = resolver;
    this.fragmenter = new Ipv6Fragmenter(context);
  }

  /**
   * Looks for a way to a destination and an address to send from; says whether there is one.
   *
   * @param link the interface that link-local destinations and groups are on
   */
  boolean prepare(long high, long low, Interface link) {
    if (Ipv6Addresses.isLinkLocal(high) || Ipv6Addresses.isMulticast(high)) {
      hop = null;
      out = link;
    } else {
      Route route = context.way6(high, low);
      if (route == null || route.type() != RouteType.UNICAST) {
        return false;
      }
      hop = context.select(route, (int) (low ^ low >>> 32) * 0x9E3779B9);
      out = hop == null ? null : context.byIndex(hop.interfaceIndex());
      if (out == null && context.way6(high, low) != route) {
        return prepare(high, low, link); // Interfaces left since the route was found.
      }
    }
    if (out == null || !out.isUp()) {
      return false;
    }
    source = out.source6(high, low);
    if (source == null) {
      source = anyAddress(high, low);
    }
    return source != null;
  }

  /** Whether the destination prepared last is a station on this link, not behind another. */
  boolean isStraight(Interface link) {
    return out == link && (hop == null || hop.gateway() == null);
  }

  private InterfaceAddress anyAddress(long high, long low) {
    for (Interface each : context.topology.interfaces()) {
      InterfaceAddress own = Ipv6Addresses.isLinkLocal(high) ? null : each.source6(high, low);
      if (own != null) {
        return own;
      }
    }
    return out.linkLocal6();
  }

  /** Writes the source address: {@code preferred}, or the one for the destination prepared last. */
  void putSource(long ip, InterfaceAddress preferred) {
    IpAddress from = (preferred != null ? preferred : source).address();
    Ipv6.putSource(context.memory, ip, from.high(), from.low());
  }

  /** Sends a whole packet to the destination prepared last. */
  Outcome sendPrepared(PacketBuffer packet) {
    MemorySegment memory = context.memory;
    long high = Ipv6.destinationHigh(memory, packet.network);
    long low = Ipv6.destinationLow(memory, packet.network);
    NextHop way = hop != null ? hop : out.onLink;
    long mac = resolver.mac6(way, out, high, low);
    if (mac != Resolver.UNKNOWN) {
      return emit(packet, out, mac);
    }
    IpAddress target = way.gateway() != null ? way.gateway() : IpAddress.of(high, low);
    return resolver.hold(packet, null, out, target, this);
  }

  /** Sends a packet whose header is written; {@code link} as in {@link #prepare}. */
  Outcome send(PacketBuffer packet, Interface link) {
    MemorySegment memory = context.memory;
    long high = Ipv6.destinationHigh(memory, packet.network);
    return prepare(high, Ipv6.destinationLow(memory, packet.network), link)
        ? sendPrepared(packet)
        : context.exit.drop(packet, DropReason.NO_ROUTE);
  }

  private Outcome emit(PacketBuffer packet, Interface to, long mac) {
    int size = packet.segmentTo != 0 ? packet.segmentTo : (int) (packet.dataEnd - packet.network);
    if (size <= to.mtu) {
      return context.link.send(packet, to, mac, EtherType.IPV6);
    }
    return packet.segmentTo != 0
        ? context.exit.drop(packet, DropReason.FRAGMENTATION_NEEDED)
        : fragmenter.send(packet, to, mac);
  }

  @Override
  public void resume(PacketBuffer packet, Interface in, Interface to, long mac) {
    emit(packet, to, mac);
  }

  @Override
  public void fail(PacketBuffer packet, Interface in) {
    context.exit.drop(packet, DropReason.NEIGHBOR_FAILED);
  }
}
