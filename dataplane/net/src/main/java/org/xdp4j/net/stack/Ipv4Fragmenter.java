package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Sends a packet in fragments (RFC 791, section 3.2; RFC 1812, section 5.3.9): the packet itself
 * becomes the first, new packets carry the rest. Owned by one worker.
 *
 * <p>All fragments but the last are as large as the MTU allows. When no packet can be had for one
 * the datagram is lost, as the receiver cannot put it together.
 */
final class Ipv4Fragmenter {
  private static final int COPIED = 0x80; // RFC 791, section 3.1: the option is in every fragment
  private static final int END = 0;
  private static final int NO_OPERATION = 1;

  private final StackContext context;
  private final MemorySegment options = MemorySegment.ofArray(new byte[40]);
  private final LaterFragments rest;

  Ipv4Fragmenter(StackContext context) {
    this.context = context;
    this.rest = new LaterFragments(context);
  }

  /** Sends a packet larger than the interface's MTU that may be fragmented. */
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
    int header = Ipv4.headerSize(memory, ip);
    int first = out.mtu - header & -8;
    if (first <= 0) {
      return context.exit.drop(packet, DropReason.FRAGMENTATION_NEEDED);
    }
    if (packet.checksumPartial) {
      packet.completeChecksum(memory); // No device will see the whole datagram.
    }
    if (!makeRest(ip, header, first, out.mtu)) {
      rest.drop(DropReason.NO_BUFFER);
      return context.exit.drop(packet, DropReason.NO_BUFFER);
    }
    packet.dataEnd = ip + header + first;
    packet.segmentTo = 0;
    Ipv4.putTotalLength(memory, ip, header + first);
    Ipv4.putFragment(memory, ip, Ipv4.fragment(memory, ip) | Ipv4.MORE_FRAGMENTS);
    Ipv4.seal(memory, ip);
    return rest.send(packet, out, mac, EtherType.IPV4);
  }

  /** Makes all fragments but the first; says whether packets could be had for all. */
  private boolean makeRest(long ip, int header, int first, int mtu) {
    MemorySegment memory = context.memory;
    int total = Ipv4.totalLength(memory, ip);
    int fragment = Ipv4.fragment(memory, ip);
    int restHeader = Ipv4.MIN_SIZE + copiedOptions(ip, header);
    int most = mtu - restHeader & -8;
    for (int at = first; header + at < total; at += most) {
      int size = Math.min(total - header - at, most);
      boolean last = header + at + size == total;
      int flags = last ? fragment & Ipv4.MORE_FRAGMENTS : Ipv4.MORE_FRAGMENTS;
      int offset = (fragment & Ipv4.OFFSET_MASK) + at / 8;
      PacketBuffer packet = rest.add(restHeader + size);
      if (packet == null) {
        return false;
      }
      long to = packet.network;
      Bytes.copy(memory, ip, to, Ipv4.MIN_SIZE);
      MemorySegment.copy(options, 0, memory, to + Ipv4.MIN_SIZE, restHeader - Ipv4.MIN_SIZE);
      Bytes.copy(memory, ip + header + at, to + restHeader, size);
      Bytes.put8(memory, to, 4 << 4 | restHeader / 4);
      Ipv4.putTotalLength(memory, to, restHeader + size);
      Ipv4.putFragment(memory, to, flags | offset);
      Ipv4.seal(memory, to);
    }
    return true;
  }

  /** Collects the options that go into every fragment, padded; returns their bytes. */
  private int copiedOptions(long ip, int header) {
    MemorySegment memory = context.memory;
    int kept = 0;
    int at = Ipv4.MIN_SIZE;
    while (at < header) {
      int type = Bytes.u8(memory, ip + at);
      if (type == END) {
        break;
      }
      int size = type == NO_OPERATION || at + 1 >= header ? 1 : Bytes.u8(memory, ip + at + 1);
      if (size < 1 || at + size > header) {
        break;
      }
      for (int i = 0; i < size && (type & COPIED) != 0; i++) {
        Bytes.put8(options, kept++, Bytes.u8(memory, ip + at + i));
      }
      at += size;
    }
    while (kept % 4 != 0) {
      Bytes.put8(options, kept++, END);
    }
    return kept;
  }
}
