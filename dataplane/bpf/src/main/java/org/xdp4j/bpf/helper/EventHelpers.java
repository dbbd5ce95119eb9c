package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.CONST_MAP;
import static org.xdp4j.bpf.helper.ArgumentKind.CONTEXT;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE_OR_ZERO;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.EventSink;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.PerfEventArrayMap;
import org.xdp4j.bpf.memory.Region;

/** Perf events (net/core/filter.c, kernel/trace/bpf_trace.c). */
public final class EventHelpers {
  /** BPF_F_INDEX_MASK, which as an index means BPF_F_CURRENT_CPU. */
  private static final long INDEX_MASK = 0xFFFFFFFFL;

  /** BPF_F_CTXLEN_MASK: how many bytes of the packet to append. */
  private static final long LENGTH_MASK = 0xFFFFFL << 32;

  private EventHelpers() {}

  static void declare(HelperTable table) {
    table
        .row(25, "perf_event_output")
        .takes(CONTEXT, CONST_MAP, ANYTHING, MEM, SIZE_OR_ZERO)
        .gplOnly()
        .on(MapType.PERF_EVENT_ARRAY)
        .by(EventHelpers.class, "perfEvent");
  }

  /**
   * {@code bpf_perf_event_output(ctx, map, flags, data, size)}: the data, then as many bytes of the
   * packet as the flags' upper half says, to the reader of a CPU's buffer.
   *
   * @return 0; -EINVAL for unknown flags, -EFAULT for more packet than there is, -E2BIG for an
   *     index beyond the map, -ENOENT when nobody reads, -EOPNOTSUPP for another CPU's buffer,
   *     -ENOSPC when the reader has no room
   */
  public static long perfEvent(
      XdpContext ctx, long r1, long map, long flags, long data, long size) {
    long fromPacket = (flags & LENGTH_MASK) >>> 32;
    if ((flags & ~(LENGTH_MASK | INDEX_MASK)) != 0) {
      return Errno.EINVAL;
    }
    if (fromPacket > PacketBytes.length(ctx)) {
      return Errno.EFAULT;
    }
    BpfMap events = BpfMap.at(ctx.region, map);
    long index = (flags & INDEX_MASK) == INDEX_MASK ? ctx.cpu : flags & INDEX_MASK;
    if (index >= events.spec().maxEntries()) {
      return Errno.E2BIG;
    }
    if (events instanceof PerfEventArrayMap array && array.hasReader()) {
      return array.write(index, ctx.cpu, record(ctx, data, (int) size, (int) fromPacket));
    }
    if (ctx.events == EventSink.NONE) {
      return Errno.ENOENT;
    }
    if (index != ctx.cpu) {
      return Errno.EOPNOTSUPP;
    }
    byte[] record = record(ctx, data, (int) size, (int) fromPacket);
    return ctx.events.perfEvent(events.name(), ctx.cpu, record) ? 0 : Errno.ENOSPC;
  }

  private static byte[] record(XdpContext ctx, long data, int size, int fromPacket) {
    byte[] record = new byte[size + fromPacket];
    MemorySegment memory = ctx.region.segment();
    MemorySegment.copy(memory, Region.BYTE, data, record, 0, size);
    PacketBytes.read(ctx, record, size, fromPacket);
    return record;
  }
}
