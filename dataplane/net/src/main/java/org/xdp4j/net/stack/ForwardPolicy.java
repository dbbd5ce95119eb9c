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
 * write is noted in the packet until it is sent. Owned by one worker.
 *
 * <p>The filter sees inside addresses in both directions.
 */
final class ForwardPolicy {
  private final StackContext context;
  private final FlowKey key;
  private final FlowKey quoted = FlowKey.alone();
  private final NatRewriter rewriter = new NatRewriter();
  private boolean reject;

  ForwardPolicy(StackContext context) {
    this.context = context;
    this.key = FlowKey.forPackets(context.router.fragments());
  }

  /** Whether the sender of the packet refused last is to be told. */
  boolean isReject() {
    return reject;
  }

  private boolean read(PacketBuffer packet) {
    MemorySegment memory = context.memory;
    if (!key.read(memory, packet.network, packet.dataEnd)) {
      return false;
    }
    return !key.isIcmpError || quoted.read(memory, key.transport + Icmp.SIZE, packet.dataEnd);
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
    NatMapping mapping = null;
    if (key.isIcmpError) {
      // The quoted packet went out: its source is the mapped endpoint (RFC 5508, REQ-4).
      if (quoted.hasPorts && quoted.sourceLow == key.destinationLow && isSound(packet)) {
        mapping =
            nat.inbound(quoted.protocol, (int) quoted.sourceLow, quoted.sourcePort, context.now);
      }
    } else if (key.hasPorts && key.icmpType != Icmp.ECHO_REQUEST) {
      mapping =
          nat.inbound(key.protocol, (int) key.destinationLow, key.destinationPort, context.now);
    }
    if (mapping == null) {
      return false;
    }
    packet.translateDestination = mapping.insideEndpoint();
    return true;
  }

  private boolean isSound(PacketBuffer packet) {
    return Checksum.of(context.memory, key.transport, packet.dataEnd - key.transport) == 0;
  }

  /** Why a packet with a way out goes no further; null when it does. */
  DropReason check(PacketBuffer packet, Interface in, Interface out) {
    Filter filter = context.router.filter();
    Nat44 nat = context.router.nat();
    reject = false;
    if (filter == null && nat == null) {
      return null;
    }
    if (!read(packet)) {
      return unreadable(packet, filter, nat, in, out);
    }
    if (packet.translateDestination != 0) {
      readAsInside(packet.translateDestination);
    }
    DropReason filtered = filter == null ? null : filter(filter, in, out);
    return filtered != null || nat == null || key.isIpv6
        ? filtered
        : outbound(packet, nat, in, out);
  }

  /** A packet without a whole transport header: not let by what would have to look at it. */
  private DropReason unreadable(
      PacketBuffer packet, Filter filter, Nat44 nat, Interface in, Interface out) {
    if (filter != null) {
      return DropReason.FILTER_STATE;
    }
    boolean translated =
        packet.translateDestination != 0
            || nat.isOutside(out.index) && !nat.isOutside(in.index) && !key.isIpv6;
    return translated ? DropReason.NAT_UNSUPPORTED : null;
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

  private DropReason filter(Filter filter, Interface in, Interface out) {
    Verdict verdict = filter.check(key, quoted, in.index, out.index, context.now);
    reject = verdict == Verdict.REJECT;
    return switch (verdict) {
      case ACCEPT -> null;
      case DROP, REJECT -> DropReason.FILTERED;
      case INVALID -> DropReason.FILTER_STATE;
      case FULL -> DropReason.FILTER_FULL;
    };
  }

  /** Notes the outside endpoint of a packet from inside; also for one back inside (hairpin). */
  private DropReason outbound(PacketBuffer packet, Nat44 nat, Interface in, Interface out) {
    boolean leaves = nat.isOutside(out.index) || packet.translateDestination != 0;
    if (nat.isOutside(in.index) || !leaves) {
      return null;
    }
    NatMapping mapping;
    if (key.isIcmpError) {
      // The quoted packet came in: its destination is the inside endpoint (RFC 5508, REQ-5).
      mapping =
          nat.known(
              quoted.protocol, (int) quoted.destinationLow, quoted.destinationPort, context.now);
      if (mapping == null) {
        return DropReason.NAT_NO_MAPPING;
      }
    } else {
      if (!Nat44.supports(key.protocol)) {
        return DropReason.NAT_UNSUPPORTED;
      }
      if (!key.hasPorts) {
        return key.isLaterFragment ? DropReason.FRAGMENT_WITHOUT_FIRST : DropReason.NAT_UNSUPPORTED;
      }
      int source = (int) key.sourceLow;
      mapping = nat.outbound(key.protocol, source, key.sourcePort, key.tcpFlags, context.now);
      if (mapping == null) {
        return DropReason.NAT_FULL;
      }
    }
    packet.translateSource = mapping.outsideEndpoint();
    return null;
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
