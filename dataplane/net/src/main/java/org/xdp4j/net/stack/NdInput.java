package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.route.Neighbor;
import org.xdp4j.net.route.NeighborState;
import org.xdp4j.net.route.Neighbors;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.Icmp;
import org.xdp4j.net.wire.Icmp6;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.MacAddress;
import org.xdp4j.net.wire.PacketBuffer;

/** Learns from neighbour discovery messages and answers them (RFC 4861). Owned by one worker. */
final class NdInput {
  private static final int NEIGHBOR_FIXED = 24;
  private static final int ROUTER_SOLICITATION_FIXED = 8;
  private static final int ROUTER_ADVERTISEMENT_FIXED = 16;

  private final StackContext context;
  private final NdSender sender;
  private final HoldQueue held;
  private final RouterAdvertiser advertiser;
  private final AnycastAnswers anycast;

  NdInput(
      StackContext context,
      NdSender sender,
      HoldQueue held,
      RouterAdvertiser advertiser,
      AnycastAnswers anycast) {
    this.context = context;
    this.sender = sender;
    this.held = held;
    this.advertiser = advertiser;
    this.anycast = anycast;
  }

  /** A message whose checksum is right. */
  Outcome receive(PacketBuffer packet, Interface in, long icmp) {
    int type = Icmp.type(context.memory, icmp);
    int fixed =
        switch (type) {
          case Icmp6.ROUTER_SOLICITATION -> ROUTER_SOLICITATION_FIXED;
          case Icmp6.ROUTER_ADVERTISEMENT -> ROUTER_ADVERTISEMENT_FIXED;
          default -> NEIGHBOR_FIXED;
        };
    // Sections 6.1.1, 6.1.2, 7.1.1 and 7.1.2 begin alike.
    if (Ipv6.hopLimit(context.memory, packet.network) != NdSender.HOP_LIMIT
        || Icmp.code(context.memory, icmp) != 0
        || packet.dataEnd - icmp < fixed
        || !optionsAreSound(icmp + fixed, packet.dataEnd)) {
      return context.exit.drop(packet, DropReason.ND_INVALID);
    }
    boolean valid =
        switch (type) {
          case Icmp6.NEIGHBOR_SOLICITATION -> solicitation(packet, in, icmp);
          case Icmp6.NEIGHBOR_ADVERTISEMENT -> advertisement(packet, in, icmp);
          case Icmp6.ROUTER_SOLICITATION -> routerSolicitation(packet, in, icmp);
          default -> Ipv6Addresses.isLinkLocal(Ipv6.sourceHigh(context.memory, packet.network));
        };
    if (!valid) {
      return context.exit.drop(packet, DropReason.ND_INVALID);
    }
    Outcome outcome = context.exit.deliver(packet);
    held.poll();
    return outcome;
  }

  private boolean optionsAreSound(long first, long end) {
    long at = first;
    while (at < end) {
      int size = end - at < 8 ? 0 : Bytes.u8(context.memory, at + 1) * 8;
      if (size == 0 || at + size > end) {
        return false;
      }
      at += size;
    }
    return true;
  }

  /** The hardware address in an option, or -1. */
  private long linkAddress(long first, long end, int option) {
    MemorySegment memory = context.memory;
    for (long at = first; at < end; at += Bytes.u8(memory, at + 1) * 8L) {
      if (Bytes.u8(memory, at) == option) {
        long mac = Bytes.i64(memory, at) & Ethernet.BROADCAST;
        return Ethernet.isGroup(mac) ? -1 : mac;
      }
    }
    return -1;
  }

  /** Whether a probe is one of ours that came back (RFC 7527, section 4.2). */
  private boolean isOurs(InterfaceAddress own, long first, long end) {
    MemorySegment memory = context.memory;
    for (long at = first; at < end; at += Bytes.u8(memory, at + 1) * 8L) {
      if (Bytes.u16(memory, at) == (Icmp6.NONCE << 8 | 1)) {
        return (Bytes.i64(memory, at) & Ethernet.BROADCAST) == own.nonce();
      }
    }
    return false;
  }

  private IpAddress address(long at) {
    return IpAddress.of(Bytes.i64(context.memory, at), Bytes.i64(context.memory, at + 8));
  }

