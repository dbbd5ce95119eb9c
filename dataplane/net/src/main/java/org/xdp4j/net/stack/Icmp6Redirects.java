package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.route.Neighbor;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Icmp6;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.KeyedHash;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Tells hosts of a better first hop on their own link (RFC 4861, section 8.2). Owned by one worker.
 *
 * <pre>
 *  0  type, code, checksum, reserved   8  target   24  destination   40  options:
 *     target link-layer address, when it is known
 *     redirected header   0  type   1  length   2  reserved   8  the packet, as much as fits
 * </pre>
 */
final class Icmp6Redirects {
  private static final int FIXED = 40;
  private static final int LINK_OPTION = 8;
  private static final int QUOTE_HEADER = 8;

  private final StackContext context;
  private final NdSender messages;
  private final Ipv6Sender sender;
  private final ErrorLimit limit;

  Icmp6Redirects(StackContext context, NdSender messages, Ipv6Sender sender, ErrorLimit limit) {
    this.context = context;
    this.messages = messages;
    this.sender = sender;
    this.limit = limit;
  }

  /**
   * Tells the sender of a packet that is about to leave by the interface it came in on, if it is on
   * that link and can be told: a router is known to hosts by its address of the link only, so that
   * a next hop known by another one cannot be named (section 8.2, and 8.1 for what hosts take).
   */
  void send(PacketBuffer about, Interface in, NextHop hop) {
    MemorySegment memory = context.memory;
    long ip = about.network;
    long high = Ipv6.sourceHigh(memory, ip);
    long low = Ipv6.sourceLow(memory, ip);
    IpAddress gateway = hop.gateway();
    InterfaceAddress own = in.linkLocal6();
    boolean canBeTold = gateway == null || gateway.isIpv6() && gateway.isLinkLocal();
    if (own == null || !canBeTold || !sender.prepare(high, low, in) || !sender.isStraight(in)) {
      return;
    }
    long toHigh = Ipv6.destinationHigh(memory, ip);
    long toLow = Ipv6.destinationLow(memory, ip);
    long destination = KeyedHash.product(~toHigh, toLow);
    if (!limit.take(ErrorLimit.Kind.REDIRECT, KeyedHash.product(~high, low), destination)) {
      context.exit.limited();
      return;
    }
    IpAddress target = gateway != null ? gateway : IpAddress.of(toHigh, toLow);
    Neighbor neighbor = context.router.neighbors().find(in.index, target);
    long mac = neighbor != null && neighbor.state().isUsable() ? neighbor.mac() : Resolver.UNKNOWN;
    send(about, own.address(), IpAddress.of(high, low), target, mac);
  }

  private void send(
      PacketBuffer about, IpAddress own, IpAddress to, IpAddress target, long targetMac) {
    MemorySegment memory = context.memory;
    int option = targetMac == Resolver.UNKNOWN ? 0 : LINK_OPTION;
    int room = Ipv6.MIN_MTU - Ipv6.SIZE - FIXED - option - QUOTE_HEADER;
    int quoted = (int) Math.min(about.dataEnd - about.network, room) & ~7;
    int length = FIXED + option + QUOTE_HEADER + quoted;
    PacketBuffer packet = messages.begin(own, to, length);
    if (packet == null) {
      return;
    }
    long icmp = packet.network + Ipv6.SIZE;
    Bytes.put64(memory, icmp, (long) Icmp6.REDIRECT << 56);
    messages.putAddress(icmp + 8, target);
    Bytes.copy(memory, about.network + 24, icmp + 24, 16);
    if (option != 0) {
      messages.putLink(icmp + FIXED, Icmp6.TARGET_LINK_ADDRESS, targetMac);
    }
    long quote = icmp + FIXED + option;
    long units = (QUOTE_HEADER + quoted) / 8;
    Bytes.put64(memory, quote, (long) Icmp6.REDIRECTED_HEADER << 56 | units << 48);
    Bytes.copy(memory, about.network, quote + QUOTE_HEADER, quoted);
    Icmp6.seal(memory, packet.network, icmp, length);
    sender.sendPrepared(packet);
  }
}
