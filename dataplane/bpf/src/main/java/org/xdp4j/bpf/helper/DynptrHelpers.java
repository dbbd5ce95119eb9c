package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ALLOC_SIZE_OR_ZERO;
import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.CONST_MAP;
import static org.xdp4j.bpf.helper.ArgumentKind.DYNPTR;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM;
import static org.xdp4j.bpf.helper.ArgumentKind.NEW_LOCAL_DYNPTR;
import static org.xdp4j.bpf.helper.ArgumentKind.NEW_RINGBUF_DYNPTR;
import static org.xdp4j.bpf.helper.ArgumentKind.RELEASED_DYNPTR;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE_OR_ZERO;
import static org.xdp4j.bpf.helper.ArgumentKind.UNINIT_MEM;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.RingBufferMap;

/** Helpers on dynamic pointers (kernel/bpf/helpers.c, kernel/bpf/ringbuf.c). */
public final class DynptrHelpers {
  private DynptrHelpers() {}

  static void declare(HelperTable table) {
    table
        .row(197, "dynptr_from_mem")
        .takes(ArgumentKind.LOCAL_MEM, SIZE_OR_ZERO, ANYTHING, NEW_LOCAL_DYNPTR)
        .by(DynptrHelpers.class, "fromMemory");
    table
        .row(198, "ringbuf_reserve_dynptr")
        .takes(CONST_MAP, ANYTHING, ANYTHING, NEW_RINGBUF_DYNPTR)
        .on(MapType.RINGBUF)
        .by(DynptrHelpers.class, "reserve");
    table
        .row(199, "ringbuf_submit_dynptr")
        .takes(RELEASED_DYNPTR, ANYTHING)
        .returns(ReturnKind.VOID)
        .by(DynptrHelpers.class, "submit");
    table
        .row(200, "ringbuf_discard_dynptr")
        .takes(RELEASED_DYNPTR, ANYTHING)
        .returns(ReturnKind.VOID)
        .by(DynptrHelpers.class, "discard");
    table
        .row(201, "dynptr_read")
        .takes(UNINIT_MEM, SIZE_OR_ZERO, DYNPTR, ANYTHING, ANYTHING)
        .by(DynptrHelpers.class, "read");
    table
        .row(202, "dynptr_write")
        .takes(DYNPTR, ANYTHING, MEM, SIZE_OR_ZERO, ANYTHING)
        .by(DynptrHelpers.class, "write");
    table
        .row(203, "dynptr_data")
        .takes(DYNPTR, ANYTHING, ALLOC_SIZE_OR_ZERO)
        .returns(ReturnKind.DYNPTR_MEM_OR_NULL)
        .by(DynptrHelpers.class, "data");
  }

  /** {@code bpf_dynptr_from_mem(data, size, flags, dynptr)}: 0, -E2BIG or -EINVAL. */
  public static long fromMemory(
      XdpContext ctx, long data, long size, long flags, long dynptr, long r5) {
    Dynptr made = Dynptr.at(ctx, dynptr);
    long bytes = size & 0xffffffffL;
    int refused = bytes > Dynptr.MAX_SIZE ? Errno.E2BIG : flags != 0 ? Errno.EINVAL : 0;
    if (refused != 0) {
      made.clear();
    } else {
      made.set(Dynptr.MEMORY, data, (int) bytes);
    }
    return refused;
  }

  /** {@code bpf_ringbuf_reserve_dynptr(map, size, flags, dynptr)}: 0, -E2BIG or -EINVAL. */
  public static long reserve(
      XdpContext ctx, long map, long size, long flags, long dynptr, long r5) {
    Dynptr made = Dynptr.at(ctx, dynptr);
    made.clear();
    long bytes = size & 0xffffffffL;
    if (flags != 0) {
      return Errno.EINVAL;
    }
    if (bytes > Dynptr.MAX_SIZE) {
      return Errno.E2BIG;
    }
    long record = ((RingBufferMap) BpfMap.at(ctx.region, map)).reserve(bytes, 0);
    if (record == 0) {
      return Errno.EINVAL;
    }
    made.set(Dynptr.MEMORY, record, (int) bytes);
    return 0;
  }

  /** {@code bpf_ringbuf_submit_dynptr(dynptr, flags)}; nothing when reserving had failed. */
  public static long submit(XdpContext ctx, long dynptr, long flags, long r3, long r4, long r5) {
    return commit(ctx, dynptr, false);
  }

  /** {@code bpf_ringbuf_discard_dynptr(dynptr, flags)}; nothing when reserving had failed. */
  public static long discard(XdpContext ctx, long dynptr, long flags, long r3, long r4, long r5) {
    return commit(ctx, dynptr, true);
  }

  private static long commit(XdpContext ctx, long dynptr, boolean discard) {
    Dynptr record = Dynptr.at(ctx, dynptr);
    if (!record.isNull()) {
      RingBufferMap.of(ctx.region, record.data()).commit(record.data(), discard);
      record.clear();
    }
    return 0;
  }

  /** {@code bpf_dynptr_read(to, length, dynptr, offset, flags)}: 0, -EINVAL or -E2BIG. */
  public static long read(
      XdpContext ctx, long to, long length, long dynptr, long offset, long flags) {
    Dynptr from = Dynptr.at(ctx, dynptr);
    if (from.isNull() || flags != 0) {
      return Errno.EINVAL;
    }
    return copy(from, offset & 0xffffffffL, to, length & 0xffffffffL, false);
  }

  /** {@code bpf_dynptr_write(dynptr, offset, from, length, flags)}: 0, -EINVAL or -E2BIG. */
  public static long write(
      XdpContext ctx, long dynptr, long offset, long from, long length, long flags) {
    Dynptr to = Dynptr.at(ctx, dynptr);
    if (to.isNull() || to.isReadOnly()) {
      return Errno.EINVAL;
    }
    long at = offset & 0xffffffffL;
    long bytes = length & 0xffffffffL;
    int refused = to.check(at, bytes);
    if (refused == 0 && flags != 0) {
      refused = Errno.EINVAL;
    }
    return refused != 0 ? refused : copy(to, at, from, bytes, true);
  }

  /** Copies between a dynptr and other memory, whichever way. */
  private static int copy(Dynptr dynptr, long offset, long other, long length, boolean write) {
    int refused = dynptr.check(offset, length);
    if (refused != 0) {
      return refused;
    }
    refused = dynptr.refusal(offset, length);
    if (refused != 0) {
      return refused;
    }
    if (write) {
      dynptr.write(offset, other, length);
    } else {
      dynptr.read(offset, other, length);
    }
    return 0;
  }

  /** {@code bpf_dynptr_data(dynptr, offset, length)}: the address, or 0; never one of a packet. */
  public static long data(XdpContext ctx, long dynptr, long offset, long length, long r4, long r5) {
    Dynptr of = Dynptr.at(ctx, dynptr);
    long at = offset & 0xffffffffL;
    boolean there = !of.isNull() && of.check(at, length & 0xffffffffL) == 0;
    return there && !of.isReadOnly() && !of.isPacket() ? of.place(at, length) : 0;
  }
}
