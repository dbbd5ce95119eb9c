package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.Icmp;
import org.xdp4j.net.wire.Icmp6;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.Mld;
import org.xdp4j.net.wire.PacketBuffer;
import org.xdp4j.net.wire.Udp;

/**
 * IPv6 packets to ourselves: neighbour and listener discovery, echo (RFC 4443, section 4.2);
 * everything else is punted, or refused where nobody takes punts. Owned by one worker.
 */
final class Ipv6Local {
  private static final int REASSEMBLY = 1;

  /** How long a packet's parts wait for the rest (RFC 8200, section 4.5). */
  private static final long PATIENCE = 60_000_000_000L;

  private final StackContext context;
  private final Ipv6Sender sender;
  private final Icmp6Errors errors;
  private final Ipv6Extensions extensions;
  private final NdInput neighborDiscovery;
  private final MldInput listenerDiscovery;
  private final TcpResets resets;
  private final Reassembly reassembly;

  Ipv6Local(
      StackContext context,
      Ipv6Sender sender,
      Icmp6Errors errors,
      Ipv6Extensions extensions,
      NdInput neighborDiscovery,
      MldInput listenerDiscovery,
      TcpResets resets,
      Reassembly reassembly) {
    this.reassembly = reassembly;
    this.resets = resets;
    this.context = context;
    this.sender = sender;
    this.errors = errors;
    this.extensions = extensions;
    this.neighborDiscovery = neighborDiscovery;
    this.listenerDiscovery = listenerDiscovery;
  }

  Outcome receive(PacketBuffer packet, Interface in) {
    return receive(packet, in, false);
  }

  private Outcome receive(PacketBuffer packet, Interface in, boolean cameInParts) {
    DropReason wrong = extensions.walk(packet, in);
    if (wrong != null) {
      return context.exit.drop(packet, wrong);
    }
    boolean isIcmp = extensions.upper() == IpProtocol.ICMPV6;
    if (!isIcmp && context.router.punts()) {
      return context.exit.punt(packet, context.port, PuntReason.LOCAL);
    }
    if (extensions.isFragment()) {
      return fragment(packet, in);
    }
    if (!isIcmp) {
      return refuse(packet, in);
    }
    return icmp(packet, in, extensions.upperAt(), cameInParts || extensions.hasFragmentHeader());
  }

  private Outcome fragment(PacketBuffer packet, Interface in) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    long header = extensions.upperAt() - Ipv6.FRAGMENT_SIZE;
    int field = Ipv6.fragment(memory, header);
    boolean isLast = (field & Ipv6.MORE_FRAGMENTS) == 0;
    int before = (int) (extensions.upperAt() - ip);
    int offset = field & Ipv6.OFFSET_MASK;
    int payload = (int) (packet.dataEnd - extensions.upperAt());
    if (!isLast && payload % 8 != 0) {
      errors.send(packet, in, Icmp6.PARAMETER_PROBLEM, Icmp6.BAD_FIELD, 4);
      return context.exit.drop(packet, DropReason.FRAGMENT_TO_US);
    }
    if (offset + payload > Reassembly.MAX_SIZE) {
      int pointer = before - Ipv6.FRAGMENT_SIZE + 2;
      errors.send(packet, in, Icmp6.PARAMETER_PROBLEM, Icmp6.BAD_FIELD, pointer);
      return context.exit.drop(packet, DropReason.FRAGMENT_TO_US);
    }
    Reassembly.Key key =
        new Reassembly.Key(
            true,
            Ipv6.sourceHigh(memory, ip),
            Ipv6.sourceLow(memory, ip),
            Ipv6.destinationHigh(memory, ip),
            Ipv6.destinationLow(memory, ip),
            0,
            Ipv6.fragmentIdentification(memory, header));
    Reassembly.Part part = new Reassembly.Part(packet, before, offset, isLast);
    PacketBuffer whole = reassembly.take(key, part, in, PATIENCE, this::late);
    if (whole == null) {
      return reassembly.outcome();
    }
    takeOut(whole, whole.network + reassembly.header() - Ipv6.FRAGMENT_SIZE);
    return receive(whole, in, true);
  }

  /** Takes the fragment header out of a packet made whole, which it could make too long. */
  private void takeOut(PacketBuffer whole, long fragment) {
    MemorySegment memory = context.memory;
    Bytes.put8(memory, nextHeaderAt(whole, fragment), Bytes.u8(memory, fragment));
    long to = whole.network + Ipv6.FRAGMENT_SIZE;
    Bytes.copy(memory, whole.network, to, fragment - whole.network);
    whole.network = to;
    whole.data = to;
    Bytes.put16(memory, to + 4, whole.length() - Ipv6.SIZE);
  }

  private void late(PacketBuffer first, Interface in) {
    errors.send(first, in, Icmp6.TIME_EXCEEDED, REASSEMBLY, 0);
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
        long kindAt = nextHeaderAt(packet, extensions.upperAt());
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

  /** Where the kind of a header is written: in the one before it (RFC 8200, section 4). */
  private long nextHeaderAt(PacketBuffer packet, long header) {
    MemorySegment memory = context.memory;
    long kindAt = packet.network + 6;
    long at = packet.network + Ipv6.SIZE;
    while (at < header) {
      int kind = Bytes.u8(memory, kindAt);
      kindAt = at;
      at += Ipv6.extensionSize(memory, at, kind);
    }
    return kindAt;
  }

  private Outcome icmp(PacketBuffer packet, Interface in, long icmp, boolean inParts) {
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
          inParts
              ? context.exit.drop(packet, DropReason.ND_INVALID)
              : neighborDiscovery.receive(packet, in, icmp);
      case Mld.QUERY, Mld.REPORT_1 -> listenerDiscovery.receive(packet, in, icmp);
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
