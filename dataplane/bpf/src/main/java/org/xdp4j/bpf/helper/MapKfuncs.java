package org.xdp4j.bpf.helper;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;

/** Kernel functions on maps (kernel/bpf/map_iter.c). */
public final class MapKfuncs {
  private MapKfuncs() {}

  static void declare(KfuncTable table) {
    table
        .row("bpf_map_sum_elem_count")
        .takes(ArgumentKind.CONST_MAP)
        .by(MapKfuncs.class, "elements");
  }

  /**
   * {@code s64 bpf_map_sum_elem_count(map)}: entries of a hash map, which are counted by a walk
   * over it; 0 for maps of which Linux, too, does not know.
   */
  public static long elements(XdpContext ctx, long map, long r2, long r3, long r4, long r5) {
    return BpfMap.at(ctx.region, map).countEntries();
  }
}
