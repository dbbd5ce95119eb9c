package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Sends a packet made here, without extension headers, in fragments (RFC 8200, section 4.5): the
 * packet itself becomes the first, new packets carry the rest. Packets of others are never
 * fragmented on their way. Owned by one worker.
 */
final class Ipv6Fragmenter {
  private final StackContext context;
  private final LaterFragments rest;

  Ipv6Fragmenter(StackContext context) {
    this.context = context;
    this.rest = new LaterFragments(context);
  }

  /** Sends a packet larger than the interface's MTU. */
  Outcome send(PacketBuffer packet, Interface out, long mac) {
    try {
      return sendAll(packet, out, mac);
    } finally {
      rest.drop(DropReason.INTERNAL_ERROR); // What failed must not leave with the next packet.
    }
  }

  private Outcome sendAll(PacketBuffer packet, Interface out, long mac) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    int most = out.mtu - Ipv6.SIZE - Ipv6.FRAGMENT_SIZE & -8;
    if (Ipv6.isExtension(Ipv6.nextHeader(memory, ip))) {
      return context.exit.drop(packet, DropReason.FRAGMENTATION_NEEDED);
    }
    if (packet.checksumPartial) {
      packet.completeChecksum(memory); // No device will see the whole packet.
    }
    int kind = Ipv6.nextHeader(memory, ip);
    int identification =
        context
            .router
            .identifications()
            .next6(
                Ipv6.sourceHigh(memory, ip),
                Ipv6.sourceLow(memory, ip),
                Ipv6.destinationHigh(memory, ip),
                Ipv6.destinationLow(memory, ip));
    if (ip - Ipv6.FRAGMENT_SIZE < packet.start || !makeRest(packet, most, kind, identification)) {
      rest.drop(DropReason.NO_BUFFER);
      return context.exit.drop(packet, DropReason.NO_BUFFER);
    }
    long first = ip - Ipv6.FRAGMENT_SIZE;
    Bytes.copy(memory, ip, first, Ipv6.SIZE);
    packet.network = first;
    packet.data = first;
    packet.dataEnd = first + Ipv6.SIZE + Ipv6.FRAGMENT_SIZE + most;
    packet.segmentTo = 0;
    putFragment(first, kind, Ipv6.MORE_FRAGMENTS, identification, most);
    return rest.send(packet, out, mac, EtherType.IPV6);
  }

  /** Makes all fragments but the first; says whether packets could be had for all. */
  private boolean makeRest(PacketBuffer packet, int most, int kind, int identification) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    int payload = (int) (packet.dataEnd - ip) - Ipv6.SIZE;
    for (int at = most; at < payload; at += most) {
      int size = Math.min(most, payload - at);
      PacketBuffer made = rest.add(Ipv6.SIZE + Ipv6.FRAGMENT_SIZE + size);
      if (made == null) {
        return false;
      }
      long to = made.network;
      Bytes.copy(memory, ip, to, Ipv6.SIZE);
      Bytes.copy(memory, ip + Ipv6.SIZE + at, to + Ipv6.SIZE + Ipv6.FRAGMENT_SIZE, size);
      int more = at + size < payload ? Ipv6.MORE_FRAGMENTS : 0;
      putFragment(to, kind, at | more, identification, size);
    }
    return true;
  }

  private void putFragment(long ip, int kind, int field, int identification, int size) {
    MemorySegment memory = context.memory;
    Bytes.put16(memory, ip + 4, Ipv6.FRAGMENT_SIZE + size);
    Bytes.put8(memory, ip + 6, IpProtocol.FRAGMENT);
    long header = ip + Ipv6.SIZE;
    Bytes.put16(memory, header, kind << 8);
    Bytes.put16(memory, header + 2, field);
    Bytes.put32(memory, header + 4, identification);
  }
}
