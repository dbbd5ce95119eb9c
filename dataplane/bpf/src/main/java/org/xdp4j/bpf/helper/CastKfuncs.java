package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.CONTEXT;
import static org.xdp4j.bpf.helper.ArgumentKind.IGNORED;
import static org.xdp4j.bpf.helper.ArgumentKind.KERNEL_TYPE_ID;

import org.xdp4j.bpf.context.XdpContext;

/**
 * Pointers taken for other ones (kernel/bpf/helpers.c): the context for the kernel's own, which
 * shows what {@link org.xdp4j.bpf.context.KernelMember} lists, and any value for an address to read
 * at. What in Linux is kernel memory is the programs' region here; where nothing is, zeros are
 * read.
 */
public final class CastKfuncs {
  private CastKfuncs() {}

  static void declare(KfuncTable table) {
    table
        .row("bpf_cast_to_kern_ctx")
        .takes(CONTEXT)
        .returns(ReturnKind.KERNEL_CONTEXT)
        .answers(
            "where the frame is, its queue, its interface's index and MTU; the rest is refused")
        .by(CastKfuncs.class, "kernelContext");
    table
        .row("bpf_rdonly_cast")
        .takes(IGNORED, KERNEL_TYPE_ID)
        .returns(ReturnKind.CAST)
        .by(CastKfuncs.class, "cast");
  }

  /** {@code bpf_cast_to_kern_ctx(ctx)}: the same address, where the frame's xdp_buff is now. */
  public static long kernelContext(XdpContext ctx, long from, long r2, long r3, long r4, long r5) {
    ctx.kernel.show(ctx.subprograms.types(ctx.caller).layout());
    return from;
  }

  /** {@code bpf_rdonly_cast(any, u32 type)}: the same address. */
  public static long cast(XdpContext ctx, long any, long type, long r3, long r4, long r5) {
    if (any == ctx.address) {
      ctx.kernel.show(ctx.subprograms.types(ctx.caller).layout());
    }
    return any;
  }
}
