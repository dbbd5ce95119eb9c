package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.CONTEXT;
import static org.xdp4j.bpf.helper.ArgumentKind.DYNPTR;
import static org.xdp4j.bpf.helper.ArgumentKind.NEW_DYNPTR_CLONE;
import static org.xdp4j.bpf.helper.ArgumentKind.NEW_PACKET_DYNPTR;
import static org.xdp4j.bpf.helper.ArgumentKind.OPTIONAL_BUFFER;
import static org.xdp4j.bpf.helper.ArgumentKind.SCALAR;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;

/**
 * Kernel functions on dynamic pointers (kernel/bpf/helpers.c, net/core/filter.c). What Linux
 * declares as {@code int} leaves the upper half of r0 zero, as x86-64 does.
 */
public final class DynptrKfuncs {
  private static final long LOW = 0xffffffffL;

  private DynptrKfuncs() {}

  static void declare(KfuncTable table) {
    Class<DynptrKfuncs> here = DynptrKfuncs.class;
    table
        .row("bpf_dynptr_from_xdp")
        .takes(CONTEXT, SCALAR, NEW_PACKET_DYNPTR)
        .by(here, "fromPacket");
    table
        .row("bpf_dynptr_slice")
        .takes(DYNPTR, SCALAR, OPTIONAL_BUFFER, ArgumentKind.CONST_SIZE)
        .returns(ReturnKind.DYNPTR_SLICE_OR_NULL)
        .by(here, "slice");
    table
        .row("bpf_dynptr_slice_rdwr")
        .takes(DYNPTR, SCALAR, OPTIONAL_BUFFER, ArgumentKind.CONST_SIZE)
        .returns(ReturnKind.DYNPTR_SLICE_RDWR_OR_NULL)
        .by(here, "sliceToWrite");
    table.row("bpf_dynptr_adjust").takes(DYNPTR, SCALAR, SCALAR).by(here, "adjust");
    table.row("bpf_dynptr_is_null").takes(DYNPTR).by(here, "isNull");
    table.row("bpf_dynptr_is_rdonly").takes(DYNPTR).by(here, "isReadOnly");
    table.row("bpf_dynptr_size").takes(DYNPTR).by(here, "size");
    table.row("bpf_dynptr_clone").takes(DYNPTR, NEW_DYNPTR_CLONE).by(here, "clone");
    table.row("bpf_dynptr_copy").takes(DYNPTR, SCALAR, DYNPTR, SCALAR, SCALAR).by(here, "copy");
    table.row("bpf_dynptr_memset").takes(DYNPTR, SCALAR, SCALAR, SCALAR).by(here, "fill");
  }

  /** {@code bpf_dynptr_from_xdp(ctx, flags, dynptr)}: 0 or -EINVAL. */
  public static long fromPacket(
      XdpContext ctx, long r1, long flags, long dynptr, long r4, long r5) {
    Dynptr made = Dynptr.at(ctx, dynptr);
    if (flags != 0) {
      made.clear();
      return Errno.EINVAL & LOW;
    }
    made.set(Dynptr.PACKET, ctx.address, (int) PacketBytes.length(ctx));
    return 0;
  }

  /**
   * {@code bpf_dynptr_slice(dynptr, u32 offset, buffer, u32 size)}: where the bytes lie; those of a
   * packet that lie in several buffers, too far into it or beyond its end are copied to {@code
   * buffer}, as far as there are any. 0 when they are outside of the dynptr, or there is no buffer
   * to copy to.
   */
  public static long slice(
      XdpContext ctx, long dynptr, long offset, long buffer, long size, long r5) {
    Dynptr of = Dynptr.at(ctx, dynptr);
    long at = offset & LOW;
    long bytes = size & LOW;
    if (of.isNull() || of.check(at, bytes) != 0) {
      return 0;
    }
    long place = of.place(at, bytes);
    if (place == 0 && buffer != 0) {
      of.read(at, buffer, bytes);
      return buffer;
    }
    return place;
  }

