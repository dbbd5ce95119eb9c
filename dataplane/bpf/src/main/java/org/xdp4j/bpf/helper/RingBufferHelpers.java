package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ALLOC_SIZE_OR_ZERO;
import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.CONST_MAP;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM;
import static org.xdp4j.bpf.helper.ArgumentKind.RESERVED_MEM;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE_OR_ZERO;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.RingBufferMap;

/** Records to a ring buffer (kernel/bpf/ringbuf.c). Waking the consumer is left to its polling. */
public final class RingBufferHelpers {
  private RingBufferHelpers() {}

  static void declare(HelperTable table) {
    table
        .row(130, "ringbuf_output")
        .takes(CONST_MAP, MEM, SIZE_OR_ZERO, ANYTHING)
        .on(MapType.RINGBUF)
        .by(RingBufferHelpers.class, "output");
    table
        .row(131, "ringbuf_reserve")
        .takes(CONST_MAP, ALLOC_SIZE_OR_ZERO, ANYTHING)
        .returns(ReturnKind.RESERVED_MEM_OR_NULL)
        .on(MapType.RINGBUF)
        .by(RingBufferHelpers.class, "reserve");
    table
        .row(132, "ringbuf_submit")
        .takes(RESERVED_MEM, ANYTHING)
        .returns(ReturnKind.VOID)
        .by(RingBufferHelpers.class, "submit");
    table
        .row(133, "ringbuf_discard")
        .takes(RESERVED_MEM, ANYTHING)
        .returns(ReturnKind.VOID)
        .by(RingBufferHelpers.class, "discard");
    table
        .row(134, "ringbuf_query")
        .takes(CONST_MAP, ANYTHING)
        .on(MapType.RINGBUF)
        .by(RingBufferHelpers.class, "query");
  }

  /** {@code bpf_ringbuf_output(map, data, size, flags)}: 0, -EINVAL or -EAGAIN. */
  public static long output(XdpContext ctx, long map, long data, long size, long flags, long r5) {
    return BpfMap.at(ctx.region, map) instanceof RingBufferMap ring
        ? ring.output(data, size, flags)
        : Errno.EINVAL;
  }

  /** {@code bpf_ringbuf_reserve(map, size, flags)}: the record, or 0. */
  public static long reserve(XdpContext ctx, long map, long size, long flags, long r4, long r5) {
    return BpfMap.at(ctx.region, map) instanceof RingBufferMap ring ? ring.reserve(size, flags) : 0;
  }

  /** {@code bpf_ringbuf_submit(record, flags)}. */
  public static long submit(XdpContext ctx, long record, long flags, long r3, long r4, long r5) {
    RingBufferMap.of(ctx.region, record).commit(record, false);
    return 0;
  }

  /** {@code bpf_ringbuf_discard(record, flags)}. */
  public static long discard(XdpContext ctx, long record, long flags, long r3, long r4, long r5) {
    RingBufferMap.of(ctx.region, record).commit(record, true);
    return 0;
  }

  /** {@code bpf_ringbuf_query(map, what)}. */
  public static long query(XdpContext ctx, long map, long what, long r3, long r4, long r5) {
    return BpfMap.at(ctx.region, map) instanceof RingBufferMap ring ? ring.query(what) : 0;
  }
}
