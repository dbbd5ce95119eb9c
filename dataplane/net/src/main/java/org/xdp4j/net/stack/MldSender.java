package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Icmp6;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.MacAddress;
import org.xdp4j.net.wire.Mld;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Says which groups the interfaces listen to (RFC 3810; RFC 2710 where a querier speaks that).
 * Owned by one worker.
 */
final class MldSender {
  /** Of the link scope: all routers that speak version 2 (RFC 3810, section 5.2.14). */
  static final IpAddress ALL_ROUTERS_2 = IpAddress.of(Ipv6Addresses.LINK_SCOPE, 0x16);

  private static final IpAddress ALL_ROUTERS =
      IpAddress.of(Ipv6Addresses.LINK_SCOPE, Ipv6Addresses.ALL_ROUTERS);

  /**
   * The hop-by-hop header of each message (section 5): routers are to look at it though it is not
   * to them.
   *
   * <pre>
   *  0  next header: ICMPv6  1  length   2  router alert: 5, 2 bytes, 0 for MLD   6  padding: 1, 0
   * </pre>
   */
  private static final long HOP_BY_HOP = (long) IpProtocol.ICMPV6 << 56 | 0x0502_0000_0100L;

  private static final int HOP_BY_HOP_SIZE = 8;

  /** Bytes of a report's headers and fixed part. */
  private static final int OVERHEAD = Ipv6.SIZE + HOP_BY_HOP_SIZE + Mld.REPORT_SIZE;

  private final StackContext context;

  MldSender(StackContext context) {
    this.context = context;
  }

  /** Says what is due. */
  void tick() {
    for (Interface each : context.topology.interfaces()) {
      if (context.canSpeak(each)) {
        send(each, each.listener.poll(each, context.now));
      }
    }
  }

  private void send(Interface out, GroupListener.Due due) {
    if (due.isOld()) {
      for (GroupListener.Said said : due.said()) {
        send1(out, said);
      }
      return;
    }
    List<GroupListener.Said> said = due.said();
    int atOnce = Math.max(1, (out.mtu - OVERHEAD) / Mld.RECORD_SIZE);
    for (int from = 0; from < said.size(); from += atOnce) {
      send2(out, said.subList(from, Math.min(said.size(), from + atOnce)));
    }
  }

  private void send2(Interface out, List<GroupListener.Said> said) {
    int length = Mld.REPORT_SIZE + said.size() * Mld.RECORD_SIZE;
    PacketBuffer packet = begin(out, ALL_ROUTERS_2, length);
    if (packet == null) {
      return;
    }
    MemorySegment memory = context.memory;
    long message = packet.network + Ipv6.SIZE + HOP_BY_HOP_SIZE;
    Bytes.put64(memory, message, (long) Mld.REPORT << 56 | said.size());
    long at = message + Mld.REPORT_SIZE;
    for (GroupListener.Said each : said) {
      Mld.putRecord(memory, at, each.kind(), each.group());
      at += Mld.RECORD_SIZE;
    }
    finish(packet, out, length, ALL_ROUTERS_2);
  }

  /** RFC 2710, section 5: reports go to the group itself, the last word to the routers. */
  private void send1(Interface out, GroupListener.Said said) {
    boolean leaves = said.kind() == Mld.TO_INCLUDE;
    IpAddress to = leaves ? ALL_ROUTERS : said.group();
    PacketBuffer packet = begin(out, to, Mld.SIZE_1);
    if (packet != null) {
      long message = packet.network + Ipv6.SIZE + HOP_BY_HOP_SIZE;
      Mld.write1(context.memory, message, leaves ? Mld.DONE_1 : Mld.REPORT_1, said.group());
      finish(packet, out, Mld.SIZE_1, to);
    }
  }

  /** From an address of the link, or from none where there is none yet (RFC 3590, section 4). */
  private PacketBuffer begin(Interface out, IpAddress to, int length) {
    PacketBuffer packet = context.exit.acquire(Ipv6.SIZE + HOP_BY_HOP_SIZE + length);
    if (packet != null) {
      MemorySegment memory = context.memory;
      long ip = packet.network;
      InterfaceAddress own = out.linkLocal6();
      IpAddress from = own == null ? NdSender.UNSPECIFIED : own.address();
      Ipv6.write(memory, ip, 0, HOP_BY_HOP_SIZE + length, IpProtocol.HOP_BY_HOP, 1);
      Ipv6.putSource(memory, ip, from.high(), from.low());
      Ipv6.putDestination(memory, ip, to.high(), to.low());
      Bytes.put64(memory, ip + Ipv6.SIZE, HOP_BY_HOP);
    }
    return packet;
  }

  private void finish(PacketBuffer packet, Interface out, int length, IpAddress to) {
    long message = packet.network + Ipv6.SIZE + HOP_BY_HOP_SIZE;
    Icmp6.seal(context.memory, packet.network, message, length);
    context.link.send(packet, out, MacAddress.ofGroup6(to.low()), EtherType.IPV6);
  }
}
