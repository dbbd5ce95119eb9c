package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.Icmp;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * An IPv4 packet that came in: checks what every router checks (RFC 1812, sections 5.2.2 and 5.3)
 * and finds out where it belongs. Owned by one worker.
 */
final class Ipv4Input {
  private final StackContext context;
  private final Ipv4Forwarder forwarder;
  private final Ipv4Local local;
  private final Icmp4Errors errors;
  private final ForwardPolicy policy;
  private final SourceRouting sourceRoutes;

  Ipv4Input(
      StackContext context,
      Ipv4Forwarder forwarder,
      Ipv4Local local,
      Icmp4Errors errors,
      ForwardPolicy policy) {
    this.policy = policy;
    this.sourceRoutes = new SourceRouting(context, forwarder, local, errors);
    this.context = context;
    this.forwarder = forwarder;
    this.local = local;
    this.errors = errors;
  }

  Outcome receive(PacketBuffer packet, Interface in) {
    DropReason wrong = checkHeader(packet);
    if (wrong != null) {
      return drop(packet, wrong);
    }
    MemorySegment memory = context.memory;
    long ip = packet.network;
    int source = Ipv4.source(memory, ip);
    int destination = Ipv4.destination(memory, ip);
    wrong = checkAddresses(packet, in, source, destination);
    if (wrong != null) {
      return drop(packet, wrong);
    }
    int options = 0;
    if (Ipv4.headerSize(memory, ip) > Ipv4.MIN_SIZE) {
      options = Ipv4Options.check(memory, ip);
      if (Ipv4Options.isMalformed(options)) {
        errors.send(packet, Icmp.PARAMETER_PROBLEM, 0, Ipv4Options.pointer(options) << 24);
        return drop(packet, DropReason.IPV4_BAD_OPTIONS);
      }
      if ((options & Ipv4Options.SOURCE_ROUTE) != 0 && !in.sourceRoute) {
        return drop(packet, DropReason.IPV4_SOURCE_ROUTE);
      }
    }
    if (destination == Ipv4Addresses.LIMITED_BROADCAST) {
      return local.toAll(packet, in, PuntReason.BROADCAST);
    }
    if (Ipv4Addresses.isMulticast(destination)) {
      return local.toAll(packet, in, PuntReason.MULTICAST);
    }
    return route(packet, in, destination, options);
  }

