package org.xdp4j.bpf.helper;

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
   * and data_end, as all of a packet in one piece does; -EINVAL for more than it has.
   */
  public static long pull(XdpContext ctx, long r1, long len, long r3, long r4, long r5) {
    return (len & LOW) <= ctx.dataEnd - ctx.data ? 0 : Errno.EINVAL & LOW;
  }
}
