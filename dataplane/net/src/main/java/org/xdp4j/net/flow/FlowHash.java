package org.xdp4j.net.flow;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.Ipv6;

/**
 * A hash of a frame's flow that is the same in both directions, whatever VLAN tags it carries.
 *
 * <ul>
 *   <li>TCP, UDP, SCTP, DCCP and UDP-Lite: protocol, both addresses, both ports.
 *   <li>Other IP: protocol and both addresses. What is inside a tunnel is not looked at.
 *   <li>Not IP: EtherType and both hardware addresses.
 * </ul>
 *
 * <p>Only a datagram's first fragment has ports. It leaves its hash in a bounded table, from which
 * the datagram's other fragments take theirs, so that they stay with their flow. When another
 * fragment arrives before the first, nobody knows the ports yet: the datagram is then hashed by
 * protocol and addresses, and its first fragment follows it, so that a datagram is never split; its
 * order against other datagrams of the flow is then not kept. The same happens to a datagram whose
 * entry was pushed out of the table by {@value FragmentTable#ENTRIES} others.
 *
 * <p>Owned by one thread. A hash takes nothing from the heap.
 */
public final class FlowHash {
  private static final int MAX_TAGS = 4;
  private static final int MAX_EXTENSIONS = 16;
  private static final long PRIME_1 = 0x9E3779B97F4A7C15L;
  private static final long PRIME_2 = 0xD6E8FEB86659FD93L;
  private static final int PORTS_SIZE = 4;

  private final FragmentTable fragments = new FragmentTable();

  /**
   * Hashes one frame.
   *
   * @param frame where it starts
   * @param length its bytes; a frame cut short is hashed by what there is
   * @return 32 well mixed bits
   */
  public int hash(MemorySegment memory, long frame, int length) {
    if (length < Ethernet.SIZE) {
      return 0;
    }
    long end = frame + length;
    int type = Ethernet.type(memory, frame);
    long at = frame + Ethernet.SIZE;
    for (int tags = 0; tags < MAX_TAGS && EtherType.isVlan(type) && end - at >= 4; tags++) {
      type = Ethernet.typeAfter(memory, at);
      at += Ethernet.TAG_SIZE;
    }
    if (type == EtherType.IPV4 && end - at >= Ipv4.MIN_SIZE) {
      return ipv4(memory, at, end);
    }
    if (type == EtherType.IPV6 && end - at >= Ipv6.SIZE) {
      return ipv6(memory, at, end);
    }
    return finish(
        mix(Ethernet.source(memory, frame)) + mix(Ethernet.destination(memory, frame)), type);
  }

  /**
   * Hashes a packet without its link header.
   *
   * @param header its IPv4 or IPv6 header, which is whole
   * @param end one past its last byte
   */
  public int hashPacket(MemorySegment memory, long header, long end) {
    return Ipv4.version(memory, header) == 4
        ? ipv4(memory, header, end)
        : ipv6(memory, header, end);
  }

  /**
   * The hash of a whole packet whose parts are known: what {@link #hashPacket} finds.
   *
   * @param sourceHigh 0 for IPv4, as is the other
   * @param sourceLow the address for IPv4, in the lower half
   */
  public static int hashParts(
      boolean ipv6,
      int protocol,
      long sourceHigh,
      long sourceLow,
      long destinationHigh,
      long destinationLow,
      int sourcePort,
      int destinationPort) {
    long source = ipv6 ? mix(sourceHigh) + PRIME_2 * sourceLow : sourceLow;
    long destination = ipv6 ? mix(destinationHigh) + PRIME_2 * destinationLow : destinationLow;
    return IpProtocol.hasPorts(protocol)
        ? withPorts(protocol, source, destination, sourcePort, destinationPort)
        : addressesOnly(protocol, source, destination);
  }

