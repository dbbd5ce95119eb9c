package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Puts datagrams to ourselves together that come in fragments (RFC 791, section 3.2; RFC 1812,
 * section 4.2.2.8; RFC 8200, section 4.5). Owned by one worker: all fragments of a datagram come to
 * the same one.
 *
 * <p>Fragments wait in the buffers they came in. Few do, and never more than half of all that may
 * wait: who sends fragments that never become whole pushes out the oldest datagram, and leaves
 * packets that are forwarded room to wait for their neighbours.
 */
final class Reassembly {
  static final int MOST_DATAGRAMS = 16;

  /**
   * A datagram of the largest size in packets of 576 bytes, the least that all must take, or two in
   * frames of 1500.
   */
  static final int MOST_FRAGMENTS = 128;

  /** What the length field of either header can say; that of IPv6 does not count the header. */
  static final int MAX_SIZE = 65_535;

  /** Takes the first fragment of a datagram whose rest did not come in time. */
  interface Late {
    void tell(PacketBuffer first, Interface in);
  }

  /** Which datagram it is (RFC 791; RFC 8200, section 4.5, which does not count the protocol). */
  record Key(
      boolean isIpv6,
      long sourceHigh,
      long sourceLow,
      long destinationHigh,
      long destinationLow,
      int protocol,
      int identification) {}

  /**
   * A part of a datagram.
   *
   * @param header bytes before its payload, of which only the first fragment's are kept
   * @param offset where the payload belongs
   */
  record Part(PacketBuffer packet, int header, int offset, boolean isLast) {
    int length() {
      return (int) (packet.dataEnd - packet.network) - header;
    }

    int end() {
      return offset + length();
    }
  }

  private static final class Datagram {
    final Key key;
    final int most;
    final int in;
    final long until;
    final Late late;
    final List<Part> parts = new ArrayList<>();
    int size = -1;

    Datagram(Key key, int in, long until, Late late) {
      this.key = key;
      this.most = key.isIpv6 ? Ipv6.SIZE + Ipv6.FRAGMENT_SIZE + MAX_SIZE : MAX_SIZE;
      this.in = in;
      this.until = until;
      this.late = late;
    }

    /** Whether a part may belong to it: it lies over no other, and within the whole. */
    boolean fits(Part part) {
      for (Part each : parts) {
        if (part.offset < each.end() && each.offset < part.end()) {
          return false;
        }
      }
      boolean within = size < 0 || part.end() <= size && !(part.isLast && part.end() != size);
      boolean ends = !part.isLast || parts.stream().allMatch(each -> each.end() <= part.end());
      return within && ends;
    }

    boolean isWhole() {
      return size >= 0 && parts.stream().mapToInt(Part::length).sum() == size;
    }
  }

  private final StackContext context;
  private final ArrayDeque<Datagram> datagrams = new ArrayDeque<>();
  private int fragments;
  private Outcome outcome;
  private int header;

  Reassembly(StackContext context) {
    this.context = context;
  }

  /** What became of the fragment that did not make its datagram whole. */
  Outcome outcome() {
    return outcome;
  }

  /** Bytes before the payload of the datagram made whole last: those of its first fragment. */
  int header() {
    return header;
  }

  /**
   * Takes a fragment.
   *
   * @param patience nanoseconds that the first one of a datagram waits for all others
   * @return the datagram when this was the last of its parts to come, its header still that of its
   *     first fragment; null when it is not whole
   */
  PacketBuffer take(Key key, Part part, Interface in, long patience, Late late) {
    Datagram datagram = find(key);
    if (datagram != null && isRepeated(datagram, part)) {
      outcome = context.exit.drop(part.packet, DropReason.FRAGMENT_TO_US);
      return null;
    }
    boolean tooLong = part.end() > MAX_SIZE;
    if (part.length() <= 0 || tooLong || datagram != null && !datagram.fits(part)) {
      // None of it can be trusted (RFC 5722, section 4; Linux does so with IPv4 as well).
      outcome = context.exit.drop(part.packet, DropReason.FRAGMENT_TO_US);
      forget(datagram);
      return null;
    }
    if (!makeRoom(datagram)) {
      // So small are its parts that they would take all the room there is.
      outcome = context.exit.drop(part.packet, DropReason.FRAGMENT_TO_US);
      forget(datagram);
      return null;
    }
    if (datagram == null) {
      datagram = new Datagram(key, in.index, context.now + patience, late);
      datagrams.addLast(datagram);
    }
    datagram.parts.add(part);
    datagram.size = part.isLast ? part.end() : datagram.size;
    fragments++;
    context.heldFragments++;
    outcome = context.exit.hold();
    if (!datagram.isWhole()) {
      return null;
    }
    datagrams.remove(datagram);
    return join(datagram);
  }

