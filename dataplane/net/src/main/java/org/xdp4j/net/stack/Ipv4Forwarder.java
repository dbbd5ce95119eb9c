package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.flow.FlowHash;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.Icmp;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Forwards IPv4 packets (RFC 1812, section 5.2.1.2 and 5.3). Everything is decided on the packet as
 * it came; {@link #resume} is the first to write to it. Owned by one worker.
 */
final class Ipv4Forwarder implements HoldQueue.Continuation {
  private final StackContext context;
  private final Resolver resolver;
  private final Ipv4Fragmenter fragmenter;
  private final Icmp4Errors errors;
  private final ForwardPolicy policy;
  private final FlowHash flows = new FlowHash();

  Ipv4Forwarder(
      StackContext context,
      Resolver resolver,
      Ipv4Fragmenter fragmenter,
      Icmp4Errors errors,
      ForwardPolicy policy) {
    this.policy = policy;
    this.context = context;
    this.resolver = resolver;
    this.fragmenter = fragmenter;
    this.errors = errors;
  }

  /**
   * Forwards a packet along a route that is not to ourselves.
   *
   * @return null when the route was replaced since it was found, and its interfaces are gone
   */
  Outcome forward(PacketBuffer packet, Interface in, Route route, int options) {
    DropReason refused = refuse(packet, in, route);
    if (refused != null) {
      return context.exit.drop(packet, refused);
    }
    NextHop hop = select(packet, route);
    Interface out = hop == null ? null : context.byIndex(hop.interfaceIndex());
    if (out == null) {
      if (context.way4(destination(packet)) != route) {
        return null;
      }
      errors.send(packet, Icmp.UNREACHABLE, Icmp.NET_UNREACHABLE, 0);
      return context.exit.drop(packet, DropReason.OUTPUT_DOWN);
    }
    if ((options & Ipv4Options.STRICT) != 0 && hop.gateway() != null) {
      errors.send(packet, Icmp.UNREACHABLE, Icmp.SOURCE_ROUTE_FAILED, 0);
      return context.exit.drop(packet, DropReason.IPV4_SOURCE_ROUTE);
    }
    if (isTooBig(packet, out)) {
      errors.send(packet, Icmp.UNREACHABLE, Icmp.FRAGMENTATION_NEEDED, out.mtu);
      return context.exit.drop(packet, DropReason.FRAGMENTATION_NEEDED);
    }
    DropReason wrong = policy.check(packet, in, out);
    if (wrong == DropReason.FRAGMENT_WITHOUT_FIRST) {
      return policy.hold(packet, in);
    }
    if (wrong != null) {
      policy.tell(packet, errors);
      return context.exit.drop(packet, wrong);
    }
    if (out == in && in.redirects && options == 0 && packet.translateDestination == 0) {
      redirect(packet, in, hop);
    }
    int destination = destination(packet);
    long mac = resolver.mac4(hop, out, destination);
    if (mac == Resolver.UNKNOWN) {
      IpAddress target = hop.gateway() != null ? hop.gateway() : IpAddress.of(destination);
      return resolver.hold(packet, in, out, target, this);
    }
    return finish(packet, out, mac);
  }

  /**
   * Sends a packet to all stations of another link, whose policy allows it (RFC 2644). Whatever
   * keeps it from there, its sender is not told (RFC 1812, section 4.3.2.7).
   */
  Outcome broadcast(PacketBuffer packet, Interface in, Interface out) {
    DropReason refused = stays(packet, in);
    if (refused == null && hasExpired(packet)) {
      refused = DropReason.TTL_EXCEEDED;
    }
    if (refused == null && isTooBig(packet, out)) {
      refused = DropReason.FRAGMENTATION_NEEDED;
    }
    if (refused == null) {
      refused = policy.check(packet, in, out);
    }
    return refused != null
        ? context.exit.drop(packet, refused)
        : finish(packet, out, Ethernet.BROADCAST);
  }

  /** Why a packet is not forwarded, its sender having been told; null when it is. */
  private DropReason refuse(PacketBuffer packet, Interface in, Route route) {
    DropReason stays = stays(packet, in);
    if (stays == null) {
      stays = special(packet, route);
    }
    if (stays == null && hasExpired(packet)) {
      errors.send(packet, Icmp.TIME_EXCEEDED, 0, 0); // RFC 1812, section 5.3.1
      return DropReason.TTL_EXCEEDED;
    }
    return stays;
  }

  /** Why a packet stays on the link it came from, which nobody is told; null when it may leave. */
  private DropReason stays(PacketBuffer packet, Interface in) {
    if (!in.forwarding) {
      return DropReason.FORWARDING_OFF;
    }
    MemorySegment memory = context.memory;
    long ip = packet.network;
    return Ipv4Addresses.isLinkLocal(Ipv4.source(memory, ip))
            || Ipv4Addresses.isLinkLocal(Ipv4.destination(memory, ip))
            || Ipv4Addresses.isLinkLocal(packet.sourceRouteHop)
        ? DropReason.LINK_LOCAL // RFC 3927, section 7
        : null;
  }

  private boolean hasExpired(PacketBuffer packet) {
    return Ipv4.ttl(context.memory, packet.network) <= 1;
  }

  private DropReason special(PacketBuffer packet, Route route) {
    return switch (route.type()) {
      case BLACKHOLE -> DropReason.BLACKHOLE;
      case UNREACHABLE -> {
        errors.send(packet, Icmp.UNREACHABLE, Icmp.HOST_UNREACHABLE, 0);
        yield DropReason.UNREACHABLE_ROUTE;
      }
      case PROHIBIT -> {
        errors.send(packet, Icmp.UNREACHABLE, Icmp.PROHIBITED, 0);
        yield DropReason.PROHIBITED_ROUTE;
      }
      default -> null;
    };
  }

  private NextHop select(PacketBuffer packet, Route route) {
    boolean one = route.hopCount() == 1;
    int hash = one ? 0 : flows.hashPacket(context.memory, packet.network, packet.dataEnd);
    return context.select(route, hash);
  }

  private boolean isTooBig(PacketBuffer packet, Interface out) {
    if (packet.segmentTo != 0) {
      return packet.segmentFor(out.mtu) > out.mtu;
    }
    MemorySegment memory = context.memory;
    return size(packet) > out.mtu
        && (Ipv4.fragment(memory, packet.network) & Ipv4.DONT_FRAGMENT) != 0;
  }

  /** Where the packet goes: to whom NAT or its source route sends it, else its destination. */
  private int destination(PacketBuffer packet) {
    if (packet.sourceRouteHop != 0) {
      return packet.sourceRouteHop;
    }
    return packet.translateDestination != 0
        ? (int) (packet.translateDestination >>> 16)
        : Ipv4.destination(context.memory, packet.network);
  }

  private int size(PacketBuffer packet) {
    return packet.segmentTo != 0
        ? packet.segmentTo
        : Ipv4.totalLength(context.memory, packet.network);
  }

  /** RFC 1812, section 5.2.7.2: the sender could have reached the next hop itself. */
  private void redirect(PacketBuffer packet, Interface in, NextHop hop) {
    int source = Ipv4.source(context.memory, packet.network);
    int gateway =
        hop.gateway() == null
            ? Ipv4.destination(context.memory, packet.network)
            : hop.gateway().isIpv6() ? 0 : hop.gateway().ipv4();
    for (InterfaceAddress own : in.ipv4) {
      if (own.prefix().contains((long) source << 32, 0)
          && own.prefix().contains((long) gateway << 32, 0)) {
        errors.send(packet, Icmp.REDIRECT, 1, gateway);
        return;
      }
    }
  }

  private Outcome finish(PacketBuffer packet, Interface out, long mac) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    decrementTtl(ip);
    policy.apply(packet);
    if (Ipv4.headerSize(memory, ip) > Ipv4.MIN_SIZE) {
      follow(packet, out);
      record(ip, out);
    }
    if (size(packet) > out.mtu) {
      return fragmenter.send(packet, out, mac);
    }
    return context.link.send(packet, out, mac, EtherType.IPV4);
  }

  private void decrementTtl(long ip) {
    MemorySegment memory = context.memory;
    int word = Bytes.u16(memory, ip + 8);
    Bytes.put16(memory, ip + 8, word - 0x100);
    int checksum = Ipv4.checksum(memory, ip);
    Ipv4.putChecksum(memory, ip, Checksum.update(checksum, word, word - 0x100));
  }

  private void follow(PacketBuffer packet, Interface out) {
    int next = packet.sourceRouteHop;
    if (next != 0) {
      packet.sourceRouteHop = 0;
      Ipv4Options.follow(context.memory, packet.network, next, context.source4(out, next));
      Ipv4.seal(context.memory, packet.network);
    }
  }

  private void record(long ip, Interface out) {
    MemorySegment memory = context.memory;
    if ((Ipv4Options.check(memory, ip) & Ipv4Options.RECORDS) == 0) {
      return;
    }
    int own = context.source4(out, Ipv4.destination(memory, ip));
    if (own != 0) {
      Ipv4Options.record(memory, ip, own, context.topology, context.now / 1_000_000);
      Ipv4.seal(memory, ip);
    }
  }

  @Override
  public void resume(PacketBuffer packet, Interface in, Interface out, long mac) {
    finish(packet, out, mac);
  }

  /** RFC 1812, section 5.2.7.1: the next hop does not answer. */
  @Override
  public void fail(PacketBuffer packet, Interface in) {
    errors.send(packet, Icmp.UNREACHABLE, Icmp.HOST_UNREACHABLE, 0);
    context.exit.drop(packet, DropReason.NEIGHBOR_FAILED);
  }
}
