package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
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
      // Without an address of the link there is nobody to be (section 6.1.2): its turn stays.
      if (each.advertise
          && each.isUp()
          && each.linkLocal6() != null
          && each.schedule.isDue(each, context.now)) {
        send(each);
      }
    }
  }

  /** A host asked: all are told, soon (section 6.2.6). */
  void answer(Interface out) {
    out.schedule.solicited(context.now);
  }

  /** The prefixes that are on an interface's link, each once. */
  static List<IpPrefix> prefixes(Interface out) {
    return Arrays.stream(out.ipv6)
        .filter(address -> !address.address().isLinkLocal())
        .map(address -> address.prefix().network())
        .distinct()
        .toList();
  }

  /** As many messages as the link's MTU needs for all prefixes (section 6.2.3). */
  private void send(Interface out) {
    InterfaceAddress own = out.linkLocal6();
    if (own == null) {
      return; // Another worker just found that somebody else has it.
    }
    List<IpPrefix> prefixes = prefixes(out);
    int room = out.mtu - Ipv6.SIZE - FIXED - LINK_OPTION - MTU_OPTION;
    int atOnce = Math.max(1, room / PREFIX_OPTION);
    int from = 0;
    do {
      int to = Math.min(prefixes.size(), from + atOnce);
      send(out, own, prefixes.subList(from, to));
      from = to;
    } while (from < prefixes.size());
  }

  private void send(Interface out, InterfaceAddress own, List<IpPrefix> prefixes) {
    int length = FIXED + LINK_OPTION + MTU_OPTION + prefixes.size() * PREFIX_OPTION;
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
    for (IpPrefix prefix : prefixes) {
      putPrefix(at, prefix);
      at += PREFIX_OPTION;
    }
    sender.finish(packet, length, out, MacAddress.ofGroup6(NdSender.ALL_NODES.low()));
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
    sender.putAddress(at + 16, prefix.address());
  }
}
