package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.CONTEXT;
import static org.xdp4j.bpf.helper.ArgumentKind.INT_IN_OUT;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE;
import static org.xdp4j.bpf.helper.ArgumentKind.WRITABLE_MEM;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.RouteQuery;
import org.xdp4j.bpf.context.Routing;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;

/** What programs ask the network stack (net/core/filter.c); it answers by {@link Routing}. */
public final class RouteHelpers {
  private static final long DIRECT = 1;
  private static final long OUTPUT = 2;
  private static final long SKIP_NEIGH = 4;
  private static final long TBID = 8;
  private static final long SRC = 16;
  private static final long MARK = 32;
  private static final long FLAGS = DIRECT | OUTPUT | SKIP_NEIGH | TBID | SRC | MARK;

  // BPF_FIB_LKUP_RET_*
  private static final int SUCCESS = 0;
  private static final int BLACKHOLE = 1;
  private static final int UNREACHABLE = 2;
  private static final int PROHIBIT = 3;
  private static final int NOT_FORWARDED = 4;
  private static final int FORWARDING_DISABLED = 5;
  private static final int UNSUPPORTED_TUNNEL = 6;
  private static final int NO_NEIGHBOR = 7;
  private static final int FRAGMENTATION_NEEDED = 8;
  private static final int NO_SOURCE_ADDRESS = 9;

  /** BPF_MTU_CHK_RET_FRAG_NEEDED. */
  private static final int MTU_EXCEEDED = 1;

  /** What a packet of this host's own comes in on. */
  private static final int LOOPBACK = 1;

  private RouteHelpers() {}

  static void declare(HelperTable table) {
    table
        .row(69, "fib_lookup")
        .takes(CONTEXT, WRITABLE_MEM, SIZE, ANYTHING)
        .gplOnly()
        .by(RouteHelpers.class, "lookup");
    table
        .row(163, "check_mtu")
        .takes(CONTEXT, ANYTHING, INT_IN_OUT, ANYTHING, ANYTHING)
        .gplOnly()
        .by(RouteHelpers.class, "checkMtu");
  }

  /**
   * {@code bpf_fib_lookup(ctx, struct bpf_fib_lookup *, int size, u32 flags)}: 0 with the next hop
   * filled in, one of BPF_FIB_LKUP_RET_*, -EINVAL, -EAFNOSUPPORT or -ENODEV.
   */
  public static long lookup(
      XdpContext ctx, long r1, long parameters, long size, long flags, long r5) {
    MemorySegment memory = ctx.region.segment();
    long options = flags & 0xFFFFFFFFL;
    if ((int) size < FibParameters.SIZE || (options & ~FLAGS) != 0) {
      return Errno.EINVAL;
    }
    return switch (FibParameters.family(memory, parameters)) {
      case FibParameters.AF_INET -> lookup(ctx, memory, parameters, false, options);
      case FibParameters.AF_INET6 -> lookup(ctx, memory, parameters, true, options);
      default -> Errno.EAFNOSUPPORT;
    };
  }

  private static int lookup(
      XdpContext ctx, MemorySegment memory, long parameters, boolean ipv6, long flags) {
    RouteQuery query = ctx.routeQuery;
    boolean direct = (flags & DIRECT) != 0;
    FibParameters.read(memory, parameters, ipv6, !direct && (flags & MARK) != 0, query);
    if (ipv6
        && (staysOnLink(query.destinationHigh, query.destinationLow)
            || staysOnLink(query.sourceHigh, query.sourceLow))) {
      return NOT_FORWARDED;
    }
    int ifindex = FibParameters.ifindex(memory, parameters);
    Routing.Link link = ctx.routing.link(ifindex);
    if (link == null) {
      return Errno.ENODEV;
    }
    if (!(ipv6 ? link.forwardsIpv6() : link.forwardsIpv4())) {
      return FORWARDING_DISABLED;
    }
    boolean output = (flags & OUTPUT) != 0;
    query.ingress = output ? LOOPBACK : ifindex;
    query.egress = output ? ifindex : 0;
    query.table = direct ? RouteQuery.MAIN_TABLE : RouteQuery.BY_RULES;
    if (direct && (flags & TBID) != 0) {
      int table = FibParameters.table(memory, parameters);
      query.table = table == 0 ? RouteQuery.MAIN_TABLE : table;
      FibParameters.setTable(memory, parameters, 0);
    }
    Routing.Hop hop = ctx.routing.route(query);
    if (hop == null) {
      return NOT_FORWARDED;
    }
    return switch (hop.kind()) {
      case UNICAST -> forward(ctx, memory, parameters, ipv6, flags, hop);
      case BLACKHOLE -> BLACKHOLE;
      case UNREACHABLE -> UNREACHABLE;
      case PROHIBIT -> PROHIBIT;
      case LOCAL -> NOT_FORWARDED;
    };
  }

