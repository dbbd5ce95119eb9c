package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.Icmp6;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * An IPv6 packet that came in: checks the header (RFC 8200, section 3; RFC 4291) and finds out
 * where it belongs. Owned by one worker.
 */
final class Ipv6Input {
  private final StackContext context;
  private final Ipv6Forwarder forwarder;
  private final Ipv6Local local;
  private final Icmp6Errors errors;
  private final Ipv6Extensions extensions;

  Ipv6Input(
      StackContext context,
      Ipv6Forwarder forwarder,
      Ipv6Local local,
      Icmp6Errors errors,
      Ipv6Extensions extensions) {
    this.context = context;
    this.forwarder = forwarder;
    this.local = local;
    this.errors = errors;
    this.extensions = extensions;
  }

  Outcome receive(PacketBuffer packet, Interface in) {
    DropReason wrong = checkHeader(packet);
    if (wrong == null) {
      wrong = checkAddresses(packet, in);
    }
    if (wrong == null && Ipv6.nextHeader(context.memory, packet.network) == IpProtocol.HOP_BY_HOP) {
      wrong = extensions.hopByHop(packet, in);
    }
    if (wrong != null) {
      return context.exit.drop(packet, wrong);
    }
    return Ipv6Addresses.isMulticast(Ipv6.destinationHigh(context.memory, packet.network))
        ? multicast(packet, in)
        : unicast(packet, in);
  }

  private DropReason checkHeader(PacketBuffer packet) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    long available = packet.dataEnd - ip;
    if (available < Ipv6.SIZE) {
      return DropReason.IPV6_TRUNCATED;
    }
    if (Ipv6.version(memory, ip) != 6) {
      return DropReason.IPV6_BAD_HEADER;
    }
    int length = Ipv6.SIZE + Ipv6.payloadLength(memory, ip);
    if (length > available) {
      return DropReason.IPV6_TRUNCATED;
    }
    packet.dataEnd = ip + length;
    return null;
  }

  private DropReason checkAddresses(PacketBuffer packet, Interface in) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    long high = Ipv6.sourceHigh(memory, ip);
    long low = Ipv6.sourceLow(memory, ip);
    long toHigh = Ipv6.destinationHigh(memory, ip);
    long toLow = Ipv6.destinationLow(memory, ip);
    if (Ipv6Addresses.isMulticast(high) || Ipv6Addresses.isMartian(high, low)) {
      return DropReason.MARTIAN_SOURCE;
    }
    if (Ipv6Addresses.isUnspecified(toHigh, toLow)
        || Ipv6Addresses.isMartian(toHigh, toLow)
        || Ipv6Addresses.isMulticast(toHigh) && Ipv6Addresses.scope(toHigh) <= 1) {
      return DropReason.MARTIAN_DESTINATION;
    }
    if (packet.linkGroup && !Ipv6Addresses.isMulticast(toHigh)) {
      return DropReason.LINK_BROADCAST;
    }
    boolean scoped = Ipv6Addresses.isLinkLocal(high) || Ipv6Addresses.isUnspecified(high, low);
    return in.reversePath == ReversePath.OFF || scoped ? null : checkReversePath(in, high, low);
  }

  private DropReason checkReversePath(Interface in, long high, long low) {
    Route back = context.way6(high, low);
    if (back != null && back.type() == RouteType.LOCAL) {
      return DropReason.MARTIAN_SOURCE;
    }
    return Ipv4Input.leadsTo(back, in) ? null : DropReason.REVERSE_PATH;
  }

  private Outcome multicast(PacketBuffer packet, Interface in) {
    MemorySegment memory = context.memory;
    long high = Ipv6.destinationHigh(memory, packet.network);
    long low = Ipv6.destinationLow(memory, packet.network);
    if (in.listensTo(high, low)) {
      return local.receive(packet, in);
    }
    return context.router.punts()
        ? context.exit.punt(packet, context.port, PuntReason.MULTICAST)
        : context.exit.drop(packet, DropReason.MULTICAST);
  }

  private Outcome unicast(PacketBuffer packet, Interface in) {
    MemorySegment memory = context.memory;
    long high = Ipv6.destinationHigh(memory, packet.network);
    long low = Ipv6.destinationLow(memory, packet.network);
    if (Ipv6Addresses.isLinkLocal(high)) {
      InterfaceAddress own = in.find6(high, low);
      return own != null && own.isPreferred()
          ? local.receive(packet, in)
          : context.exit.drop(packet, DropReason.LINK_LOCAL);
    }
    Route route = context.way6(high, low);
    if (route == null) {
      errors.send(packet, in, Icmp6.UNREACHABLE, Icmp6.NO_ROUTE, 0);
      return context.exit.drop(packet, DropReason.NO_ROUTE);
    }
    return switch (route.type()) {
      case ANYCAST -> local.receive(packet, in);
      case LOCAL -> {
        Interface owner = context.byIndex(route.hop(0).interfaceIndex());
        InterfaceAddress own = owner == null ? null : owner.find6(high, low);
        yield own != null && own.isPreferred()
            ? local.receive(packet, in)
            : context.exit.drop(packet, DropReason.NO_LISTENER);
      }
      default -> {
        Outcome outcome = forwarder.forward(packet, in, route);
        yield outcome != null ? outcome : unicast(packet, in);
      }
    };
  }
}
