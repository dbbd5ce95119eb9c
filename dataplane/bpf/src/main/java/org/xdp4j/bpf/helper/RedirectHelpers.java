package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.CONST_MAP;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.DeviceMap;
import org.xdp4j.bpf.map.DeviceSlots;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.RedirectMap;

/** Where a frame is to go (net/core/filter.c, include/linux/filter.h). */
public final class RedirectHelpers {
  private static final long XDP_ABORTED = 0;
  private static final long XDP_REDIRECT = 4;

  /** Flag bits that are the return code on a miss: any action below XDP_REDIRECT. */
  private static final long ACTION_MASK = 3;

  private RedirectHelpers() {}

  static void declare(HelperTable table) {
    table.row(23, "redirect").takes(ANYTHING, ANYTHING).by(RedirectHelpers.class, "redirect");
    table
        .row(HelperSpec.REDIRECT_MAP, "redirect_map")
        .takes(CONST_MAP, ANYTHING, ANYTHING)
        .on(MapType.DEVMAP, MapType.DEVMAP_HASH, MapType.CPUMAP, MapType.XSKMAP)
        .by(RedirectHelpers.class, "redirectMap");
  }

  /** {@code bpf_redirect(u32 ifindex, flags)}: XDP_REDIRECT, or XDP_ABORTED when flags are set. */
  public static long redirect(XdpContext ctx, long ifindex, long flags, long r3, long r4, long r5) {
    if (flags != 0) {
      return XDP_ABORTED;
    }
    ctx.redirectMap = 0;
    ctx.redirectTarget = ifindex & 0xFFFFFFFFL;
    ctx.redirectFlags = 0;
    return XDP_REDIRECT;
  }

  /**
   * {@code bpf_redirect_map(map, key, flags)}: XDP_REDIRECT; the flags' low two bits when the map
   * has no such key; XDP_ABORTED for flags the map does not know.
   */
  public static long redirectMap(XdpContext ctx, long map, long key, long flags, long r4, long r5) {
    return redirectMap(ctx, BpfMap.at(ctx.region, map), key, flags);
  }

  /** The same with a map that is known, as compiled programs know theirs. */
  public static long redirectMap(XdpContext ctx, BpfMap map, long key, long flags) {
    if (!(map instanceof RedirectMap targets)
        || (flags & ~(ACTION_MASK | targets.redirectFlags())) != 0) {
      return XDP_ABORTED;
    }
    boolean goes = isBroadcast(flags) || targets.hasTarget((int) key);
    return goes ? redirect(ctx, map.address(), key, flags) : missed(ctx, flags);
  }

  /** The same with a DEVMAP by what compiled programs know of it. */
  public static long redirectMap(XdpContext ctx, DeviceSlots slots, long key, long flags) {
    if ((flags & ~(ACTION_MASK | DeviceMap.REDIRECT_FLAGS)) != 0) {
      return XDP_ABORTED;
    }
    boolean goes = isBroadcast(flags) || slots.hasTarget((int) key);
    return goes ? redirect(ctx, slots.map(), key, flags) : missed(ctx, flags);
  }

  private static boolean isBroadcast(long flags) {
    return (flags & RedirectMap.BROADCAST) != 0;
  }

  private static long redirect(XdpContext ctx, long map, long key, long flags) {
    ctx.redirectMap = map;
    ctx.redirectTarget = key & 0xFFFFFFFFL;
    ctx.redirectFlags = isBroadcast(flags) ? flags : 0;
    return XDP_REDIRECT;
  }

  private static long missed(XdpContext ctx, long flags) {
    ctx.redirectMap = 0;
    ctx.redirectTarget = 0;
    ctx.redirectFlags = 0;
    return flags & ACTION_MASK;
  }
}
