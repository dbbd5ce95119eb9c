package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.CONST_MAP;
import static org.xdp4j.bpf.helper.ArgumentKind.IGNORED;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE_OR_ZERO;
import static org.xdp4j.bpf.helper.ArgumentKind.UNINIT_MEM;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapType;

/**
 * Hardware counters (kernel/trace/bpf_trace.c). Only a kernel can count for a program, so no map
 * here ever holds a counter: the answers are those of a map that nobody put one in.
 */
public final class PerfCounterHelpers {
  /** BPF_F_INDEX_MASK, which as an index means BPF_F_CURRENT_CPU. */
  private static final long INDEX_MASK = 0xFFFFFFFFL;

  /** Bytes of {@code struct bpf_perf_event_value}. */
  private static final int VALUE_SIZE = 24;

  private PerfCounterHelpers() {}

  static void declare(HelperTable table) {
    String empty = "-ENOENT: no counter is in any map";
    table
        .row(22, "perf_event_read")
        .takes(CONST_MAP, ANYTHING)
        .gplOnly()
        .on(MapType.PERF_EVENT_ARRAY)
        .answers(empty)
        .by(PerfCounterHelpers.class, "read");
    table
        .row(55, "perf_event_read_value")
        .takes(CONST_MAP, ANYTHING, UNINIT_MEM, SIZE)
        .gplOnly()
        .on(MapType.PERF_EVENT_ARRAY)
        .answers(empty)
        .by(PerfCounterHelpers.class, "readValue");
    table
        .row(176, "get_branch_snapshot")
        .takes(UNINIT_MEM, SIZE_OR_ZERO, IGNORED) // the flags, which its prototype leaves out
        .gplOnly()
        .answers("-ENOENT: as on hardware that records no branches")
        .by(PerfCounterHelpers.class, "branches");
  }

  /** {@code bpf_perf_event_read(map, flags)}: -EINVAL, -E2BIG or -ENOENT. */
  public static long read(XdpContext ctx, long map, long flags, long r3, long r4, long r5) {
    long index = flags & INDEX_MASK;
    if ((flags & ~INDEX_MASK) != 0) {
      return Errno.EINVAL;
    }
    long entry = index == INDEX_MASK ? ctx.cpu : index;
    int entries = BpfMap.at(ctx.region, map).spec().maxEntries();
    return entry >= Integer.toUnsignedLong(entries) ? Errno.E2BIG : Errno.ENOENT;
  }

  /** {@code bpf_perf_event_read_value(map, flags, value, u32 size)}: the same, and zeros. */
  public static long readValue(
      XdpContext ctx, long map, long flags, long value, long size, long r5) {
    ctx.region.segment().asSlice(value, size & 0xFFFFFFFFL).fill((byte) 0);
    return (int) size != VALUE_SIZE ? Errno.EINVAL : read(ctx, map, flags, 0, 0, 0);
  }

  /** {@code bpf_get_branch_snapshot(entries, u32 size, flags)}: -EINVAL for flags, else -ENOENT. */
  public static long branches(
      XdpContext ctx, long entries, long size, long flags, long r4, long r5) {
    return flags != 0 ? Errno.EINVAL : Errno.ENOENT;
  }
}
