package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Icmp;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.Mld;
import org.xdp4j.net.wire.PacketBuffer;

/** Hears who asks about groups (RFC 3810, section 6.2; RFC 2710). Owned by one worker. */
final class MldInput {
  /** A router alert whose value, 0, says multicast listener discovery (RFC 2711, section 2.1). */
  private static final int ALERT = 0x0502_0000;

  private static final long MILLISECOND = 1_000_000L;

  private final StackContext context;

  MldInput(StackContext context) {
    this.context = context;
  }

  /** A query or report whose checksum is right. */
  Outcome receive(PacketBuffer packet, Interface in, long message) {
    MemorySegment memory = context.memory;
    int length = (int) (packet.dataEnd - message);
    boolean isQuery = Icmp.type(memory, message) == Mld.QUERY;
    if (length < Mld.SIZE_1
        || isQuery && length != Mld.SIZE_1 && length < Mld.QUERY_SIZE
        || !isOfTheLink(packet, isQuery)) {
      return context.exit.drop(packet, DropReason.MLD_INVALID);
    }
    IpAddress group = IpAddress.of(Bytes.i64(memory, message + 8), Bytes.i64(memory, message + 16));
    if (!isQuery) {
      in.listener.heard(group, context.now);
    } else if (group.isUnspecified() || group.isMulticast()) {
      query(in, message, length, group.isUnspecified() ? null : group);
    }
    return context.exit.deliver(packet);
  }

  private void query(Interface in, long message, int length, IpAddress group) {
    MemorySegment memory = context.memory;
    long maxDelay = Mld.maxDelay(memory, message, length) * MILLISECOND;
    if (length == Mld.SIZE_1) {
      in.listener.askedOld(group, maxDelay, context.now);
    } else {
      in.listener.setQuerier(Mld.robustness(memory, message), Mld.interval(memory, message));
      in.listener.asked(group, maxDelay, context.now);
    }
  }

  /** Whether a station of the link made it: what comes from elsewhere is no business of ours. */
  private boolean isOfTheLink(PacketBuffer packet, boolean isQuery) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    long high = Ipv6.sourceHigh(memory, ip);
    boolean fromLink =
        Ipv6Addresses.isLinkLocal(high)
            || !isQuery && Ipv6Addresses.isUnspecified(high, Ipv6.sourceLow(memory, ip));
    return fromLink && Ipv6.hopLimit(memory, ip) == 1 && hasAlert(ip);
  }

  /** The options were looked at when the packet came in: their lengths are right. */
  private boolean hasAlert(long ip) {
    MemorySegment memory = context.memory;
    if (Ipv6.nextHeader(memory, ip) != IpProtocol.HOP_BY_HOP) {
      return false;
    }
    long header = ip + Ipv6.SIZE;
    long end = header + Ipv6.extensionSize(memory, header, IpProtocol.HOP_BY_HOP);
    long at = header + 2;
    while (end - at >= 4) {
      if (Bytes.i32(memory, at) == ALERT) {
        return true;
      }
      at += Bytes.u8(memory, at) == 0 ? 1 : 2 + Bytes.u8(memory, at + 1);
    }
    return false;
  }
}
