package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
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

  /** A prefix, and for how many seconds it is on the link, and addresses of it are preferred. */
  private record Advertised(IpPrefix prefix, int valid, int preferred) {}

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
          && context.canSpeak(each)
          && each.linkLocal6() != null
          && each.schedule.isDue(each, context.now)) {
        send(each);
      }
    }
  }

  /**
   * Tells hosts that interfaces which are about to leave, or to advertise no more, are no router's
   * any longer (section 6.2.5). Of their prefixes nothing is said: others may advertise them too.
   */
  void sayFarewells() {
    for (Interface out; (out = context.router.nextFarewell()) != null; ) {
      InterfaceAddress own = out.linkLocal6();
      if (own != null) {
        send(out, own, 0, List.of());
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
    List<Advertised> prefixes = new ArrayList<>();
    for (IpPrefix each : prefixes(out)) {
      prefixes.add(new Advertised(each, VALID_LIFETIME, PREFERRED_LIFETIME));
    }
    // What was told before is not left to run out. Hosts make no new connections from then on, and
    // keep their addresses for two hours at most (RFC 4862, section 5.5.3 (e)).
    for (IpPrefix each : out.schedule.takeWithdrawn()) {
      prefixes.add(new Advertised(each, 0, 0));
    }
    int room = out.mtu - Ipv6.SIZE - FIXED - LINK_OPTION - MTU_OPTION;
    int atOnce = Math.max(1, room / PREFIX_OPTION);
    int from = 0;
    do {
      int to = Math.min(prefixes.size(), from + atOnce);
      send(out, own, out.forwarding ? ROUTER_LIFETIME : 0, prefixes.subList(from, to));
      from = to;
    } while (from < prefixes.size());
  }

  private void send(Interface out, InterfaceAddress own, int lifetime, List<Advertised> prefixes) {
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
    Bytes.put16(memory, icmp + 6, lifetime);
    long at = icmp + FIXED;
    sender.putLink(at, Icmp6.SOURCE_LINK_ADDRESS, out.mac);
    at += LINK_OPTION;
    Bytes.put64(memory, at, (long) Icmp6.MTU << 56 | 1L << 48 | out.mtu);
    at += MTU_OPTION;
    for (Advertised prefix : prefixes) {
      putPrefix(at, prefix);
      at += PREFIX_OPTION;
    }
    sender.finish(packet, length, out, MacAddress.ofGroup6(NdSender.ALL_NODES.low()));
  }

  private void putPrefix(long at, Advertised advertised) {
    MemorySegment memory = context.memory;
    IpPrefix prefix = advertised.prefix();
    int flags = ON_LINK | (prefix.length() == AUTONOMOUS_LENGTH ? AUTONOMOUS : 0);
    Bytes.put8(memory, at, Icmp6.PREFIX_INFORMATION);
    Bytes.put8(memory, at + 1, PREFIX_OPTION / 8);
    Bytes.put8(memory, at + 2, prefix.length());
    Bytes.put8(memory, at + 3, flags);
    Bytes.put32(memory, at + 4, advertised.valid());
    Bytes.put32(memory, at + 8, advertised.preferred());
    sender.putAddress(at + 16, prefix.address());
  }
}