  /** RFC 1812, section 5.2.2; the link's padding behind the packet is cut off. */
  private DropReason checkHeader(PacketBuffer packet) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    long available = packet.dataEnd - ip;
    if (available < Ipv4.MIN_SIZE) {
      return DropReason.IPV4_TRUNCATED;
    }
    int header = Ipv4.headerSize(memory, ip);
    int total = Ipv4.totalLength(memory, ip);
    if (Ipv4.version(memory, ip) != 4 || header < Ipv4.MIN_SIZE || total < header) {
      return DropReason.IPV4_BAD_HEADER;
    }
    if (total > available) {
      return DropReason.IPV4_TRUNCATED;
    }
    if (Checksum.of(memory, ip, header) != 0) {
      return DropReason.IPV4_BAD_CHECKSUM;
    }
    packet.dataEnd = ip + total;
    return null;
  }

  private DropReason checkAddresses(
      PacketBuffer packet, Interface in, int source, int destination) {
    // A host that does not know its address yet sends from 0.0.0.0 to all (RFC 1122, 3.2.1.3).
    boolean initial = source == 0 && destination == Ipv4Addresses.LIMITED_BROADCAST;
    if (!Ipv4Addresses.isStation(source) && !initial) {
      return DropReason.MARTIAN_SOURCE;
    }
    if (context.topology.isOwn(source)) {
      return DropReason.MARTIAN_SOURCE; // Linux refuses it as well.
    }
    boolean group =
        Ipv4Addresses.isMulticast(destination) || destination == Ipv4Addresses.LIMITED_BROADCAST;
    if (!group && !Ipv4Addresses.isStation(destination)) {
      return DropReason.MARTIAN_DESTINATION;
    }
    if (in.reversePath != ReversePath.OFF && !initial) {
      return checkReversePath(in, source);
    }
    return null;
  }

  /** RFC 3704, sections 2.2 and 2.4. */
  private DropReason checkReversePath(Interface in, int source) {
    Route back = context.way4(source);
    if (back != null && (back.type() == RouteType.LOCAL || back.type() == RouteType.BROADCAST)) {
      return DropReason.MARTIAN_SOURCE;
    }
    return leadsTo(back, in) ? null : DropReason.REVERSE_PATH;
  }

  static boolean leadsTo(Route back, Interface in) {
    if (back == null || back.type() != RouteType.UNICAST) {
      return false;
    }
    boolean found = in.reversePath == ReversePath.LOOSE;
    for (int i = 0; i < back.hopCount() && !found; i++) {
      NextHop hop = back.hop(i);
      found = hop.interfaceIndex() == in.index;
    }
    return found;
  }

  private Outcome route(PacketBuffer packet, Interface in, int destination, int options) {
    Route route = context.way4(destination);
    if (route == null) {
      if (packet.linkGroup) {
        return drop(packet, DropReason.LINK_BROADCAST);
      }
      if (!in.forwarding) {
        return drop(packet, DropReason.FORWARDING_OFF); // A host is silent (RFC 1122, 3.2.1.3).
      }
      errors.send(packet, Icmp.UNREACHABLE, Icmp.NET_UNREACHABLE, 0);
      return drop(packet, DropReason.NO_ROUTE);
    }
    switch (route.type()) {
      case LOCAL, ANYCAST -> {
        // RFC 1122, section 3.3.6: a packet to one station in a frame to many is not taken.
        if (packet.linkGroup) {
          return drop(packet, DropReason.LINK_BROADCAST);
        }
        if ((options & Ipv4Options.ROUTE_LEFT) != 0) {
          return sourceRoutes.follow(packet, in, options);
        }
        if (policy.inbound(packet)) {
          return inside(packet, in, options);
        }
        Outcome early = policy.unclear(packet, in);
        return early != null ? early : local.receive(packet, in, options);
      }
      case BROADCAST -> {
        return directedBroadcast(packet, in, route);
      }
      default -> {
        // RFC 1812, section 5.3.4.
        if (packet.linkGroup) {
          return drop(packet, DropReason.LINK_BROADCAST);
        }
        if ((options & Ipv4Options.STRICT) != 0) {
          return sourceRoutes.stray(packet);
        }
        Outcome outcome = forwarder.forward(packet, in, route, options);
        return outcome != null ? outcome : route(packet, in, destination, options);
      }
    }
  }

  /** To an address of ours that stands for one inside. */
  private Outcome inside(PacketBuffer packet, Interface in, int options) {
    Route route = context.way4((int) (packet.translateDestination >>> 16));
    if (route == null || route.type() == RouteType.LOCAL || route.type() == RouteType.BROADCAST) {
      errors.send(packet, Icmp.UNREACHABLE, Icmp.HOST_UNREACHABLE, 0);
      return drop(packet, DropReason.NO_ROUTE);
    }
    Outcome outcome = forwarder.forward(packet, in, route, options);
    return outcome != null ? outcome : inside(packet, in, options);
  }

  /** RFC 1812, section 5.3.5.2 and RFC 2644: heard on its own link, not sent to another. */
  private Outcome directedBroadcast(PacketBuffer packet, Interface in, Route route) {
    Interface link = context.byIndex(route.hop(0).interfaceIndex());
    if (link == in) {
      return local.toAll(packet, in, PuntReason.BROADCAST);
    }
    if (link == null || !link.directedBroadcast || packet.linkGroup) {
      return drop(packet, DropReason.DIRECTED_BROADCAST);
    }
    return forwarder.broadcast(packet, in, link);
  }

  private Outcome drop(PacketBuffer packet, DropReason reason) {
    return context.exit.drop(packet, reason);
  }
}
