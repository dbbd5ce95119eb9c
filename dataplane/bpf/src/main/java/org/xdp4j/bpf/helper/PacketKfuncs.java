package org.xdp4j.bpf.helper;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;

/** Kernel functions on the packet (net/core/filter.c). */
public final class PacketKfuncs {
  private static final long LOW = 0xffffffffL;

  private PacketKfuncs() {}

  static void declare(KfuncTable table) {
    table
        .row("bpf_xdp_pull_data")
        .takes(ArgumentKind.CONTEXT, ArgumentKind.SCALAR)
        .movesPacket()
        .by(PacketKfuncs.class, "pull");
  }

  /**
   * {@code bpf_xdp_pull_data(ctx, u32 len)}: 0 when the first {@code len} bytes lie between data
   * and data_end afterwards; -EINVAL for more than the packet or its first buffer has. Bytes out of
   * fragments go to the tailroom, and for those that it has no room for metadata and data move down
   * into the headroom.
   */
  public static long pull(XdpContext ctx, long r1, long len, long r3, long r4, long r5) {
    long more = (len & LOW) - (ctx.dataEnd - ctx.data);
    if (more <= 0) {
      return 0;
    }
    long headroom = ctx.dataMeta - ctx.frameStart - PacketHelpers.XDP_FRAME_SIZE;
    long tailroom = ctx.frameEnd - ctx.dataEnd;
    if (more > ctx.fragsSize || more > tailroom + headroom) {
      return Errno.EINVAL & LOW;
    }
    if (more > tailroom) {
      moveDown(ctx, more - tailroom);
    }
    MemorySegment memory = ctx.region.segment();
    MemorySegment.copy(memory, ctx.fragsStart, memory, ctx.dataEnd, more);
    ctx.dataEnd += more;
    ctx.fragsStart += more;
    ctx.fragsSize -= more;
    ctx.kernel.moved();
    return 0;
  }

  private static void moveDown(XdpContext ctx, long by) {
    MemorySegment memory = ctx.region.segment();
    long size = ctx.dataEnd - ctx.dataMeta;
    MemorySegment.copy(memory, ctx.dataMeta, memory, ctx.dataMeta - by, size);
    ctx.dataMeta -= by;
    ctx.data -= by;
    ctx.dataEnd -= by;
  }
}
