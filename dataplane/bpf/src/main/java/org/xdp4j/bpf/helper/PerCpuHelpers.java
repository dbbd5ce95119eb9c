package org.xdp4j.bpf.helper;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.LruPerCpuHashMap;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.PerCpuArrayMap;
import org.xdp4j.bpf.map.PerCpuHashMap;

/** Another CPU's values (kernel/bpf/helpers.c). */
public final class PerCpuHelpers {
  private PerCpuHelpers() {}

  static void declare(HelperTable table) {
    table
        .row(195, "map_lookup_percpu_elem")
        .takes(ArgumentKind.CONST_MAP, ArgumentKind.MAP_KEY, ArgumentKind.ANYTHING)
        .returns(ReturnKind.MAP_VALUE_OR_NULL)
        .readsPacket()
        .on(MapType.PERCPU_ARRAY, MapType.PERCPU_HASH, MapType.LRU_PERCPU_HASH)
        .by(PerCpuHelpers.class, "lookup");
  }

  /** {@code bpf_map_lookup_percpu_elem(map, key, u32 cpu)}. */
  public static long lookup(XdpContext ctx, long map, long key, long cpu, long r4, long r5) {
    long number = cpu & 0xFFFFFFFFL;
    return switch (BpfMap.at(ctx.region, map)) {
      case PerCpuArrayMap array -> array.lookupPerCpu(key, number);
      case LruPerCpuHashMap hash -> hash.lookupPerCpu(key, number);
      case PerCpuHashMap hash -> hash.lookupPerCpu(key, number);
      default -> 0;
    };
  }
}
