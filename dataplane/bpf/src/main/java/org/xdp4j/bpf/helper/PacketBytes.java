package org.xdp4j.bpf.helper;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;

/**
 * The bytes of a packet, whether they lie in one buffer or go on in fragments (net/core/filter.c:
 * bpf_xdp_pointer, bpf_xdp_copy_buf).
 */
final class PacketBytes {
  /** How far into a packet, and how much at once, Linux reaches by an offset. */
  private static final long REACH = 0xffff;

  private PacketBytes() {}

  /** Bytes of the packet, fragments included. */
  static long length(XdpContext ctx) {
    return ctx.dataEnd - ctx.data + ctx.fragsSize;
  }

  /** Why the bytes cannot be reached: 0, -EFAULT when that is too far, -EINVAL beyond the end. */
  static int refusal(XdpContext ctx, long offset, long length) {
    if (offset > REACH || length > REACH) {
      return Errno.EFAULT;
    }
    return offset + length > length(ctx) ? Errno.EINVAL : 0;
  }

  /** Where {@code length} bytes at {@code offset} lie in one buffer; 0 when they do not. */
  static long place(XdpContext ctx, long offset, long length) {
    if (refusal(ctx, offset, length) != 0) {
      return 0;
    }
    long linear = ctx.dataEnd - ctx.data;
    if (offset < linear || ctx.fragsSize == 0) {
      return offset + length <= linear ? ctx.data + offset : 0;
    }
    long place = behind(ctx, offset);
    return length <= ctx.roomInFragment(place) ? place : 0;
  }

  /** Copies those of the bytes that the packet has to {@code to}. */
  static void readSome(XdpContext ctx, long offset, long to, long length) {
    read(ctx, offset, to, Math.clamp(length(ctx) - offset, 0, length));
  }

  /** Copies bytes that the packet has to {@code to}. */
  static void read(XdpContext ctx, long offset, long to, long length) {
    MemorySegment memory = ctx.region.segment();
    long first = inLinear(ctx, offset, length);
    MemorySegment.copy(memory, ctx.data + offset, memory, to, first);
    if (first < length) {
      MemorySegment.copy(memory, behind(ctx, offset + first), memory, to + first, length - first);
    }
  }

  /** Copies to bytes that the packet has from {@code from}. */
  static void write(XdpContext ctx, long offset, long from, long length) {
    MemorySegment memory = ctx.region.segment();
    long first = inLinear(ctx, offset, length);
    MemorySegment.copy(memory, from, memory, ctx.data + offset, first);
    if (first < length) {
      MemorySegment.copy(memory, from + first, memory, behind(ctx, offset + first), length - first);
    }
  }

  /** Copies the packet's first {@code length} bytes. */
  static void read(XdpContext ctx, byte[] to, int at, int length) {
    MemorySegment memory = ctx.region.segment();
    int first = (int) inLinear(ctx, 0, length);
    MemorySegment.copy(memory, Region.BYTE, ctx.data, to, at, first);
    if (first < length) {
      MemorySegment.copy(memory, Region.BYTE, ctx.fragsStart, to, at + first, length - first);
    }
  }

  /** How many of the bytes lie in the first buffer. */
  private static long inLinear(XdpContext ctx, long offset, long length) {
    return Math.clamp(ctx.dataEnd - ctx.data - offset, 0, length);
  }

  private static long behind(XdpContext ctx, long offset) {
    return ctx.fragsStart + offset - (ctx.dataEnd - ctx.data);
  }
}