  /** {@code bpf_dynptr_slice_rdwr}: the same to write to; 0 for read-only memory. */
  public static long sliceToWrite(
      XdpContext ctx, long dynptr, long offset, long buffer, long size, long r5) {
    return Dynptr.at(ctx, dynptr).isReadOnly() ? 0 : slice(ctx, dynptr, offset, buffer, size, r5);
  }

  /** {@code bpf_dynptr_adjust(dynptr, u32 start, u32 end)}: 0, -EINVAL or -ERANGE. */
  public static long adjust(XdpContext ctx, long dynptr, long start, long end, long r4, long r5) {
    return Dynptr.at(ctx, dynptr).adjust(start & LOW, end & LOW) & LOW;
  }

  /** {@code bpf_dynptr_is_null(dynptr)}: 1 or 0. */
  public static long isNull(XdpContext ctx, long dynptr, long r2, long r3, long r4, long r5) {
    return Dynptr.at(ctx, dynptr).isNull() ? 1 : 0;
  }

  /** {@code bpf_dynptr_is_rdonly(dynptr)}: 1 or 0. */
  public static long isReadOnly(XdpContext ctx, long dynptr, long r2, long r3, long r4, long r5) {
    Dynptr of = Dynptr.at(ctx, dynptr);
    return !of.isNull() && of.isReadOnly() ? 1 : 0;
  }

  /** {@code u32 bpf_dynptr_size(dynptr)}: bytes, or -EINVAL. */
  public static long size(XdpContext ctx, long dynptr, long r2, long r3, long r4, long r5) {
    Dynptr of = Dynptr.at(ctx, dynptr);
    return (of.isNull() ? Errno.EINVAL : of.size()) & LOW;
  }

  /** {@code bpf_dynptr_clone(dynptr, clone)}: 0 or -EINVAL. */
  public static long clone(XdpContext ctx, long dynptr, long clone, long r3, long r4, long r5) {
    Dynptr from = Dynptr.at(ctx, dynptr);
    Dynptr to = Dynptr.at(ctx, clone);
    if (from.isNull()) {
      to.clear();
      return Errno.EINVAL & LOW;
    }
    to.copyOf(from);
    return 0;
  }

  /**
   * {@code bpf_dynptr_copy(to, u32 to_offset, from, u32 from_offset, u32 size)}: 0, -EINVAL or
   * -E2BIG.
   */
  public static long copy(
      XdpContext ctx, long to, long toOffset, long from, long fromOffset, long size) {
    long source = slice(ctx, from, fromOffset, 0, size, 0);
    long target = sliceToWrite(ctx, to, toOffset, 0, size, 0);
    if (source != 0 && target != 0) {
      MemorySegment memory = ctx.region.segment();
      MemorySegment.copy(memory, source, memory, target, size & LOW);
      return 0;
    }
    if (source != 0) {
      return DynptrHelpers.write(ctx, to, toOffset, source, size, 0) & LOW;
    }
    if (target != 0) {
      return DynptrHelpers.read(ctx, target, size, from, fromOffset, 0) & LOW;
    }
    boolean outside =
        Dynptr.at(ctx, to).check(toOffset & LOW, size & LOW) != 0
            || Dynptr.at(ctx, from).check(fromOffset & LOW, size & LOW) != 0;
    return outside ? Errno.E2BIG & LOW : (size & LOW) == 0 ? 0 : Errno.EINVAL & LOW;
  }

  /** {@code bpf_dynptr_memset(dynptr, u32 offset, u32 size, u8 value)}: 0, -EINVAL or -E2BIG. */
  public static long fill(
      XdpContext ctx, long dynptr, long offset, long size, long value, long r5) {
    Dynptr of = Dynptr.at(ctx, dynptr);
    if (of.isReadOnly()) {
      return Errno.EINVAL & LOW;
    }
    int refused = of.check(offset & LOW, size & LOW);
    if (refused != 0) {
      return refused & LOW;
    }
    long place = sliceToWrite(ctx, dynptr, offset, 0, size, 0);
    if (place == 0) {
      return (size & LOW) == 0 ? 0 : Errno.EINVAL & LOW;
    }
    ctx.region.segment().asSlice(place, size & LOW).fill((byte) value);
    return 0;
  }
}
