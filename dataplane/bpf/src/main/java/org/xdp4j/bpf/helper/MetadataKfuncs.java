package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.CONTEXT;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM_2;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM_4;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM_8;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;

/**
 * What a network card knows of a frame (net/core/xdp.c). Linux lets only programs bound to a device
 * call these, for there the driver answers; here whoever brought the frame does, so any program
 * may.
 */
public final class MetadataKfuncs {
  private static final long LOW = 0xffffffffL;

  private MetadataKfuncs() {}

  static void declare(KfuncTable table) {
    table
        .row("bpf_xdp_metadata_rx_timestamp")
        .takes(CONTEXT, MEM_8)
        .by(MetadataKfuncs.class, "timestamp");
    table
        .row("bpf_xdp_metadata_rx_hash")
        .takes(CONTEXT, MEM_4, MEM_4)
        .by(MetadataKfuncs.class, "hash");
    table
        .row("bpf_xdp_metadata_rx_vlan_tag")
        .takes(CONTEXT, MEM_2, MEM_2)
        .by(MetadataKfuncs.class, "vlanTag");
  }

  /**
   * {@code bpf_xdp_metadata_rx_timestamp(ctx, u64 *timestamp)}: the capture's time in nanoseconds;
   * -ENODATA for a frame without one.
   */
  public static long timestamp(XdpContext ctx, long r1, long to, long r3, long r4, long r5) {
    if (ctx.frameNanos == 0) {
      return Errno.ENODATA & LOW;
    }
    ctx.region.segment().set(Region.LONG, to, ctx.frameNanos);
    return 0;
  }

  /**
   * {@code bpf_xdp_metadata_rx_hash(ctx, u32 *hash, enum xdp_rss_hash_type *type)}: the flow's hash
   * and what it was taken over; -EOPNOTSUPP when nobody computes one.
   */
  public static long hash(XdpContext ctx, long r1, long hash, long type, long r4, long r5) {
    if (ctx.flowHash == null) {
      return Errno.EOPNOTSUPP & LOW;
    }
    long found = ctx.flowHash.hash(ctx.region, ctx.data, ctx.dataEnd);
    ctx.region.segment().set(Region.INT, hash, (int) found);
    ctx.region.segment().set(Region.INT, type, (int) (found >>> 32));
    return 0;
  }

  /**
   * {@code bpf_xdp_metadata_rx_vlan_tag(ctx, __be16 *protocol, u16 *tci)}: -ENODATA always, for no
   * tag is ever taken off a frame.
   */
  public static long vlanTag(XdpContext ctx, long r1, long protocol, long tci, long r4, long r5) {
    return Errno.ENODATA & LOW;
  }
}
