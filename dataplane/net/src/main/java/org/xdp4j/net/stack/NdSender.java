package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Icmp6;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.MacAddress;
import org.xdp4j.net.wire.PacketBuffer;

/** Makes neighbour discovery messages (RFC 4861) and sends them. Owned by one worker. */
final class NdSender {
  /** Nobody off the link can send such a hop limit (section 7.1). */
  static final int HOP_LIMIT = 255;

  static final IpAddress UNSPECIFIED = IpAddress.of(0, 0);
  static final IpAddress ALL_NODES = IpAddress.of(Ipv6Addresses.LINK_SCOPE, 1);

  private static final int FIXED = 24;
  private static final int LINK_OPTION = 8;

  private final StackContext context;

  NdSender(StackContext context) {
    this.context = context;
  }

  /**
   * Asks for an address (section 7.2.2).
   *
   * @param mac who is asked; -1 for all that may have it
   */
  void solicit(Interface out, IpAddress target, long mac) {
    InterfaceAddress source = out.source6(target.high(), target.low());
    if (source == null) {
      source = out.linkLocal6();
    }
    if (source != null) {
      boolean all = mac < 0;
      IpAddress to = all ? solicitedNode(target) : target;
      long toMac = all ? MacAddress.ofGroup6(to.low()) : mac;
      int option = Icmp6.SOURCE_LINK_ADDRESS;
      solicitation(out, source.address(), to, toMac, target, option, out.mac);
    }
  }

  /**
   * Asks whether anybody has an address (RFC 4862, section 5.4.2).
   *
   * @param nonce 48 bits that tell this probe from another station's (RFC 7527, section 4.1)
   */
  void probe(Interface out, IpAddress address, long nonce) {
    IpAddress to = solicitedNode(address);
    long mac = MacAddress.ofGroup6(to.low());
    solicitation(out, UNSPECIFIED, to, mac, address, Icmp6.NONCE, nonce);
  }

  private static IpAddress solicitedNode(IpAddress target) {
    return IpAddress.of(Ipv6Addresses.LINK_SCOPE, Ipv6Addresses.solicitedNode(target.low()));
  }

  /** A solicitation with one option of six bytes. */
  private void solicitation(
      Interface out,
      IpAddress from,
      IpAddress to,
      long toMac,
      IpAddress target,
      int option,
      long content) {
    int length = FIXED + LINK_OPTION;
    PacketBuffer packet = begin(from, to, length);
    if (packet == null) {
      return;
    }
    MemorySegment memory = context.memory;
    long icmp = packet.network + Ipv6.SIZE;
    Bytes.put64(memory, icmp, (long) Icmp6.NEIGHBOR_SOLICITATION << 56);
    putAddress(icmp + 8, target);
    putLink(icmp + FIXED, option, content);
    finish(packet, length, out, toMac);
  }

  /**
   * Says where an address of ours is (section 7.2.4).
   *
   * @param override whether what is known of it is to be replaced
   */
  void advertise(
      Interface out,
      long targetHigh,
      long targetLow,
      long toHigh,
      long toLow,
      long toMac,
      boolean solicited,
      boolean override) {
    InterfaceAddress own = out.find6(targetHigh, targetLow);
    if (own == null) {
      own = out.source6(toHigh, toLow); // An anycast address is no source.
    }
    int length = FIXED + LINK_OPTION;
    PacketBuffer packet = own == null ? null : begin(own.address(), toHigh, toLow, length);
    if (packet == null) {
      return;
    }
    MemorySegment memory = context.memory;
    long icmp = packet.network + Ipv6.SIZE;
    long flags =
        (out.forwarding ? 1L << 31 : 0) | (solicited ? 1L << 30 : 0) | (override ? 1L << 29 : 0);
    Bytes.put64(memory, icmp, (long) Icmp6.NEIGHBOR_ADVERTISEMENT << 56 | flags);
    Bytes.put64(memory, icmp + 8, targetHigh);
    Bytes.put64(memory, icmp + 16, targetLow);
    putLink(icmp + FIXED, Icmp6.TARGET_LINK_ADDRESS, out.mac);
    finish(packet, length, out, toMac);
  }

  /** A packet with its IPv6 header written, for a message of {@code length} bytes; or null. */
  PacketBuffer begin(IpAddress from, IpAddress to, int length) {
    return begin(from, to.high(), to.low(), length);
  }

  /** The same. */
  PacketBuffer begin(IpAddress from, long toHigh, long toLow, int length) {
    PacketBuffer packet = context.exit.acquire(Ipv6.SIZE + length);
    if (packet != null) {
      MemorySegment memory = context.memory;
      Ipv6.write(memory, packet.network, 0, length, IpProtocol.ICMPV6, HOP_LIMIT);
      Ipv6.putSource(memory, packet.network, from.high(), from.low());
      Ipv6.putDestination(memory, packet.network, toHigh, toLow);
    }
    return packet;
  }

  void putAddress(long at, IpAddress address) {
    Bytes.put64(context.memory, at, address.high());
    Bytes.put64(context.memory, at + 8, address.low());
  }

  void putLink(long at, int option, long mac) {
    Bytes.put64(context.memory, at, (long) option << 56 | 1L << 48 | mac);
  }

  void finish(PacketBuffer packet, int length, Interface out, long toMac) {
    Icmp6.seal(context.memory, packet.network, packet.network + Ipv6.SIZE, length);
    context.link.send(packet, out, toMac, EtherType.IPV6);
  }
}
