package org.xdp4j.bpf.helper;

import org.xdp4j.bpf.context.ThrownException;
import org.xdp4j.bpf.context.XdpContext;

/** Exceptions (kernel/bpf/helpers.c): a program may end from wherever it is. */
public final class ExceptionKfuncs {
  private ExceptionKfuncs() {}

  static void declare(KfuncTable table) {
    table
        .row("bpf_throw")
        .takes(ArgumentKind.SCALAR)
        .returns(ReturnKind.NEVER)
        .by(ExceptionKfuncs.class, "raise");
  }

  /**
   * {@code bpf_throw(u64 cookie)}.
   *
   * @throws ThrownException always
   */
  public static long raise(XdpContext ctx, long cookie, long r2, long r3, long r4, long r5) {
    ctx.thrown = cookie;
    throw ThrownException.INSTANCE;
  }
}