  private Datagram find(Key key) {
    for (Datagram each : datagrams) {
      if (each.key.equals(key)) {
        return each;
      }
    }
    return null;
  }

  /** The same once more does no harm (RFC 8200, section 4.5). */
  private static boolean isRepeated(Datagram datagram, Part part) {
    for (Part each : datagram.parts) {
      if (each.offset == part.offset && each.length() == part.length()) {
        return true;
      }
    }
    return false;
  }

  /** Says whether there is room for one more part, at the cost of the oldest datagrams. */
  private boolean makeRoom(Datagram keep) {
    while (isFull(keep)) {
      Datagram oldest = datagrams.peekFirst();
      if (oldest == null || oldest == keep) {
        return false;
      }
      forget(oldest);
    }
    return true;
  }

  private boolean isFull(Datagram keep) {
    return fragments >= Math.min(MOST_FRAGMENTS, context.settings.held() / 2)
        || keep == null && datagrams.size() >= MOST_DATAGRAMS
        || context.held() >= context.settings.held();
  }

  private void forget(Datagram datagram) {
    if (datagram != null) {
      datagrams.remove(datagram);
      release(datagram, DropReason.FRAGMENT_TO_US);
    }
  }

  private PacketBuffer join(Datagram datagram) {
    List<Part> parts = datagram.parts;
    parts.sort(Comparator.comparingInt(Part::offset));
    Part first = parts.get(0);
    MemorySegment memory = context.memory;
    header = first.header;
    if (header + datagram.size > datagram.most) {
      outcome = Outcome.DROPPED;
      release(datagram, DropReason.FRAGMENT_TO_US);
      return null;
    }
    PacketBuffer whole = context.exit.acquire(header + datagram.size);
    if (whole == null) {
      outcome = Outcome.DROPPED;
      release(datagram, DropReason.NO_BUFFER);
      return null;
    }
    Bytes.copy(memory, first.packet.network, whole.network, header);
    for (Part each : parts) {
      long from = each.packet.network + each.header;
      Bytes.copy(memory, from, whole.network + header + each.offset, each.length());
    }
    whole.linkGroup = first.packet.linkGroup;
    for (Part each : parts) {
      unhold();
      context.exit.deliver(each.packet);
    }
    return whole;
  }

  private void unhold() {
    fragments--;
    context.heldFragments--;
    context.exit.unhold();
  }

  private void release(Datagram datagram, DropReason reason) {
    for (Part each : datagram.parts) {
      unhold();
      context.exit.drop(each.packet, reason);
    }
  }

  /** Drops what waited for too long; its sender is told if the first part came. */
  void tick() {
    Iterator<Datagram> all = datagrams.iterator();
    while (all.hasNext()) {
      Datagram each = all.next();
      if (context.now - each.until >= 0) {
        all.remove();
        expire(each);
      }
    }
  }

  private void expire(Datagram datagram) {
    Interface in = context.topology.byIndex(datagram.in);
    for (Part each : datagram.parts) {
      if (each.offset == 0 && in != null) {
        datagram.late.tell(each.packet, in);
      }
    }
    release(datagram, DropReason.FRAGMENT_TO_US);
  }

  /** Drops all. */
  void clear() {
    while (!datagrams.isEmpty()) {
      release(datagrams.removeFirst(), DropReason.STOPPED);
    }
  }
}
