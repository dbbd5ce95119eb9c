package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.CONST_MAP;
import static org.xdp4j.bpf.helper.ArgumentKind.CONTEXT;
import static org.xdp4j.bpf.helper.ArgumentKind.MAP_KEY;
import static org.xdp4j.bpf.helper.ArgumentKind.MAP_VALUE;
import static org.xdp4j.bpf.helper.ReturnKind.MAP_VALUE_OR_NULL;

import java.util.EnumSet;
import java.util.Set;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapType;

/** Helpers on any keyed map, and the tail call (kernel/bpf/helpers.c). */
public final class MapHelpers {
  private static final Set<MapType> KEYED =
      EnumSet.of(
          MapType.HASH,
          MapType.ARRAY,
          MapType.PERCPU_HASH,
          MapType.PERCPU_ARRAY,
          MapType.LRU_HASH,
          MapType.LRU_PERCPU_HASH,
          MapType.LPM_TRIE);

  private MapHelpers() {}

  static void declare(HelperTable table) {
    EnumSet<MapType> writable = EnumSet.copyOf(KEYED);
    writable.addAll(EnumSet.of(MapType.SOCKMAP, MapType.SOCKHASH));
    EnumSet<MapType> readable = EnumSet.copyOf(writable);
    readable.addAll(
        EnumSet.of(
            MapType.ARRAY_OF_MAPS,
            MapType.HASH_OF_MAPS,
            MapType.DEVMAP,
            MapType.DEVMAP_HASH,
            MapType.XSKMAP));
    table
        .row(HelperSpec.MAP_LOOKUP_ELEM, "map_lookup_elem")
        .takes(CONST_MAP, MAP_KEY)
        .returns(MAP_VALUE_OR_NULL)
        .readsPacket()
        .on(readable)
        .by(MapHelpers.class, "lookup");
    table
        .row(HelperSpec.MAP_UPDATE_ELEM, "map_update_elem")
        .takes(CONST_MAP, MAP_KEY, MAP_VALUE, ANYTHING)
        .readsPacket()
        .on(writable)
        .by(MapHelpers.class, "update");
    table
        .row(HelperSpec.MAP_DELETE_ELEM, "map_delete_elem")
        .takes(CONST_MAP, MAP_KEY)
        .readsPacket()
        .on(writable)
        .by(MapHelpers.class, "delete");
    table
        .row(HelperSpec.TAIL_CALL, "tail_call")
        .takes(CONTEXT, CONST_MAP, ANYTHING)
        .returns(ReturnKind.VOID)
        .on(MapType.PROG_ARRAY)
        .by(MapHelpers.class, "tailCall");
  }

  /** {@code bpf_map_lookup_elem(map, key)}. */
  public static long lookup(XdpContext ctx, long map, long key, long r3, long r4, long r5) {
    return BpfMap.at(ctx.region, map).lookup(key, ctx.cpu);
  }

  /** {@code bpf_map_update_elem(map, key, value, flags)}. */
  public static long update(XdpContext ctx, long map, long key, long value, long flags, long r5) {
    return BpfMap.at(ctx.region, map).update(key, value, flags, ctx.cpu);
  }

  /** {@code bpf_map_delete_elem(map, key)}. */
  public static long delete(XdpContext ctx, long map, long key, long r3, long r4, long r5) {
    return BpfMap.at(ctx.region, map).delete(key);
  }

  /**
   * {@code bpf_tail_call(ctx, map, index)} has no implementation to call: whoever runs the program
   * changes programs itself.
   *
   * @throws UnsupportedOperationException always
   */
  public static long tailCall(XdpContext ctx, long r1, long map, long index, long r4, long r5) {
    throw new UnsupportedOperationException("a tail call is made by whoever runs the program");
  }
}
