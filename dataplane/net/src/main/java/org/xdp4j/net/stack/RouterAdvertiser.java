package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Icmp6;
import org.xdp4j.net.wire.IpPrefix;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.MacAddress;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Tells the hosts of a link that there is a router, and which prefixes are on the link (RFC 4861,
 * section 6.2). Owned by one worker; when it is each link's turn the interface says, so that
 * several workers do not all speak.
 */
final class RouterAdvertiser {
  private static final int FIXED = 16;
  private static final int LINK_OPTION = 8;
  private static final int MTU_OPTION = 8;
  private static final int PREFIX_OPTION = 32;

  /** AdvDefaultLifetime, in seconds: three times the longest interval (section 6.2.1). */
  private static final int ROUTER_LIFETIME = 1800;

  private static final int VALID_LIFETIME = 2_592_000;
  private static final int PREFERRED_LIFETIME = 604_800;
  private static final int ON_LINK = 0x80;
  private static final int AUTONOMOUS = 0x40;
  private static final int AUTONOMOUS_LENGTH = 64;

  private final StackContext context;
  private final NdSender sender;

  RouterAdvertiser(StackContext context, NdSender sender) {
    this.context = context;
    this.sender = sender;
  }

  /** Advertises where it is time to. */
  void tick() {
    for (Interface each : context.topology.interfaces()) {
      if (each.advertise && each.isUp() && each.schedule.isDue(context.now)) {
        send(each);
      }
    }
  }

  /** A host asked: it is answered to all, unless all were told just now (section 6.2.6). */
  void answer(Interface out) {
    if (out.schedule.mayAnswer(context.now)) {
      send(out);
    }
  }

  private void send(Interface out) {
    InterfaceAddress own = out.linkLocal6();
    if (own == null) {
      return;
    }
    int prefixes = 0;
    for (InterfaceAddress address : out.ipv6) {
      prefixes += isAdvertised(address) ? 1 : 0;
    }
    int length = FIXED + LINK_OPTION + MTU_OPTION + prefixes * PREFIX_OPTION;
    PacketBuffer packet = sender.begin(own.address(), NdSender.ALL_NODES, length);
    if (packet == null) {
      return;
    }
    MemorySegment memory = context.memory;
    long icmp = packet.network + Ipv6.SIZE;
    Bytes.clear(memory, icmp, length);
    Bytes.put8(memory, icmp, Icmp6.ROUTER_ADVERTISEMENT);
    Bytes.put8(memory, icmp + 4, context.settings.hopLimit());
    Bytes.put16(memory, icmp + 6, out.forwarding ? ROUTER_LIFETIME : 0);
    long at = icmp + FIXED;
    sender.putLink(at, Icmp6.SOURCE_LINK_ADDRESS, out.mac);
    at += LINK_OPTION;
    Bytes.put64(memory, at, (long) Icmp6.MTU << 56 | 1L << 48 | out.mtu);
    at += MTU_OPTION;
    for (InterfaceAddress address : out.ipv6) {
      if (isAdvertised(address)) {
        putPrefix(at, address.prefix());
        at += PREFIX_OPTION;
      }
    }
    sender.finish(packet, length, out, MacAddress.ofGroup6(NdSender.ALL_NODES.low()));
  }

  private static boolean isAdvertised(InterfaceAddress address) {
    return !address.address().isLinkLocal() && address.isPreferred();
  }

  private void putPrefix(long at, IpPrefix prefix) {
    MemorySegment memory = context.memory;
    int flags = ON_LINK | (prefix.length() == AUTONOMOUS_LENGTH ? AUTONOMOUS : 0);
    Bytes.put8(memory, at, Icmp6.PREFIX_INFORMATION);
    Bytes.put8(memory, at + 1, PREFIX_OPTION / 8);
    Bytes.put8(memory, at + 2, prefix.length());
    Bytes.put8(memory, at + 3, flags);
    Bytes.put32(memory, at + 4, VALID_LIFETIME);
    Bytes.put32(memory, at + 8, PREFERRED_LIFETIME);
    sender.putAddress(at + 16, prefix.network().address());
  }
}
