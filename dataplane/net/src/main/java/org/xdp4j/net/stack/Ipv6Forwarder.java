package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.flow.FlowHash;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Icmp6;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Forwards IPv6 packets (RFC 8200; RFC 4443). Everything is decided on the packet as it came;
 * {@link #resume} is the first to write to it. Owned by one worker.
 */
final class Ipv6Forwarder implements HoldQueue.Continuation {
  private final StackContext context;
  private final Resolver resolver;
  private final Icmp6Errors errors;
  private final Icmp6Redirects redirects;
  private final ForwardPolicy policy;
  private final FlowHash flows = new FlowHash();

  Ipv6Forwarder(
      StackContext context,
      Resolver resolver,
      Icmp6Errors errors,
      Icmp6Redirects redirects,
      ForwardPolicy policy) {
    this.policy = policy;
    this.redirects = redirects;
    this.context = context;
    this.resolver = resolver;
    this.errors = errors;
  }

  /**
   * Forwards a packet along a route that is not to ourselves.
   *
   * @return null when the route was replaced since it was found, and its interfaces are gone
   */
  Outcome forward(PacketBuffer packet, Interface in, Route route) {
    DropReason refused = refuse(packet, in, route);
    if (refused != null) {
      return context.exit.drop(packet, refused);
    }
    NextHop hop = select(packet, route);
    Interface out = hop == null ? null : context.byIndex(hop.interfaceIndex());
    if (out == null) {
      MemorySegment memory = context.memory;
      long ip = packet.network;
      long high = Ipv6.destinationHigh(memory, ip);
      if (context.way6(high, Ipv6.destinationLow(memory, ip)) != route) {
        return null;
      }
      errors.send(packet, in, Icmp6.UNREACHABLE, Icmp6.NO_ROUTE, 0);
      return context.exit.drop(packet, DropReason.OUTPUT_DOWN);
    }
    int size =
        packet.segmentTo != 0
            ? packet.segmentFor(out.mtu)
            : (int) (packet.dataEnd - packet.network);
    if (size > out.mtu) {
      tooBig(packet, in, out);
      return context.exit.drop(packet, DropReason.FRAGMENTATION_NEEDED);
    }
    DropReason wrong = policy.check(packet, in, out);
    if (wrong == DropReason.FRAGMENT_WITHOUT_FIRST) {
      return policy.hold(packet, in);
    }
    if (wrong != null) {
      if (policy.isReject()) {
        errors.send(packet, in, Icmp6.UNREACHABLE, Icmp6.PROHIBITED, 0);
      }
      return context.exit.drop(packet, wrong);
    }
    if (out == in && in.redirects) {
      redirects.send(packet, in, hop);
    }
    MemorySegment memory = context.memory;
    long high = Ipv6.destinationHigh(memory, packet.network);
    long low = Ipv6.destinationLow(memory, packet.network);
    long mac = resolver.mac6(hop, out, high, low);
    if (mac == Resolver.UNKNOWN) {
      IpAddress target = hop.gateway() != null ? hop.gateway() : IpAddress.of(high, low);
      return resolver.hold(packet, in, out, target, this);
    }
    return finish(packet, out, mac);
  }

  /** Why a packet is not forwarded, its sender having been told; null when it is. */
  private DropReason refuse(PacketBuffer packet, Interface in, Route route) {
    if (!in.forwarding) {
      return DropReason.FORWARDING_OFF;
    }
    MemorySegment memory = context.memory;
    long ip = packet.network;
    long high = Ipv6.sourceHigh(memory, ip);
    if (Ipv6Addresses.isUnspecified(high, Ipv6.sourceLow(memory, ip))) {
      return DropReason.MARTIAN_SOURCE; // RFC 4291, section 2.5.2
    }
    if (Ipv6Addresses.isLinkLocal(high)) {
      errors.send(packet, in, Icmp6.UNREACHABLE, Icmp6.BEYOND_SCOPE, 0);
      return DropReason.LINK_LOCAL;
    }
    DropReason special = special(packet, in, route);
    if (special != null) {
      return special;
    }
    if (Ipv6.hopLimit(memory, ip) <= 1) {
      errors.send(packet, in, Icmp6.TIME_EXCEEDED, 0, 0);
      return DropReason.TTL_EXCEEDED;
    }
    return null;
  }

  private DropReason special(PacketBuffer packet, Interface in, Route route) {
    return switch (route.type()) {
      case BLACKHOLE -> DropReason.BLACKHOLE;
      case UNREACHABLE -> {
        errors.send(packet, in, Icmp6.UNREACHABLE, Icmp6.NO_ROUTE, 0);
        yield DropReason.UNREACHABLE_ROUTE;
      }
      case PROHIBIT -> {
        errors.send(packet, in, Icmp6.UNREACHABLE, Icmp6.PROHIBITED, 0);
        yield DropReason.PROHIBITED_ROUTE;
      }
      default -> null;
    };
  }

  /**
   * No host sends less than the minimum MTU at once (RFC 8200, section 5): over a link that cannot
   * take that, what is larger is told so far, and the rest that there is no way.
   */
  private void tooBig(PacketBuffer packet, Interface in, Interface out) {
    if (packet.segmentTo != 0 || packet.dataEnd - packet.network > Ipv6.MIN_MTU) {
      errors.send(packet, in, Icmp6.PACKET_TOO_BIG, 0, Math.max(out.mtu, Ipv6.MIN_MTU));
    } else {
      errors.send(packet, in, Icmp6.UNREACHABLE, Icmp6.ADDRESS_UNREACHABLE, 0);
    }
  }

  private NextHop select(PacketBuffer packet, Route route) {
    boolean one = route.hopCount() == 1;
    int hash = one ? 0 : flows.hashPacket(context.memory, packet.network, packet.dataEnd);
    return context.select(route, hash);
  }

  private Outcome finish(PacketBuffer packet, Interface out, long mac) {
    MemorySegment memory = context.memory;
    Ipv6.putHopLimit(memory, packet.network, Ipv6.hopLimit(memory, packet.network) - 1);
    return context.link.send(packet, out, mac, EtherType.IPV6);
  }

  @Override
  public void resume(PacketBuffer packet, Interface in, Interface out, long mac) {
    finish(packet, out, mac);
  }

  /** RFC 4861, section 7.2.2: the next hop does not answer. */
  @Override
  public void fail(PacketBuffer packet, Interface in) {
    errors.send(packet, in, Icmp6.UNREACHABLE, Icmp6.ADDRESS_UNREACHABLE, 0);
    context.exit.drop(packet, DropReason.NEIGHBOR_FAILED);
  }
}
