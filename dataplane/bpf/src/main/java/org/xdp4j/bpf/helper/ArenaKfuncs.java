package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.CONST_MAP;
import static org.xdp4j.bpf.helper.ArgumentKind.IGNORED;
import static org.xdp4j.bpf.helper.ArgumentKind.SCALAR;
import static org.xdp4j.bpf.helper.KfuncSpec.Flag.SLEEPS;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.ArenaMap;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Errno;

/**
 * Pages of an arena (kernel/bpf/arena.c). All may sleep, so that XDP programs call them from work
 * they hand over only ({@link WorkQueueKfuncs}).
 */
public final class ArenaKfuncs {
  private static final long LOW = 0xffffffffL;

  private ArenaKfuncs() {}

  static void declare(KfuncTable table) {
    Class<ArenaKfuncs> here = ArenaKfuncs.class;
    table
        .row("bpf_arena_alloc_pages")
        .takes(CONST_MAP, IGNORED, SCALAR, SCALAR, SCALAR)
        .is(SLEEPS)
        .by(here, "allocate");
    table
        .row("bpf_arena_free_pages")
        .takes(CONST_MAP, IGNORED, SCALAR)
        .returns(ReturnKind.VOID)
        .is(SLEEPS)
        .by(here, "free");
    table
        .row("bpf_arena_reserve_pages")
        .takes(CONST_MAP, IGNORED, SCALAR)
        .is(SLEEPS)
        .by(here, "reserve");
  }

  /**
   * {@code void *bpf_arena_alloc_pages(map, address, u32 count, int node, u64 flags)}: a pointer of
   * user space's, or NULL.
   */
  public static long allocate(
      XdpContext ctx, long map, long address, long count, long node, long flags) {
    return BpfMap.at(ctx.region, map) instanceof ArenaMap arena
        ? arena.allocate(address, count & LOW, flags)
        : 0;
  }

  /** {@code bpf_arena_free_pages(map, address, u32 count)}. */
  public static long free(XdpContext ctx, long map, long address, long count, long r4, long r5) {
    if (BpfMap.at(ctx.region, map) instanceof ArenaMap arena) {
      arena.release(address, count & LOW);
    }
    return 0;
  }

  /** {@code int bpf_arena_reserve_pages(map, address, u32 count)}: 0, -EINVAL or -EBUSY. */
  public static long reserve(XdpContext ctx, long map, long address, long count, long r4, long r5) {
    return BpfMap.at(ctx.region, map) instanceof ArenaMap arena
        ? arena.reserve(address, count & LOW) & LOW
        : Errno.EINVAL & LOW;
  }
}
