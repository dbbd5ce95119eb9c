package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.Icmp;
import org.xdp4j.net.wire.Icmp6;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.PacketBuffer;
import org.xdp4j.net.wire.Udp;

/**
 * IPv6 packets to ourselves: neighbour discovery, echo (RFC 4443, section 4.2); everything else is
 * punted, or refused where nobody takes punts. Owned by one worker.
 */
final class Ipv6Local {
  private final StackContext context;
  private final Ipv6Sender sender;
  private final Icmp6Errors errors;
  private final Ipv6Extensions extensions;
  private final NdInput neighborDiscovery;
  private final TcpResets resets;

  Ipv6Local(
      StackContext context,
      Ipv6Sender sender,
      Icmp6Errors errors,
      Ipv6Extensions extensions,
      NdInput neighborDiscovery,
      TcpResets resets) {
    this.resets = resets;
    this.context = context;
    this.sender = sender;
    this.errors = errors;
    this.extensions = extensions;
    this.neighborDiscovery = neighborDiscovery;
  }

  Outcome receive(PacketBuffer packet, Interface in) {
    DropReason wrong = extensions.walk(packet, in);
    if (wrong != null) {
      return context.exit.drop(packet, wrong);
    }
    if (extensions.upper() == IpProtocol.ICMPV6 && !extensions.isFragment()) {
      return icmp(packet, in, extensions.upperAt());
    }
    if (context.router.punts()) {
      return context.exit.punt(packet, context.port, PuntReason.LOCAL);
    }
    return extensions.isFragment()
        ? context.exit.drop(packet, DropReason.FRAGMENT_TO_US)
        : refuse(packet, in);
  }

  private Outcome refuse(PacketBuffer packet, Interface in) {
    switch (extensions.upper()) {
      case IpProtocol.UDP, IpProtocol.UDP_LITE -> {
        if (extensions.upper() == IpProtocol.UDP && !isSound(packet)) {
          return context.exit.drop(packet, DropReason.UDP_MALFORMED);
        }
        errors.send(packet, in, Icmp6.UNREACHABLE, Icmp6.PORT_UNREACHABLE, 0);
      }
      case IpProtocol.TCP -> {
        if (errors.own(packet) != null) { // No connection is to an anycast address, as in Linux.
          resets.send6(packet, in, extensions.upperAt());
        }
      }
      case IpProtocol.NO_NEXT_HEADER -> {
        // Nothing was asked of us.
      }
      default -> {
        long kindAt = lastNextHeader(packet);
        extensions.problem(packet, in, Icmp6.UNKNOWN_NEXT_HEADER, kindAt);
      }
    }
    return context.exit.drop(packet, DropReason.NO_LISTENER);
  }

  private boolean isSound(PacketBuffer packet) {
    MemorySegment memory = context.memory;
    long udp = extensions.upperAt();
    long available = packet.dataEnd - udp;
    int length = available < Udp.SIZE ? 0 : Udp.length(memory, udp);
    long pseudo = Checksum.pseudoHeader6(memory, packet.network, IpProtocol.UDP, length);
    return packet.checksumPartial || Udp.isSound(memory, udp, available, pseudo, false);
  }

  /** Where the upper layer's protocol is written: in the header before it (RFC 4443, 3.4). */
  private long lastNextHeader(PacketBuffer packet) {
    MemorySegment memory = context.memory;
    long kindAt = packet.network + 6;
    long at = packet.network + Ipv6.SIZE;
    while (at < extensions.upperAt()) {
      int kind = Bytes.u8(memory, kindAt);
      kindAt = at;
      at += Ipv6.extensionSize(memory, at, kind);
    }
    return kindAt;
  }

  private Outcome icmp(PacketBuffer packet, Interface in, long icmp) {
    MemorySegment memory = context.memory;
    int length = (int) (packet.dataEnd - icmp);
    if (length < Icmp.SIZE || !Icmp6.isSound(memory, packet.network, icmp, length)) {
      return context.exit.drop(packet, DropReason.ICMP_MALFORMED);
    }
    int type = Icmp.type(memory, icmp);
    return switch (type) {
      case Icmp6.ECHO_REQUEST -> echo(packet, in, icmp);
      case Icmp6.ROUTER_SOLICITATION,
          Icmp6.ROUTER_ADVERTISEMENT,
          Icmp6.NEIGHBOR_SOLICITATION,
          Icmp6.NEIGHBOR_ADVERTISEMENT ->
          // Switches that guard a link do not look behind a fragment header (RFC 6980, section 5).
          extensions.hasFragmentHeader()
              ? context.exit.drop(packet, DropReason.ND_INVALID)
              : neighborDiscovery.receive(packet, in, icmp);
      default ->
          context.router.punts()
              ? context.exit.punt(packet, context.port, PuntReason.ICMP)
              : context.exit.deliver(packet);
    };
  }

  /** The request becomes the reply; it goes out without the extension headers it came with. */
  private Outcome echo(PacketBuffer packet, Interface in, long icmp) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    long high = Ipv6.sourceHigh(memory, ip);
    long low = Ipv6.sourceLow(memory, ip);
    // From the address asked if that is ours alone, not from a group's or an anycast address.
    boolean fromAsked = errors.own(packet) != null;
    long askedHigh = Ipv6.destinationHigh(memory, ip);
    long askedLow = Ipv6.destinationLow(memory, ip);
    if (Ipv6Addresses.isUnspecified(high, low) || !sender.prepare(high, low, in)) {
      return context.exit.drop(packet, DropReason.ICMP_IGNORED);
    }
    int length = (int) (packet.dataEnd - icmp);
    Bytes.put8(memory, icmp, Icmp6.ECHO_REPLY);
    Bytes.put16(
        memory,
        icmp + 2,
        Checksum.update(
            Icmp.checksum(memory, icmp), Icmp6.ECHO_REQUEST << 8, Icmp6.ECHO_REPLY << 8));
    long header = icmp - Ipv6.SIZE;
    packet.network = header;
    packet.linkGroup = false;
    Ipv6.write(memory, header, 0, length, IpProtocol.ICMPV6, context.settings.hopLimit());
    Ipv6.putDestination(memory, header, high, low);
    if (fromAsked) {
      Ipv6.putSource(memory, header, askedHigh, askedLow);
    } else {
      sender.putSource(header, null);
      Icmp6.seal(memory, header, icmp, length);
    }
    return sender.sendPrepared(packet);
  }
}