  private int ipv4(MemorySegment memory, long header, long end) {
    int protocol = Ipv4.protocol(memory, header);
    long source = Integer.toUnsignedLong(Ipv4.source(memory, header));
    long destination = Integer.toUnsignedLong(Ipv4.destination(memory, header));
    int fragment = Ipv4.fragment(memory, header);
    long transport = header + Math.max(Ipv4.MIN_SIZE, Ipv4.headerSize(memory, header));
    if ((fragment & (Ipv4.MORE_FRAGMENTS | Ipv4.OFFSET_MASK)) == 0) {
      return whole(memory, transport, end, protocol, source, destination);
    }
    boolean first = (fragment & Ipv4.OFFSET_MASK) == 0;
    int flow =
        first
            ? whole(memory, transport, end, protocol, source, destination)
            : addressesOnly(protocol, source, destination);
    int id = Ipv4.identification(memory, header);
    return fragments.flow(datagram(protocol, id, source, destination), first, flow);
  }

  private int ipv6(MemorySegment memory, long header, long end) {
    long source = mix(Ipv6.sourceHigh(memory, header)) + PRIME_2 * Ipv6.sourceLow(memory, header);
    long destination =
        mix(Ipv6.destinationHigh(memory, header)) + PRIME_2 * Ipv6.destinationLow(memory, header);
    int kind = Ipv6.nextHeader(memory, header);
    long at = header + Ipv6.SIZE;
    long fragmentHeader = -1;
    for (int i = 0; i < MAX_EXTENSIONS && Ipv6.isExtension(kind) && end - at >= 8; i++) {
      if (kind == IpProtocol.FRAGMENT) {
        fragmentHeader = at;
        if ((Ipv6.fragment(memory, at) & Ipv6.OFFSET_MASK) != 0) {
          int next = Bytes.u8(memory, at);
          return laterFragment(memory, at, next, source, destination);
        }
      }
      int size = Ipv6.extensionSize(memory, at, kind);
      kind = Bytes.u8(memory, at);
      at += size;
    }
    int flow = whole(memory, at, end, kind, source, destination);
    if (fragmentHeader < 0 || (Ipv6.fragment(memory, fragmentHeader) & Ipv6.MORE_FRAGMENTS) == 0) {
      return flow;
    }
    int id = Ipv6.fragmentIdentification(memory, fragmentHeader);
    return fragments.flow(datagram(0, id, source, destination), true, flow);
  }

  private int laterFragment(
      MemorySegment memory, long header, int next, long source, long destination) {
    // The last header's kind is only known to the first fragment, so the protocol is left out.
    int id = Ipv6.fragmentIdentification(memory, header);
    int flow = addressesOnly(next, source, destination);
    return fragments.flow(datagram(0, id, source, destination), false, flow);
  }

  private static int whole(
      MemorySegment memory, long transport, long end, int protocol, long source, long destination) {
    if (!IpProtocol.hasPorts(protocol) || end - transport < PORTS_SIZE) {
      return addressesOnly(protocol, source, destination);
    }
    int ports = Bytes.i32(memory, transport);
    return withPorts(protocol, source, destination, ports >>> 16, ports & 0xffff);
  }

  private static int withPorts(
      int protocol, long source, long destination, int sourcePort, int destinationPort) {
    long one = mix(source * PRIME_1 + sourcePort);
    long other = mix(destination * PRIME_1 + destinationPort);
    return finish(one + other, protocol);
  }

  private static int addressesOnly(int protocol, long source, long destination) {
    return finish(mix(source) + mix(destination), protocol);
  }

  /** Tells datagrams apart; not the same in both directions, as identifications are not. */
  private static long datagram(int protocol, int id, long source, long destination) {
    return mix(source + PRIME_1 * mix(destination + ((long) protocol << 32 | id & 0xffffffffL)));
  }

  private static int finish(long endpoints, int protocol) {
    return (int) (mix(endpoints + PRIME_2 * protocol) >>> 32);
  }

  private static long mix(long value) {
    long x = (value ^ value >>> 32) * PRIME_2;
    x = (x ^ x >>> 32) * PRIME_2;
    return x ^ x >>> 32;
  }
}
