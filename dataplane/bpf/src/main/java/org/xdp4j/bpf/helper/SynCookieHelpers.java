package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.IPV4_HEADER;
import static org.xdp4j.bpf.helper.ArgumentKind.IPV6_HEADER;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE_OR_ZERO;
import static org.xdp4j.bpf.helper.ArgumentKind.TCP_HEADER;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;

/** SYN cookies without a listening socket, as a SYN proxy needs them (net/core/filter.c). */
public final class SynCookieHelpers {
  private static final int TCP_SIZE = 20;

  /** TCP_MSS_DEFAULT: what a peer that says nothing can take over IPv4 (RFC 9293, 3.7.1). */
  private static final int DEFAULT_4 = 536;

  /** The same over IPv6: the least MTU without both headers. */
  private static final int DEFAULT_6 = 1280 - 40 - 20;

  private static final int OPTION_END = 0;
  private static final int OPTION_NOTHING = 1;
  private static final int OPTION_MSS = 2;

  // Offsets in the headers.
  private static final int SOURCE_4 = 12;
  private static final int SOURCE_6 = 8;
  private static final int SEQUENCE = 4;
  private static final int ACKNOWLEDGED = 8;
  private static final int DATA_OFFSET = 12;

  private SynCookieHelpers() {}

  static void declare(HelperTable table) {
    generator(table, 204, "tcp_raw_gen_syncookie_ipv4", IPV4_HEADER, "makeIpv4");
    generator(table, 205, "tcp_raw_gen_syncookie_ipv6", IPV6_HEADER, "makeIpv6");
    check(table, 206, "tcp_raw_check_syncookie_ipv4", IPV4_HEADER, "checkIpv4");
    check(table, 207, "tcp_raw_check_syncookie_ipv6", IPV6_HEADER, "checkIpv6");
  }

  private static void generator(
      HelperTable table, int id, String name, ArgumentKind header, String method) {
    table
        .row(id, name)
        .takes(header, MEM, SIZE_OR_ZERO)
        .gplOnly()
        .readsPacket()
        .by(SynCookieHelpers.class, method);
  }

  private static void check(
      HelperTable table, int id, String name, ArgumentKind header, String method) {
    table
        .row(id, name)
        .takes(header, TCP_HEADER)
        .gplOnly()
        .readsPacket()
        .by(SynCookieHelpers.class, method);
  }

  /**
   * {@code bpf_tcp_raw_gen_syncookie_ipv4(iph, th, u32 size)}: the cookie in the lower 32 bits, the
   * segment size to announce above them; -EINVAL when {@code size} is not the TCP header's.
   */
  public static long makeIpv4(XdpContext ctx, long ip, long tcp, long size, long r4, long r5) {
    return make(ctx, false, ip, tcp, size & 0xFFFFFFFFL);
  }

  /** {@code bpf_tcp_raw_gen_syncookie_ipv6(iph, th, u32 size)}: the same. */
  public static long makeIpv6(XdpContext ctx, long ip, long tcp, long size, long r4, long r5) {
    return make(ctx, true, ip, tcp, size & 0xFFFFFFFFL);
  }

  /** {@code bpf_tcp_raw_check_syncookie_ipv4(iph, th)}: 0 for the ACK of a cookie, or -EACCES. */
  public static long checkIpv4(XdpContext ctx, long ip, long tcp, long r3, long r4, long r5) {
    return check(ctx, false, ip, tcp);
  }

  /** {@code bpf_tcp_raw_check_syncookie_ipv6(iph, th)}: the same. */
  public static long checkIpv6(XdpContext ctx, long ip, long tcp, long r3, long r4, long r5) {
    return check(ctx, true, ip, tcp);
  }

  private static long make(XdpContext ctx, boolean ipv6, long ip, long tcp, long size) {
    MemorySegment memory = ctx.region.segment();
    if (size < TCP_SIZE || size != headerSize(memory, tcp)) {
      return Errno.EINVAL;
    }
    int announced = announcedSize(memory, tcp + TCP_SIZE, tcp + size);
    int index = SynCookies.index(ipv6, announced != 0 ? announced : ipv6 ? DEFAULT_6 : DEFAULT_4);
    int cookie =
        SynCookies.make(
            ctx,
            addresses(ctx, memory, ip, ipv6),
            memory.get(Region.INT, tcp),
            word(memory, tcp + SEQUENCE),
            index);
    return cookie & 0xFFFFFFFFL | (long) SynCookies.size(ipv6, index) << 32;
  }

  private static long check(XdpContext ctx, boolean ipv6, long ip, long tcp) {
    MemorySegment memory = ctx.region.segment();
    int index =
        SynCookies.check(
            ctx,
            word(memory, tcp + ACKNOWLEDGED) - 1,
            addresses(ctx, memory, ip, ipv6),
            memory.get(Region.INT, tcp),
            word(memory, tcp + SEQUENCE) - 1);
    return SynCookies.size(ipv6, index) > 0 ? 0 : Errno.EACCES;
  }

  private static int headerSize(MemorySegment memory, long tcp) {
    return (memory.get(Region.BYTE, tcp + DATA_OFFSET) >> 4 & 0xF) * 4;
  }

  private static int word(MemorySegment memory, long at) {
    return Integer.reverseBytes(memory.get(Region.INT, at));
  }

  private static long addresses(XdpContext ctx, MemorySegment memory, long ip, boolean ipv6) {
    if (!ipv6) {
      return memory.get(Region.LONG, ip + SOURCE_4);
    }
    long at = ip + SOURCE_6;
    return SynCookies.fold(
        ctx,
        memory.get(Region.LONG, at),
        memory.get(Region.LONG, at + 8),
        memory.get(Region.LONG, at + 16),
        memory.get(Region.LONG, at + 24));
  }

  /** The MSS option's value (RFC 9293, 3.2); 0 without one, or where options are malformed. */
  private static int announcedSize(MemorySegment memory, long start, long end) {
    int found = 0;
    long at = start;
    while (at < end) {
      int kind = memory.get(Region.BYTE, at);
      if (kind == OPTION_END) {
        return found;
      }
      if (kind == OPTION_NOTHING) {
        at++;
        continue;
      }
      if (end - at < 2) {
        return found;
      }
      int length = memory.get(Region.BYTE, at + 1) & 0xFF;
      if (length < 2 || length > end - at) {
        return found;
      }
      if (kind == OPTION_MSS && length == 4) {
        int mss = Short.reverseBytes(memory.get(Region.SHORT, at + 2)) & 0xFFFF;
        found = mss != 0 ? mss : found;
      }
      at += length;
    }
    return found;
  }
}
