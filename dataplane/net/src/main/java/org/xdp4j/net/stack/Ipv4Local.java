package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.Icmp;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.PacketBuffer;
import org.xdp4j.net.wire.Udp;

/**
 * IPv4 packets to ourselves: echo requests are answered (RFC 1122, section 3.2.2.6), everything
 * else is punted, or refused where nobody takes punts. Owned by one worker.
 */
final class Ipv4Local {
  private static final int REASSEMBLY = 1;

  /** How long a datagram's parts wait for the rest, as in Linux (RFC 1122, 3.3.2 says 60 s). */
  private static final long PATIENCE = 30_000_000_000L;

  private final StackContext context;
  private final Ipv4Sender sender;
  private final Icmp4Errors errors;
  private final TcpResets resets;
  private final Reassembly reassembly;

  Ipv4Local(
      StackContext context,
      Ipv4Sender sender,
      Icmp4Errors errors,
      TcpResets resets,
      Reassembly reassembly) {
    this.reassembly = reassembly;
    this.resets = resets;
    this.context = context;
    this.sender = sender;
    this.errors = errors;
  }

  /** A packet to all stations of its link, or to a group. */
  Outcome toAll(PacketBuffer packet, Interface in, PuntReason reason) {
    if (context.router.punts()) {
      return context.exit.punt(packet, context.port, reason);
    }
    return context.exit.drop(
        packet, reason == PuntReason.MULTICAST ? DropReason.MULTICAST : DropReason.BROADCAST);
  }

  /** A packet to an address of ours. */
  Outcome receive(PacketBuffer packet, Interface in, int options) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    if (!context.topology.isOwn(Ipv4.destination(memory, ip))) {
      return context.exit.drop(packet, DropReason.NO_LISTENER);
    }
    boolean isIcmp = Ipv4.protocol(memory, ip) == IpProtocol.ICMP;
    if (!isIcmp && context.router.punts()) {
      return context.exit.punt(packet, context.port, PuntReason.LOCAL);
    }
    if (Ipv4.isFragment(memory, ip)) {
      return fragment(packet, in, options);
    }
    return isIcmp ? icmp(packet, in) : refuse(packet);
  }

  private Outcome fragment(PacketBuffer packet, Interface in, int options) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    int field = Ipv4.fragment(memory, ip);
    boolean isLast = (field & Ipv4.MORE_FRAGMENTS) == 0;
    int header = Ipv4.headerSize(memory, ip);
    int payload = (int) (packet.dataEnd - ip) - header;
    if (!isLast && payload % 8 != 0) {
      return context.exit.drop(packet, DropReason.FRAGMENT_TO_US);
    }
    Reassembly.Key key =
        new Reassembly.Key(
            false,
            0,
            Ipv4.source(memory, ip),
            0,
            Ipv4.destination(memory, ip),
            Ipv4.protocol(memory, ip),
            Ipv4.identification(memory, ip));
    int offset = (field & Ipv4.OFFSET_MASK) * 8;
    Reassembly.Part part = new Reassembly.Part(packet, header, offset, isLast);
    PacketBuffer whole = reassembly.take(key, part, in, PATIENCE, this::late);
    if (whole == null) {
      return reassembly.outcome();
    }
    Ipv4.putTotalLength(memory, whole.network, whole.length());
    Ipv4.putFragment(memory, whole.network, 0);
    Ipv4.seal(memory, whole.network);
    return receive(whole, in, options);
  }

  private void late(PacketBuffer first, Interface in) {
    errors.send(first, Icmp.TIME_EXCEEDED, REASSEMBLY, 0);
  }

  /** RFC 1122, section 3.2.2.1: nobody here speaks the protocol, or listens to the port. */
  private Outcome refuse(PacketBuffer packet) {
    int protocol = Ipv4.protocol(context.memory, packet.network);
    boolean port = protocol == IpProtocol.UDP || protocol == IpProtocol.UDP_LITE;
    if (protocol == IpProtocol.UDP && !isSound(packet)) {
      return context.exit.drop(packet, DropReason.UDP_MALFORMED);
    }
    if (port) {
      errors.send(packet, Icmp.UNREACHABLE, Icmp.PORT_UNREACHABLE, 0);
    } else if (protocol == IpProtocol.TCP) {
      resets.send4(packet);
    } else {
      errors.send(packet, Icmp.UNREACHABLE, Icmp.PROTOCOL_UNREACHABLE, 0);
    }
    return context.exit.drop(packet, DropReason.NO_LISTENER);
  }

  private boolean isSound(PacketBuffer packet) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    long udp = ip + Ipv4.headerSize(memory, ip);
    long available = packet.dataEnd - udp;
    int from = Ipv4.source(memory, ip);
    int to = Ipv4.destination(memory, ip);
    int length = available < Udp.SIZE ? 0 : Udp.length(memory, udp);
    long pseudo = Checksum.pseudoHeader4(from, to, IpProtocol.UDP, length);
    return packet.checksumPartial || Udp.isSound(memory, udp, available, pseudo, true);
  }

  private Outcome icmp(PacketBuffer packet, Interface in) {
    MemorySegment memory = context.memory;
    long icmp = packet.network + Ipv4.headerSize(memory, packet.network);
    long length = packet.dataEnd - icmp;
    if (length < Icmp.SIZE || Checksum.of(memory, icmp, length) != 0) {
      return context.exit.drop(packet, DropReason.ICMP_MALFORMED);
    }
    if (Icmp.type(memory, icmp) == Icmp.ECHO_REQUEST && Icmp.code(memory, icmp) == 0) {
      return echo(packet, icmp);
    }
    return context.router.punts()
        ? context.exit.punt(packet, context.port, PuntReason.ICMP)
        : context.exit.deliver(packet);
  }

  /** The request becomes the reply: same data, options and service, addresses changed over. */
  private Outcome echo(PacketBuffer packet, long icmp) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    int from = Ipv4.source(memory, ip);
    Bytes.put8(memory, icmp, Icmp.ECHO_REPLY);
    int checksum = Checksum.update(Icmp.checksum(memory, icmp), Icmp.ECHO_REQUEST << 8, 0);
    Bytes.put16(memory, icmp + 2, checksum);
    if (checksum == 0) {
      // The update cannot tell a sum of 0xffff from one of 0: a message that is zero all over.
      Icmp.seal(memory, icmp, (int) (packet.dataEnd - icmp));
    }
    Ipv4.putSource(memory, ip, Ipv4.destination(memory, ip));
    Ipv4.putDestination(memory, ip, from);
    Identifications identifications = context.router.identifications();
    int own = Ipv4.source(memory, ip);
    Bytes.put16(memory, ip + 4, identifications.next4(own, from, IpProtocol.ICMP));
    Ipv4.putFragment(memory, ip, 0);
    Ipv4.putTtl(memory, ip, context.settings.hopLimit());
    packet.linkGroup = false;
    if (!sender.prepare(from)) {
      return context.exit.drop(packet, DropReason.NO_ROUTE);
    }
    record(ip);
    Ipv4.seal(memory, ip);
    return sender.sendPrepared(packet);
  }

  /** RFC 1122, section 3.2.2.6: a record of the route goes on with the reply, ourselves in it. */
  private void record(long ip) {
    MemorySegment memory = context.memory;
    if (Ipv4.headerSize(memory, ip) > Ipv4.MIN_SIZE
        && (Ipv4Options.check(memory, ip) & Ipv4Options.RECORDS) != 0) {
      Ipv4Options.record(
          memory, ip, sender.preparedSource(), context.topology, context.now / 1_000_000);
    }
  }
}
