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
    IpAddress target = address(icmp + 8);
    IpAddress from = address(packet.network + 8);
    IpAddress to = address(packet.network + 24);
    long mac = linkAddress(icmp + NEIGHBOR_FIXED, packet.dataEnd, Icmp6.SOURCE_LINK_ADDRESS);
    boolean probe = from.isUnspecified();
    if (target.isMulticast()
        || probe && (mac >= 0 || !Ipv6Addresses.isSolicitedNode(to.high(), to.low()))) {
      return false;
    }
    InterfaceAddress own = in.find6(target.high(), target.low());
    if (own == null && !isAnycast(in, target)) {
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
      learn(in, from, mac);
    }
    answer(packet, in, own, target, from, to.isMulticast());
    return true;
  }

  /**
   * A sender's address is worth an entry only if it is on the link (RFC 5942, section 3): else
   * anybody could fill the table with addresses that nobody will ever send to.
   */
  private void learn(Interface in, IpAddress from, long mac) {
    context.router.neighbors().heard(in.index, from, mac, context.now, in.isOnLink(from));
  }

  /** Section 7.2.4, and 7.2.7 for an anycast address: all routers of the link may be asked. */
  private void answer(
      PacketBuffer packet,
      Interface in,
      InterfaceAddress own,
      IpAddress target,
      IpAddress from,
      boolean allAreAsked) {
    boolean solicited = !from.isUnspecified();
    IpAddress to = solicited ? from : NdSender.ALL_NODES;
    long mac = MacAddress.ofGroup6(to.low());
    if (solicited) {
      Neighbor asker = context.router.neighbors().find(in.index, from);
      boolean known = asker != null && asker.state().isUsable();
      mac = known ? asker.mac() : Ethernet.source(context.memory, packet.data);
    }
    if (own == null && allAreAsked) {
      anycast.add(in, target, to, mac, solicited);
    } else {
      sender.advertise(in, target, to, mac, solicited, own != null);
    }
  }

  private boolean isAnycast(Interface in, IpAddress target) {
    Route route = context.router.fib(true).way(target.high(), target.low());
    return route != null
        && route.type() == RouteType.ANYCAST
        && route.hop(0).interfaceIndex() == in.index;
  }

  /** Sections 7.1.2 and 7.2.5; returns whether the message was valid. */
  private boolean advertisement(PacketBuffer packet, Interface in, long icmp) {
    IpAddress target = address(icmp + 8);
    int flags = Bytes.u8(context.memory, icmp + 4);
    boolean solicited = (flags & 0x40) != 0;
    boolean toGroup =
        Ipv6Addresses.isMulticast(Ipv6.destinationHigh(context.memory, packet.network));
    if (target.isMulticast() || solicited && toGroup) {
      return false;
    }
    InterfaceAddress own = in.find6(target.high(), target.low());
    if (own != null) {
      boolean isTheirs = own.isDuplicate();
      own.claimed(); // RFC 4862, section 5.4.4.
      if (!isTheirs) {
        return true;
      }
    }
    Neighbors neighbors = context.router.neighbors();
    Neighbor entry = neighbors.find(in.index, target);
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
      learn(in, from, mac);
    }
    if (in.advertise) {
      advertiser.answer(in);
    }
    return true;
  }
}
