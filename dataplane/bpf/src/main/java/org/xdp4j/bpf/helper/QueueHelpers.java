package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.CONST_MAP;
import static org.xdp4j.bpf.helper.ArgumentKind.MAP_VALUE;
import static org.xdp4j.bpf.helper.ArgumentKind.UNINIT_MAP_VALUE;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BloomFilterMap;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.QueueMap;

/** Maps without keys: queues, stacks and bloom filters (kernel/bpf/helpers.c). */
public final class QueueHelpers {
  private QueueHelpers() {}

  static void declare(HelperTable table) {
    table
        .row(87, "map_push_elem")
        .takes(CONST_MAP, MAP_VALUE, ANYTHING)
        .readsPacket()
        .on(MapType.QUEUE, MapType.STACK, MapType.BLOOM_FILTER)
        .by(QueueHelpers.class, "push");
    table
        .row(88, "map_pop_elem")
        .takes(CONST_MAP, UNINIT_MAP_VALUE)
        .on(MapType.QUEUE, MapType.STACK)
        .by(QueueHelpers.class, "pop");
    table
        .row(89, "map_peek_elem")
        .takes(CONST_MAP, UNINIT_MAP_VALUE)
        .on(MapType.QUEUE, MapType.STACK, MapType.BLOOM_FILTER)
        .by(QueueHelpers.class, "peek");
  }

  /** {@code bpf_map_push_elem(map, value, flags)}. */
  public static long push(XdpContext ctx, long map, long value, long flags, long r4, long r5) {
    return switch (BpfMap.at(ctx.region, map)) {
      case QueueMap queue -> queue.push(value, flags);
      case BloomFilterMap filter -> filter.push(value, flags);
      default -> Errno.EOPNOTSUPP;
    };
  }

  /** {@code bpf_map_pop_elem(map, value)}. */
  public static long pop(XdpContext ctx, long map, long value, long r3, long r4, long r5) {
    return BpfMap.at(ctx.region, map) instanceof QueueMap queue
        ? queue.pop(value)
        : Errno.EOPNOTSUPP;
  }

  /** {@code bpf_map_peek_elem(map, value)}. */
  public static long peek(XdpContext ctx, long map, long value, long r3, long r4, long r5) {
    return switch (BpfMap.at(ctx.region, map)) {
      case QueueMap queue -> queue.peek(value);
      case BloomFilterMap filter -> filter.peek(value);
      default -> Errno.EOPNOTSUPP;
    };
  }
}
