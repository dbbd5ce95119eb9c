package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Icmp;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Sends packets on that came to one of the addresses their sender had them visit (RFC 791, section
 * 3.1; RFC 1812, sections 5.2.4.1 and 5.3.13.4), where that is allowed. Owned by one worker.
 */
final class SourceRouting {
  /** Where in a header its destination is (RFC 792: what a parameter problem points at). */
  private static final int DESTINATION = 16;

  private final StackContext context;
  private final Ipv4Forwarder forwarder;
  private final Ipv4Local local;
  private final Icmp4Errors errors;

  SourceRouting(
      StackContext context, Ipv4Forwarder forwarder, Ipv4Local local, Icmp4Errors errors) {
    this.context = context;
    this.forwarder = forwarder;
    this.local = local;
    this.errors = errors;
  }

  /**
   * A packet to an address of ours that has others to visit. Where a filter or NAT looks at what is
   * forwarded it goes no further: they decide by the destination it came with.
   */
  Outcome follow(PacketBuffer packet, Interface in, int options) {
    if (context.router.filter() != null || context.router.nat() != null) {
      return context.exit.drop(packet, DropReason.IPV4_SOURCE_ROUTE);
    }
    MemorySegment memory = context.memory;
    long ip = packet.network;
    long option = ip + Ipv4Options.sourceRoute(memory, ip);
    int size = Bytes.u8(memory, option + 1);
    int address = 0;
    for (int next = Bytes.u8(memory, option + 2); next + 3 <= size; next += 4) {
      address = Bytes.i32(memory, option + next - 1);
      Route route = Ipv4Addresses.isStation(address) ? context.way4(address) : null;
      if (route == null || route.type() != RouteType.UNICAST && route.type() != RouteType.LOCAL) {
        errors.send(packet, Icmp.UNREACHABLE, Icmp.SOURCE_ROUTE_FAILED, 0);
        return context.exit.drop(packet, DropReason.IPV4_SOURCE_ROUTE);
      }
      if (route.type() == RouteType.UNICAST) {
        packet.sourceRouteHop = address;
        Outcome outcome = forwarder.forward(packet, in, route, options);
        return outcome != null ? outcome : follow(packet, in, options);
      }
    }
    // All that were left are ours, and the last is whom it is for (as in Linux).
    Ipv4.putDestination(memory, ip, address);
    Ipv4.seal(memory, ip);
    return local.receive(packet, in, options & ~Ipv4Options.ROUTE_LEFT);
  }

  /** A packet that came here though its strict source route does not have it visit us. */
  Outcome stray(PacketBuffer packet) {
    errors.send(packet, Icmp.PARAMETER_PROBLEM, 0, DESTINATION << 24);
    return context.exit.drop(packet, DropReason.IPV4_SOURCE_ROUTE);
  }
}
