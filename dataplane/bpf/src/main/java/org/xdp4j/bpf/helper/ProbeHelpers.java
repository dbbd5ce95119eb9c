package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE_OR_ZERO;
import static org.xdp4j.bpf.helper.ArgumentKind.UNINIT_MEM;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;

/**
 * Reads at an address that nothing is known of (kernel/trace/bpf_trace.c, mm/maccess.c). What in
 * Linux is kernel memory is the programs' region here; there is no user memory. A read that fails
 * leaves zeros.
 */
public final class ProbeHelpers {
  /** Where user addresses end on x86-64. */
  static final int USER_BITS = 47;

  /** Offsets of the region that are never given out. */
  private static final long FIRST = 4096;

  private ProbeHelpers() {}

  static void declare(HelperTable table) {
    String user = "-EFAULT and zeros: a program here runs for no user process";
    row(table, 112, "probe_read_user").answers(user).by(ProbeHelpers.class, "readUser");
    row(table, 113, "probe_read_kernel").by(ProbeHelpers.class, "readKernel");
    row(table, 114, "probe_read_user_str").answers(user).by(ProbeHelpers.class, "readUserString");
    row(table, 115, "probe_read_kernel_str").by(ProbeHelpers.class, "readKernelString");
  }

  private static HelperTable.Row row(HelperTable table, int id, String name) {
    return table.row(id, name).takes(UNINIT_MEM, SIZE_OR_ZERO, ANYTHING).gplOnly();
  }

  /** {@code bpf_probe_read_user(to, u32 size, from)}: -EFAULT; 0 for no bytes of user memory. */
  public static long readUser(XdpContext ctx, long to, long size, long from, long r4, long r5) {
    long bytes = size & 0xFFFFFFFFL;
    boolean nothing = bytes == 0 && from >>> USER_BITS == 0;
    return nothing ? 0 : fail(ctx.region.segment(), to, bytes, Errno.EFAULT);
  }

  /** {@code bpf_probe_read_user_str(to, u32 size, from)}: -EFAULT; 0 for no bytes. */
  public static long readUserString(
      XdpContext ctx, long to, long size, long from, long r4, long r5) {
    long bytes = size & 0xFFFFFFFFL;
    return bytes == 0 ? 0 : fail(ctx.region.segment(), to, bytes, Errno.EFAULT);
  }

  /**
   * {@code bpf_probe_read_kernel(to, u32 size, from)}: 0, -ERANGE for a user address, -EFAULT for
   * one where nothing is.
   */
  public static long readKernel(XdpContext ctx, long to, long size, long from, long r4, long r5) {
    MemorySegment memory = ctx.region.segment();
    long bytes = size & 0xFFFFFFFFL;
    int refused = refusal(memory, from, bytes);
    if (refused != 0) {
      return fail(memory, to, bytes, refused);
    }
    if (bytes != 0) {
      MemorySegment.copy(memory, from, memory, to, bytes);
    }
    return 0;
  }

  /**
   * {@code bpf_probe_read_kernel_str(to, u32 size, from)}: the bytes copied with the NUL, which is
   * always there; -ERANGE or -EFAULT.
   */
  public static long readKernelString(
      XdpContext ctx, long to, long size, long from, long r4, long r5) {
    MemorySegment memory = ctx.region.segment();
    long bytes = size & 0xFFFFFFFFL;
    if (bytes == 0) {
      return 0;
    }
    long length = stringLength(memory, from, bytes - 1);
    if (length < 0) {
      return fail(memory, to, bytes, (int) length);
    }
    MemorySegment.copy(memory, from, memory, to, length);
    memory.set(Region.BYTE, to + length, (byte) 0);
    return length + 1;
  }

  /**
   * Bytes before the NUL of the string at {@code from}, of which only {@code most} are looked at;
   * -ERANGE or -EFAULT.
   */
  static long stringLength(MemorySegment memory, long from, long most) {
    int refused = refusal(memory, from, 1);
    if (refused != 0) {
      return refused;
    }
    long end = memory.byteSize();
    for (long i = 0; i < most; i++) {
      if (from + i >= end) {
        return Errno.EFAULT;
      }
      if (memory.get(Region.BYTE, from + i) == 0) {
        return i;
      }
    }
    return most;
  }

  /**
   * Why {@code bytes} bytes cannot be read there: 0 when they can, -ERANGE for what is no address
   * of a kernel, -EFAULT.
   */
  static int refusal(MemorySegment memory, long from, long bytes) {
    if (from >= FIRST && from <= memory.byteSize() - bytes) {
      return 0;
    }
    if (from >> USER_BITS != -1) {
      return Errno.ERANGE;
    }
    return bytes == 0 ? 0 : Errno.EFAULT;
  }

  private static int fail(MemorySegment memory, long to, long bytes, int reason) {
    memory.asSlice(to, bytes).fill((byte) 0);
    return reason;
  }
}