  /** Sections 7.1.1 and 7.2.3; returns whether the message was valid. */
  private boolean solicitation(PacketBuffer packet, Interface in, long icmp) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    long high = Bytes.i64(memory, icmp + 8);
    long low = Bytes.i64(memory, icmp + 16);
    long fromHigh = Ipv6.sourceHigh(memory, ip);
    long fromLow = Ipv6.sourceLow(memory, ip);
    long toHigh = Ipv6.destinationHigh(memory, ip);
    long mac = linkAddress(icmp + NEIGHBOR_FIXED, packet.dataEnd, Icmp6.SOURCE_LINK_ADDRESS);
    boolean probe = Ipv6Addresses.isUnspecified(fromHigh, fromLow);
    boolean toNode = Ipv6Addresses.isSolicitedNode(toHigh, Ipv6.destinationLow(memory, ip));
    if (Ipv6Addresses.isMulticast(high) || probe && (mac >= 0 || !toNode)) {
      return false;
    }
    InterfaceAddress own = in.find6(high, low);
    if (own == null && !isAnycast(in, high, low)) {
      return true;
    }
    if (own != null && probe && isOurs(own, icmp + NEIGHBOR_FIXED, packet.dataEnd)) {
      return true;
    }
    if (own != null && !own.isPreferred()) {
      if (probe) {
        own.claimed(); // RFC 4862, section 5.4.3: somebody else is checking the same address.
      }
      return true;
    }
    if (mac >= 0) {
      learn(in, fromHigh, fromLow, mac);
    }
    if (own == null && Ipv6Addresses.isMulticast(toHigh)) {
      answerLater(packet, in, address(icmp + 8), address(ip + 8));
    } else {
      answer(packet, in, own, icmp);
    }
    return true;
  }

  /**
   * A sender's address is worth an entry only if it is on the link (RFC 5942, section 3): else
   * anybody could fill the table with addresses that nobody will ever send to.
   */
  private void learn(Interface in, long high, long low, long mac) {
    boolean isOnLink = in.isOnLink(true, high, low);
    context.router.neighbors().heard(in.index, true, high, low, mac, context.now, isOnLink);
  }

  /** Section 7.2.4. */
  private void answer(PacketBuffer packet, Interface in, InterfaceAddress own, long icmp) {
    MemorySegment memory = context.memory;
    long high = Ipv6.sourceHigh(memory, packet.network);
    long low = Ipv6.sourceLow(memory, packet.network);
    boolean solicited = !Ipv6Addresses.isUnspecified(high, low);
    IpAddress all = NdSender.ALL_NODES;
    sender.advertise(
        in,
        Bytes.i64(memory, icmp + 8),
        Bytes.i64(memory, icmp + 16),
        solicited ? high : all.high(),
        solicited ? low : all.low(),
        solicited ? asker(packet, in, high, low) : MacAddress.ofGroup6(all.low()),
        solicited,
        own != null);
  }

  /** Section 7.2.7: of an anycast address all routers of the link are asked. */
  private void answerLater(PacketBuffer packet, Interface in, IpAddress target, IpAddress from) {
    boolean solicited = !from.isUnspecified();
    IpAddress to = solicited ? from : NdSender.ALL_NODES;
    long mac =
        solicited ? asker(packet, in, from.high(), from.low()) : MacAddress.ofGroup6(to.low());
    anycast.add(in, target, to, mac, solicited);
  }

  /** The hardware address of who asked. */
  private long asker(PacketBuffer packet, Interface in, long high, long low) {
    Neighbor asker = context.router.neighbors().find(in.index, true, high, low);
    boolean known = asker != null && asker.state().isUsable();
    return known ? asker.mac() : Ethernet.source(context.memory, packet.data);
  }

  private boolean isAnycast(Interface in, long high, long low) {
    Route route = context.router.fib(true).way(high, low);
    return route != null
        && route.type() == RouteType.ANYCAST
        && route.hop(0).interfaceIndex() == in.index;
  }

  /** Sections 7.1.2 and 7.2.5; returns whether the message was valid. */
  private boolean advertisement(PacketBuffer packet, Interface in, long icmp) {
    long high = Bytes.i64(context.memory, icmp + 8);
    long low = Bytes.i64(context.memory, icmp + 16);
    int flags = Bytes.u8(context.memory, icmp + 4);
    boolean solicited = (flags & 0x40) != 0;
    boolean toGroup =
        Ipv6Addresses.isMulticast(Ipv6.destinationHigh(context.memory, packet.network));
    if (Ipv6Addresses.isMulticast(high) || solicited && toGroup) {
      return false;
    }
    InterfaceAddress own = in.find6(high, low);
    if (own != null) {
      boolean isTheirs = own.isDuplicate();
      own.claimed(); // RFC 4862, section 5.4.4.
      if (!isTheirs) {
        return true;
      }
    }
    Neighbors neighbors = context.router.neighbors();
    Neighbor entry = neighbors.find(in.index, true, high, low);
    // Who was given up is as one without an entry (section 7.3.3): nobody waits for it to answer.
    if (entry != null && entry.state() != NeighborState.FAILED) {
      long mac = linkAddress(icmp + NEIGHBOR_FIXED, packet.dataEnd, Icmp6.TARGET_LINK_ADDRESS);
      neighbors.advertised(entry, mac, solicited, (flags & 0x20) != 0, context.now);
      neighbors.setRouter(entry, (flags & 0x80) != 0);
    }
    return true;
  }

  /** Sections 6.1.1 and 6.2.6; returns whether the message was valid. */
  private boolean routerSolicitation(PacketBuffer packet, Interface in, long icmp) {
    IpAddress from = address(packet.network + 8);
    long mac =
        linkAddress(icmp + ROUTER_SOLICITATION_FIXED, packet.dataEnd, Icmp6.SOURCE_LINK_ADDRESS);
    if (from.isUnspecified() && mac >= 0) {
      return false;
    }
    if (mac >= 0) {
      learn(in, from.high(), from.low(), mac);
    }
    if (in.advertise) {
      advertiser.answer(in);
    }
    return true;
  }
}