  /** Link-local, multicast and loopback addresses: what the kernel's rt6_need_strict finds. */
  private static boolean staysOnLink(long high, long low) {
    return high >>> 56 == 0xFF || high >>> 54 == 0xFE80 >> 6 || high == 0 && low == 1;
  }

  private static int forward(
      XdpContext ctx,
      MemorySegment memory,
      long parameters,
      boolean ipv6,
      long flags,
      Routing.Hop hop) {
    Routing.Link link = ctx.routing.link(hop.ifindex());
    if (link == null) {
      return NOT_FORWARDED;
    }
    int mtu = hop.mtu() != 0 ? hop.mtu() : link.mtu();
    if (FibParameters.length(memory, parameters) > mtu) {
      FibParameters.setMtu(memory, parameters, mtu);
      return FRAGMENTATION_NEEDED;
    }
    if (hop.encapsulated()) {
      return UNSUPPORTED_TUNNEL;
    }
    FibParameters.setHop(memory, parameters, hop);
    if ((flags & SRC) != 0) {
      if (ipv6 && !hop.hasSource()) {
        return NO_SOURCE_ADDRESS;
      }
      FibParameters.setSource(memory, parameters, ipv6, hop);
    }
    if ((flags & SKIP_NEIGH) == 0) {
      long mac = neighbor(ctx, hop, ipv6);
      if (mac == Routing.NO_NEIGHBOR) {
        return NO_NEIGHBOR;
      }
      FibParameters.setMacs(memory, parameters, link.mac(), mac);
    }
    FibParameters.setTable(memory, parameters, 0);
    FibParameters.setMtu(memory, parameters, mtu);
    return SUCCESS;
  }

  private static long neighbor(XdpContext ctx, Routing.Hop hop, boolean ipv6) {
    RouteQuery query = ctx.routeQuery;
    return hop.gateway() == 0
        ? ctx.routing.neighbor(hop.ifindex(), ipv6, query.destinationHigh, query.destinationLow)
        : ctx.routing.neighbor(
            hop.ifindex(), hop.gateway() == 6, hop.gatewayHigh(), hop.gatewayLow());
  }

  /**
   * {@code bpf_check_mtu(ctx, u32 ifindex, u32 *length, s32 change, flags)}: whether the packet, or
   * one of {@code *length} bytes from its IP header on, still fits the interface (0 for the one it
   * came in on) after the change: 0 or BPF_MTU_CHK_RET_FRAG_NEEDED, with the MTU in {@code
   * *length}; -EINVAL for flags, -ENODEV.
   */
  public static long checkMtu(
      XdpContext ctx, long r1, long ifindex, long length, long change, long flags) {
    if (flags != 0) {
      return Errno.EINVAL;
    }
    Routing.Link link = ctx.routing.link((int) ifindex == 0 ? ctx.ingressIfindex : (int) ifindex);
    if (link == null) {
      return Errno.ENODEV;
    }
    MemorySegment memory = ctx.region.segment();
    int given = memory.get(Region.INT, length);
    int bytes = given != 0 ? given + link.headerLength() : (int) (ctx.dataEnd - ctx.data);
    memory.set(Region.INT, length, link.mtu());
    return bytes + (int) change > link.mtu() + link.headerLength() ? MTU_EXCEEDED : 0;
  }
}
