package org.xdp4j.bpf.helper;

import org.xdp4j.bpf.context.ThrownException;
import org.xdp4j.bpf.context.XdpContext;

/** Exceptions (kernel/bpf/helpers.c): a program may end from wherever it is. */
public final class ExceptionKfuncs {
  /** What clang calls where it took for granted that no run comes. */
  public static final String TRAP = "__bpf_trap";

  private ExceptionKfuncs() {}

  static void declare(KfuncTable table) {
    table
        .row("bpf_throw")
        .takes(ArgumentKind.SCALAR)
        .returns(ReturnKind.NEVER)
        .by(ExceptionKfuncs.class, "raise");
    table.row(TRAP).returns(ReturnKind.VOID).by(ExceptionKfuncs.class, "trap");
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

  /**
   * {@code __bpf_trap()}, which the verifier refuses wherever a path leads to it.
   *
   * @throws UnsupportedOperationException always
   */
  public static long trap(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    throw new UnsupportedOperationException("the program went where clang took it never to go");
  }
}
