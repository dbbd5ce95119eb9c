package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.DYNPTR;
import static org.xdp4j.bpf.helper.ArgumentKind.IGNORED;
import static org.xdp4j.bpf.helper.ArgumentKind.SCALAR;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;

/**
 * Reads at an address that nothing is known of into a dynptr (kernel/trace/bpf_trace.c). As in
 * {@link ProbeHelpers}, kernel memory is the programs' region, and there is no user memory.
 */
public final class ProbeKfuncs {
  private static final long LOW = 0xffffffffL;

  private ProbeKfuncs() {}

  static void declare(KfuncTable table) {
    String user = "-EFAULT: a program here runs for no user process";
    row(table, "bpf_probe_read_user_dynptr").answers(user).by(ProbeKfuncs.class, "readUser");
    row(table, "bpf_probe_read_user_str_dynptr")
        .answers(user)
        .by(ProbeKfuncs.class, "readUserString");
    row(table, "bpf_probe_read_kernel_dynptr").by(ProbeKfuncs.class, "readKernel");
    row(table, "bpf_probe_read_kernel_str_dynptr").by(ProbeKfuncs.class, "readKernelString");
  }

  private static KfuncTable.Row row(KfuncTable table, String name) {
    return table.row(name).takes(DYNPTR, SCALAR, SCALAR, IGNORED);
  }

  /** {@code bpf_probe_read_user_dynptr(dynptr, u32 offset, u32 size, from)}: -EFAULT or -E2BIG. */
  public static long readUser(
      XdpContext ctx, long dynptr, long offset, long size, long from, long r5) {
    if (isOutside(ctx, dynptr, offset, size)) {
      return Errno.E2BIG & LOW;
    }
    boolean inPieces = DynptrKfuncs.sliceToWrite(ctx, dynptr, offset, 0, size, 0) == 0;
    boolean nothing = (size & LOW) == 0 && (inPieces || isOfUser(ctx, from));
    return (nothing ? 0 : Errno.EFAULT) & LOW;
  }

  /** Where a user process could have memory, if there were one. */
  private static boolean isOfUser(XdpContext ctx, long address) {
    boolean region = ProbeHelpers.refusal(ctx.region.segment(), address, 1) == 0;
    return !region && address >>> ProbeHelpers.USER_BITS == 0;
  }

  /** {@code bpf_probe_read_user_str_dynptr}: the same, but that no bytes are always 0. */
  public static long readUserString(
      XdpContext ctx, long dynptr, long offset, long size, long from, long r5) {
    if (isOutside(ctx, dynptr, offset, size)) {
      return Errno.E2BIG & LOW;
    }
    return ((size & LOW) == 0 ? 0 : Errno.EFAULT) & LOW;
  }

  private static boolean isOutside(XdpContext ctx, long dynptr, long offset, long size) {
    return Dynptr.at(ctx, dynptr).check(offset & LOW, size & LOW) != 0;
  }

  /**
   * {@code bpf_probe_read_kernel_dynptr(dynptr, u32 offset, u32 size, from)}: 0, -ERANGE for a user
   * address, -EFAULT for one where nothing is, -E2BIG when the dynptr has not as many bytes.
   */
  public static long readKernel(
      XdpContext ctx, long dynptr, long offset, long size, long from, long r5) {
    long bytes = size & LOW;
    long place = DynptrKfuncs.sliceToWrite(ctx, dynptr, offset, 0, bytes, 0);
    if (place == 0 && isOutside(ctx, dynptr, offset, bytes)) {
      return Errno.E2BIG & LOW;
    }
    if (place == 0 && bytes == 0) {
      return 0;
    }
    MemorySegment memory = ctx.region.segment();
    int refused = ProbeHelpers.refusal(memory, from, bytes);
    if (refused != 0) {
      return refused & LOW;
    }
    if (place != 0 && bytes == 0) {
      return 0;
    }
    if (place != 0) {
      MemorySegment.copy(memory, from, memory, place, bytes);
      return 0;
    }
    return DynptrHelpers.write(ctx, dynptr, offset, from, bytes, 0) & LOW;
  }

  /**
   * {@code bpf_probe_read_kernel_str_dynptr(dynptr, u32 offset, u32 size, from)}: the bytes copied
   * with the NUL, which is always there (the context has zeros to take it from); or as the other.
   */
  public static long readKernelString(
      XdpContext ctx, long dynptr, long offset, long size, long from, long r5) {
    long bytes = size & LOW;
    if (isOutside(ctx, dynptr, offset, bytes)) {
      return Errno.E2BIG & LOW;
    }
    if (bytes == 0) {
      return 0;
    }
    long length = ProbeHelpers.stringLength(ctx.region.segment(), from, bytes - 1);
    if (length < 0) {
      return length & LOW;
    }
    long refused = DynptrHelpers.write(ctx, dynptr, offset, from, length, 0);
    if (refused == 0) {
      refused = DynptrHelpers.write(ctx, dynptr, (offset & LOW) + length, ctx.kernel.zero(), 1, 0);
    }
    return (refused != 0 ? refused : length + 1) & LOW;
  }
}
