package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.CONTEXT;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE;
import static org.xdp4j.bpf.helper.ArgumentKind.UNINIT_MEM;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;

/** Helpers that move a frame's bounds or copy from and to it (net/core/filter.c). */
public final class PacketHelpers {
  /** The least a frame may be cut down to. */
  private static final int ETH_HLEN = 14;

  /**
   * What Linux keeps at the frame's very start for itself ({@code struct xdp_frame}): of 256 bytes
   * of headroom a program can have 216.
   */
  public static final int XDP_FRAME_SIZE = 40;

  /** The most metadata: its length must fit a byte. */
  private static final int META_MAX = 255;

  private PacketHelpers() {}

  static void declare(HelperTable table) {
    table
        .row(44, "xdp_adjust_head")
        .takes(CONTEXT, ANYTHING)
        .movesPacket()
        .by(PacketHelpers.class, "adjustHead");
    table
        .row(54, "xdp_adjust_meta")
        .takes(CONTEXT, ANYTHING)
        .movesPacket()
        .by(PacketHelpers.class, "adjustMeta");
    table
        .row(65, "xdp_adjust_tail")
        .takes(CONTEXT, ANYTHING)
        .movesPacket()
        .by(PacketHelpers.class, "adjustTail");
    table.row(188, "xdp_get_buff_len").takes(CONTEXT).by(PacketHelpers.class, "length");
    table
        .row(189, "xdp_load_bytes")
        .takes(CONTEXT, ANYTHING, UNINIT_MEM, SIZE)
        .by(PacketHelpers.class, "loadBytes");
    table
        .row(190, "xdp_store_bytes")
        .takes(CONTEXT, ANYTHING, MEM, SIZE)
        .by(PacketHelpers.class, "storeBytes");
  }

  /** {@code bpf_xdp_adjust_head(ctx, int delta)}: 0 or -EINVAL; metadata moves along. */
  public static long adjustHead(XdpContext ctx, long r1, long delta, long r3, long r4, long r5) {
    int offset = (int) delta;
    long meta = ctx.data - ctx.dataMeta;
    long data = ctx.data + offset;
    if (data < ctx.frameStart + XDP_FRAME_SIZE + meta || data > ctx.dataEnd - ETH_HLEN) {
      return Errno.EINVAL;
    }
    if (meta > 0) {
      MemorySegment memory = ctx.region.segment();
      MemorySegment.copy(memory, ctx.dataMeta, memory, ctx.dataMeta + offset, meta);
    }
    ctx.dataMeta += offset;
    ctx.data = data;
    ctx.kernel.moved();
    return 0;
  }

  /** {@code bpf_xdp_adjust_meta(ctx, int delta)}: 0, -EINVAL or -EACCES. */
  public static long adjustMeta(XdpContext ctx, long r1, long delta, long r3, long r4, long r5) {
    long meta = ctx.dataMeta + (int) delta;
    long length = ctx.data - meta;
    if (meta < ctx.frameStart + XDP_FRAME_SIZE || length < 0) {
      return Errno.EINVAL;
    }
    if ((length & 3) != 0 || length > META_MAX) {
      return Errno.EACCES;
    }
    ctx.dataMeta = meta;
    ctx.kernel.moved();
    return 0;
  }

  /**
   * {@code bpf_xdp_adjust_tail(ctx, int delta)}: 0 or -EINVAL; what it adds is zero. A packet with
   * fragments grows within the last one's buffer, and loses fragments before it loses bytes of the
   * first buffer.
   */
  public static long adjustTail(XdpContext ctx, long r1, long delta, long r3, long r4, long r5) {
    int offset = (int) delta;
    if (ctx.fragsSize != 0) {
      return offset < 0 ? shrinkFragments(ctx, -offset) : growFragment(ctx, offset);
    }
    long end = ctx.dataEnd + offset;
    if (end > ctx.frameEnd || end < ctx.data + ETH_HLEN) {
      return Errno.EINVAL;
    }
    if (offset > 0) {
      ctx.region.segment().asSlice(ctx.dataEnd, offset).fill((byte) 0);
    }
    ctx.dataEnd = end;
    ctx.kernel.moved();
    return 0;
  }

  private static long growFragment(XdpContext ctx, int offset) {
    long end = ctx.fragsStart + ctx.fragsSize;
    if (offset >= ctx.roomInFragment(end - 1) || end + offset > ctx.fragsEnd) {
      return Errno.EINVAL;
    }
    ctx.region.segment().asSlice(end, offset).fill((byte) 0);
    ctx.fragsSize += offset;
    return 0;
  }

  /** As in Linux a cut by 2^31, which 32 bits cannot negate, succeeds and cuts nothing. */
  private static long shrinkFragments(XdpContext ctx, int bytes) {
    if (bytes > PacketBytes.length(ctx) - ETH_HLEN) {
      return Errno.EINVAL;
    }
    long here = Math.clamp(bytes, 0, ctx.fragsSize);
    ctx.fragsSize -= here;
    ctx.dataEnd -= Math.max(0, bytes) - here;
    ctx.kernel.moved();
    return 0;
  }

  /** {@code bpf_xdp_get_buff_len(ctx)}: fragments included. */
  public static long length(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    return PacketBytes.length(ctx);
  }

  /** {@code bpf_xdp_load_bytes(ctx, u32 offset, to, u32 length)}: 0, -EINVAL or -EFAULT. */
  public static long loadBytes(
      XdpContext ctx, long r1, long offset, long to, long length, long r5) {
    long from = offset & 0xFFFFFFFFL;
    long bytes = length & 0xFFFFFFFFL;
    int refused = PacketBytes.refusal(ctx, from, bytes);
    if (refused == 0) {
      PacketBytes.read(ctx, from, to, bytes);
    }
    return refused;
  }

  /** {@code bpf_xdp_store_bytes(ctx, u32 offset, from, u32 length)}: 0, -EINVAL or -EFAULT. */
  public static long storeBytes(
      XdpContext ctx, long r1, long offset, long from, long length, long r5) {
    long to = offset & 0xFFFFFFFFL;
    long bytes = length & 0xFFFFFFFFL;
    int refused = PacketBytes.refusal(ctx, to, bytes);
    if (refused == 0) {
      PacketBytes.write(ctx, to, from, bytes);
    }
    return refused;
  }
}
