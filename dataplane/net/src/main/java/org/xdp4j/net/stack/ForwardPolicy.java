package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.filter.Filter;
import org.xdp4j.net.filter.Verdict;
import org.xdp4j.net.flow.FlowKey;
import org.xdp4j.net.nat.Nat44;
import org.xdp4j.net.nat.NatMapping;
import org.xdp4j.net.nat.NatRewriter;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.Icmp;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * What the filter and NAT have to say about a packet to be forwarded. Decides only; what NAT will
 * write is noted in the packet until it is sent. Asked last, when nothing else keeps the packet
 * from leaving, so that one which does not leave makes no connection and no mapping, and keeps none
 * alive (as Linux, which confirms a connection at POSTROUTING). Owned by one worker.
 *
 * <p>The filter sees inside addresses in both directions.
 */
final class ForwardPolicy {
  private static final int NOBODY_IS_TOLD = -1;

  private final StackContext context;
  private final FragmentHold fragments;
  private final FlowKey key;
  private final FlowKey quoted = FlowKey.forQuotes();
  private final NatRewriter rewriter = new NatRewriter();

  /** The mapping that the packet asked about last in {@link #inbound} came through, or null. */
  private NatMapping entered;

  private int code;

  ForwardPolicy(StackContext context, FragmentHold fragments) {
    this.context = context;
    this.fragments = fragments;
    this.key = FlowKey.forPackets(context.router.fragments());
  }

  /** Whether the sender of the packet refused last is to be told that it is prohibited. */
  boolean isReject() {
    return code == Icmp.PROHIBITED;
  }

  /** Tells the sender of the IPv4 packet refused last, if it is to be told. */
  void tell(PacketBuffer packet, Icmp4Errors errors) {
    if (code != NOBODY_IS_TOLD) {
      errors.send(packet, Icmp.UNREACHABLE, code, 0);
    }
  }

  private boolean read(PacketBuffer packet) {
    MemorySegment memory = context.memory;
    long end = packet.dataEnd;
    if (!key.read(memory, packet.network, end, context.now)) {
      return false;
    }
    if (key.isFirstFragment) {
      fragments.firstCame();
    }
    return !key.isIcmpError || quoted.read(memory, key.transport + Icmp.SIZE, end, context.now);
  }

  /**
   * Finds out whether an IPv4 packet to an address of ours is for somebody inside; if so, notes in
   * the packet for whom.
   */
  boolean inbound(PacketBuffer packet) {
    Nat44 nat = context.router.nat();
    if (nat == null || !read(packet) || !Nat44.supports(key.protocol)) {
      return false;
    }
    entered = null;
    if (key.isIcmpError) {
      // The quoted packet went out: its source is the mapped endpoint (RFC 5508, REQ-4).
      if (quoted.hasPorts && quoted.sourceLow == key.destinationLow && isSound(packet)) {
        entered =
            nat.inbound(quoted.protocol, (int) quoted.sourceLow, quoted.sourcePort, context.now);
      }
    } else if (key.hasPorts && (key.protocol != IpProtocol.ICMP || key.isEchoReply)) {
      entered =
          nat.inbound(key.protocol, (int) key.destinationLow, key.destinationPort, context.now);
    }
    if (entered == null) {
      return false;
    }
    packet.translateDestination = entered.insideEndpoint();
    return true;
  }

  /**
   * Takes the packet that {@link #inbound} was asked about last if it is a fragment of which nobody
   * can tell whether it is for somebody inside.
   *
   * @return what became of it; null when it is for ourselves
   */
  Outcome unclear(PacketBuffer packet, Interface in) {
    if (context.router.nat() == null || !Nat44.supports(key.protocol)) {
      return null;
    }
    if (key.isTiny) {
      return context.exit.drop(packet, DropReason.TINY_FRAGMENT);
    }
    return key.lacksFirst() ? hold(packet, in) : null;
  }

  /** Keeps a fragment that was read last until its datagram's first comes. */
  Outcome hold(PacketBuffer packet, Interface in) {
    return fragments.hold(packet, in, key.datagram);
  }

  /** Whether an ICMP message is whole and its checksum right, as only a whole one's can be. */
  private boolean isSound(PacketBuffer packet) {
    return !key.isFirstFragment
        && Checksum.of(context.memory, key.transport, packet.dataEnd - key.transport) == 0;
  }

  /** Why a packet with a way out goes no further; null when it does. */
  DropReason check(PacketBuffer packet, Interface in, Interface out) {
    Filter filter = context.router.filter();
    Nat44 nat = context.router.nat();
    code = NOBODY_IS_TOLD;
    if (filter == null && nat == null) {
      return null;
    }
    boolean translates =
        packet.translateDestination != 0
            || nat != null && nat.isOutside(out.index) && !nat.isOutside(in.index);
    if (!read(packet)) {
      return unreadable(filter, translates);
    }
    translates &= !key.isIpv6;
    if (key.lacksFirst() && (filter != null || translates)) {
      return DropReason.FRAGMENT_WITHOUT_FIRST;
    }
    long addressed = endpoint(key.destinationLow, key.destinationPort);
    if (packet.translateDestination != 0) {
      readAsInside(packet.translateDestination);
    }
    Verdict verdict = Verdict.ACCEPT;
    if (filter != null) {
      verdict = filter.check(key, quoted, in.index, out.index, context.now);
      DropReason filtered = reason(verdict);
      if (filtered != null) {
        return filtered;
      }
    }
    if (translates) {
      DropReason wrong = translate(packet, nat, in, addressed);
      if (wrong != null) {
        return wrong;
      }
    }
    return verdict == Verdict.NEW && !filter.open(key, context.now) ? DropReason.FILTER_FULL : null;
  }

