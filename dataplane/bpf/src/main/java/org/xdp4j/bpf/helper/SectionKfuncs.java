package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.IRQ_FLAG;
import static org.xdp4j.bpf.helper.ArgumentKind.NEW_IRQ_FLAG;
import static org.xdp4j.bpf.helper.KfuncSpec.Flag.PREEMPT_DISABLE;
import static org.xdp4j.bpf.helper.KfuncSpec.Flag.PREEMPT_ENABLE;
import static org.xdp4j.bpf.helper.KfuncSpec.Flag.RCU_LOCK;
import static org.xdp4j.bpf.helper.KfuncSpec.Flag.RCU_UNLOCK;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;

/**
 * Kernel functions that open and close sections in which the kernel may not do certain things. A
 * run of a program is one worker's from beginning to end and sees memory that is never unmapped, so
 * there is nothing left to do for them; that they pair up is the verifier's matter.
 */
public final class SectionKfuncs {
  private SectionKfuncs() {}

  static void declare(KfuncTable table) {
    mark(table, "bpf_rcu_read_lock", RCU_LOCK);
    mark(table, "bpf_rcu_read_unlock", RCU_UNLOCK);
    mark(table, "bpf_preempt_disable", PREEMPT_DISABLE);
    mark(table, "bpf_preempt_enable", PREEMPT_ENABLE);
    table
        .row("bpf_local_irq_save")
        .takes(NEW_IRQ_FLAG)
        .returns(ReturnKind.VOID)
        .by(SectionKfuncs.class, "saveInterrupts");
    table
        .row("bpf_local_irq_restore")
        .takes(IRQ_FLAG)
        .returns(ReturnKind.VOID)
        .by(SectionKfuncs.class, "nothing");
  }

  private static void mark(KfuncTable table, String name, KfuncSpec.Flag flag) {
    table.row(name).returns(ReturnKind.VOID).is(flag).by(SectionKfuncs.class, "nothing");
  }

  /** {@code bpf_rcu_read_lock()} and its kind. */
  public static long nothing(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    return 0;
  }

  /** {@code bpf_local_irq_save(flags)}. */
  public static long saveInterrupts(
      XdpContext ctx, long flags, long r2, long r3, long r4, long r5) {
    ctx.region.segment().set(Region.LONG, flags, 0L);
    return 0;
  }
}
