package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Icmp;
import org.xdp4j.net.wire.Icmp6;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Tells the sender of an IPv6 packet what became of it (RFC 4443), where that is allowed. Owned by
 * one worker.
 */
final class Icmp6Errors {
  private final StackContext context;
  private final Ipv6Sender sender;
  private final ErrorLimit limit;

  Icmp6Errors(StackContext context, Ipv6Sender sender, ErrorLimit limit) {
    this.context = context;
    this.sender = sender;
    this.limit = limit;
  }

  /**
   * Sends an error about a packet, which stays as it is.
   *
   * @param in the interface it came in on
   * @param rest the four bytes after the checksum: an MTU, a pointer or 0
   */
  void send(PacketBuffer about, Interface in, int type, int code, int rest) {
    MemorySegment memory = context.memory;
    long ip = about.network;
    if (!mayAnswer(about, type, code)) {
      return;
    }
    long high = Ipv6.sourceHigh(memory, ip);
    long low = Ipv6.sourceLow(memory, ip);
    if (!sender.prepare(high, low, in)) {
      return;
    }
    if (!limit.take(kind(type), high, 0)) {
      context.exit.limited();
      return;
    }
    // As much as fits into the minimum MTU (section 2.4 (c)).
    int quoted = (int) Math.min(about.dataEnd - ip, Ipv6.MIN_MTU - Ipv6.SIZE - Icmp.SIZE);
    PacketBuffer error = context.exit.acquire(Ipv6.SIZE + Icmp.SIZE + quoted);
    if (error == null) {
      return;
    }
    long to = error.network;
    long icmp = to + Ipv6.SIZE;
    Bytes.copy(memory, ip, icmp + Icmp.SIZE, quoted);
    Bytes.put32(memory, icmp, type << 24 | code << 16);
    Bytes.put32(memory, icmp + 4, rest);
    Ipv6.write(memory, to, 0, Icmp.SIZE + quoted, IpProtocol.ICMPV6, context.settings.hopLimit());
    sender.putSource(to, own(about));
    Ipv6.putDestination(memory, to, high, low);
    Icmp6.seal(memory, to, icmp, Icmp.SIZE + quoted);
    sender.sendPrepared(error);
  }

  private static ErrorLimit.Kind kind(int type) {
    return type == Icmp6.PACKET_TOO_BIG ? ErrorLimit.Kind.TOO_BIG : ErrorLimit.Kind.OTHER;
  }

  /** The packet's destination if that is an address of ours (section 2.2 (a)), else null. */
  InterfaceAddress own(PacketBuffer about) {
    long high = Ipv6.destinationHigh(context.memory, about.network);
    long low = Ipv6.destinationLow(context.memory, about.network);
    List<Interface> interfaces = context.topology.interfaces();
    for (int i = 0; i < interfaces.size(); i++) {
      InterfaceAddress own = interfaces.get(i).find6(high, low);
      if (own != null && own.isPreferred()) {
        return own;
      }
    }
    return null;
  }

  /** RFC 4443, section 2.4 (e): what is never answered. */
  private boolean mayAnswer(PacketBuffer about, int type, int code) {
    MemorySegment memory = context.memory;
    long ip = about.network;
    boolean evenToGroups =
        type == Icmp6.PACKET_TOO_BIG
            || type == Icmp6.PARAMETER_PROBLEM && code == Icmp6.UNKNOWN_OPTION;
    boolean group = about.linkGroup || Ipv6Addresses.isMulticast(Ipv6.destinationHigh(memory, ip));
    if (group && !evenToGroups) {
      return false;
    }
    long high = Ipv6.sourceHigh(memory, ip);
    if (Ipv6Addresses.isMulticast(high)
        || Ipv6Addresses.isUnspecified(high, Ipv6.sourceLow(memory, ip))) {
      return false;
    }
    return !isError(ip, about.dataEnd);
  }

  /**
   * Whether a packet is an ICMPv6 error or redirect, or could be one: behind more headers than we
   * look at. Where a chain of headers is cut short there is no message, in Linux neither.
   */
  private boolean isError(long ip, long end) {
    MemorySegment memory = context.memory;
    int kind = Ipv6.nextHeader(memory, ip);
    long at = ip + Ipv6.SIZE;
    for (int i = 0; i < Ipv6Extensions.MAX_HEADERS && Ipv6.isExtension(kind); i++) {
      if (end - at < 8) {
        return false;
      }
      if (kind == IpProtocol.FRAGMENT && (Ipv6.fragment(memory, at) & Ipv6.OFFSET_MASK) != 0) {
        return Bytes.u8(memory, at) == IpProtocol.ICMPV6;
      }
      int size = Ipv6.extensionSize(memory, at, kind);
      kind = Bytes.u8(memory, at);
      at += size;
    }
    if (kind != IpProtocol.ICMPV6) {
      return Ipv6.isExtension(kind);
    }
    if (at >= end) {
      return true;
    }
    int type = Icmp.type(memory, at);
    return Icmp6.isError(type) || type == Icmp6.REDIRECT;
  }
}