  private static long endpoint(long address, int port) {
    return address << 16 | port;
  }

  /** A packet without a whole transport header: not let by what would have to look at it. */
  private DropReason unreadable(Filter filter, boolean translates) {
    translates &= !key.isIpv6;
    if (filter == null && !translates) {
      return null;
    }
    if (key.isTiny) {
      return DropReason.TINY_FRAGMENT;
    }
    return filter != null ? DropReason.FILTER_STATE : DropReason.NAT_UNSUPPORTED;
  }

  /** Puts the inside endpoint where the packet, or the one it quotes, still has the outside one. */
  private void readAsInside(long endpoint) {
    long address = endpoint >>> 16;
    int port = (int) endpoint & 0xffff;
    key.destinationLow = address;
    if (key.isIcmpError) {
      quoted.sourceLow = address;
      quoted.sourcePort = port;
      if (quoted.protocol == IpProtocol.ICMP) {
        quoted.destinationPort = port;
      }
      return;
    }
    key.destinationPort = port;
    if (key.protocol == IpProtocol.ICMP) {
      key.sourcePort = port;
    }
  }

  private DropReason reason(Verdict verdict) {
    if (verdict == Verdict.REJECT) {
      code = Icmp.PROHIBITED;
    }
    return switch (verdict) {
      case ACCEPT, NEW -> null;
      case DROP, REJECT -> DropReason.FILTERED;
      case INVALID -> DropReason.FILTER_STATE;
      case FULL -> DropReason.FILTER_FULL;
    };
  }

  /**
   * Notes the outside endpoint of a packet from inside, also for one back inside (hairpin), and
   * what becomes of the mapping of one to inside.
   *
   * @param addressed the endpoint it was sent to
   */
  private DropReason translate(PacketBuffer packet, Nat44 nat, Interface in, long addressed) {
    long from = endpoint(key.sourceLow, key.sourcePort);
    if (nat != null && !nat.isOutside(in.index)) {
      DropReason wrong = key.isIcmpError ? checkError(packet) : checkPacket();
      if (wrong != null) {
        return wrong;
      }
      NatMapping mapping = key.isIcmpError ? quotedMapping(nat) : mapping(nat, addressed);
      if (mapping == null) {
        return key.isIcmpError ? DropReason.NAT_NO_MAPPING : noRoom(nat);
      }
      packet.translateSource = mapping.outsideEndpoint();
      from = packet.translateSource;
    }
    if (packet.translateDestination != 0 && !key.isIcmpError) {
      entered.received(from, key.tcpFlags, context.now);
    }
    return null;
  }

  private DropReason checkPacket() {
    if (!key.hasPorts || !Nat44.supports(key.protocol)) {
      return DropReason.NAT_UNSUPPORTED;
    }
    // Requests from outside are for the router itself: nobody inside has one to answer.
    return key.isEchoReply ? DropReason.NAT_NO_MAPPING : null;
  }

  /**
   * An error is translated as a whole, so that its checksum is made anew: one that is wrong is
   * dropped before (RFC 5508, REQ-3), and it goes to who sent what it quotes (RFC 5927, section 4).
   */
  private DropReason checkError(PacketBuffer packet) {
    if (!isSound(packet)) {
      return DropReason.ICMP_MALFORMED;
    }
    return key.destinationLow == quoted.sourceLow ? null : DropReason.NAT_NO_MAPPING;
  }

  /** The quoted packet came in: its destination is the inside endpoint (RFC 5508, REQ-5). */
  private NatMapping quotedMapping(Nat44 nat) {
    return nat.known(
        quoted.protocol, (int) quoted.destinationLow, quoted.destinationPort, context.now);
  }

  private NatMapping mapping(Nat44 nat, long addressed) {
    int source = (int) key.sourceLow;
    int port = key.sourcePort;
    return nat.outbound(key.protocol, source, port, addressed, key.tcpFlags, context.now);
  }

  /** RFC 6888, REQ-11: the packet is dropped, its sender told so, and no mapping makes room. */
  private DropReason noRoom(Nat44 nat) {
    code = Icmp.HOST_UNREACHABLE;
    return nat.hasAll((int) key.sourceLow) ? DropReason.NAT_HOST_LIMIT : DropReason.NAT_FULL;
  }

  /** Writes what was noted. */
  void apply(PacketBuffer packet) {
    if (packet.translateDestination != 0) {
      rewriter.destination(
          context.memory,
          packet.network,
          packet.dataEnd,
          packet.translateDestination,
          packet.checksumPartial);
    }
    if (packet.translateSource != 0) {
      rewriter.source(
          context.memory,
          packet.network,
          packet.dataEnd,
          packet.translateSource,
          packet.checksumPartial);
    }
  }
}
