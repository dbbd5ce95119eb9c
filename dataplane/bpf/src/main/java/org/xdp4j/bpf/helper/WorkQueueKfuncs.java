package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.CONST_MAP;
import static org.xdp4j.bpf.helper.ArgumentKind.FUNCTION;
import static org.xdp4j.bpf.helper.ArgumentKind.IGNORED;
import static org.xdp4j.bpf.helper.ArgumentKind.SCALAR;
import static org.xdp4j.bpf.helper.ArgumentKind.WORK_QUEUE;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapTimers;

/**
 * Work in map values (kernel/bpf/helpers.c): a callback to run soon, where it may sleep. Here it
 * runs before the next frame, after a capture's last one, or when whoever owns a context runs
 * timers.
 */
public final class WorkQueueKfuncs {
  /** {@code bpf_wq_set_callback_impl}, whose callback runs later. */
  public static final String SET_CALLBACK = "bpf_wq_set_callback_impl";

  private static final long LOW = 0xffffffffL;

  private WorkQueueKfuncs() {}

  static void declare(KfuncTable table) {
    Class<WorkQueueKfuncs> here = WorkQueueKfuncs.class;
    table.row("bpf_wq_init").takes(WORK_QUEUE, CONST_MAP, SCALAR).by(here, "init");
    table.row(SET_CALLBACK).takes(WORK_QUEUE, FUNCTION, SCALAR, IGNORED).by(here, "setCallback");
    table.row("bpf_wq_start").takes(WORK_QUEUE, SCALAR).by(here, "start");
  }

  /** {@code bpf_wq_init(wq, map, u32 flags)}: 0, -EBUSY when it was done already, -EINVAL. */
  public static long init(XdpContext ctx, long wq, long map, long flags, long r4, long r5) {
    MapTimers work = BpfMap.at(ctx.region, map).work();
    boolean wrong = (int) flags != 0 || work == null;
    return (wrong ? Errno.EINVAL : work.init(wq, 0)) & LOW;
  }

  /** {@code bpf_wq_set_callback_impl(wq, callback, u32 flags, aux)}: 0 or -EINVAL. */
  public static long setCallback(
      XdpContext ctx, long wq, long function, long flags, long r4, long r5) {
    MapTimers work = MapTimers.ofWork(ctx.region, wq);
    boolean wrong = (int) flags != 0 || work == null;
    int result = wrong ? Errno.EINVAL : work.setCallback(wq, ctx.subprograms.lasting(), function);
    return result & LOW;
  }

  /** {@code bpf_wq_start(wq, u32 flags)}: 0 or -EINVAL. */
  public static long start(XdpContext ctx, long wq, long flags, long r3, long r4, long r5) {
    MapTimers work = MapTimers.ofWork(ctx.region, wq);
    boolean wrong = (int) flags != 0 || work == null;
    return (wrong ? Errno.EINVAL : work.start(wq, ctx)) & LOW;
  }
}
