package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.KfuncSpec.Flag.UNDER_LOCK;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.SpinLock;
import org.xdp4j.bpf.memory.Region;

/**
 * Locks that are refused rather than waited for without an end (kernel/locking/rqspinlock.c): one
 * that the run holds itself at once, any other one when it stays taken too long.
 */
public final class ResilientLockKfuncs {
  /** How long to wait (kernel: RES_DEF_TIMEOUT). */
  private static final long TIMEOUT_NANOS = 250_000_000L;

  private static final long LOW = 0xffffffffL;

  private ResilientLockKfuncs() {}

  static void declare(KfuncTable table) {
    Class<ResilientLockKfuncs> here = ResilientLockKfuncs.class;
    table
        .row("bpf_res_spin_lock")
        .takes(ArgumentKind.RES_SPIN_LOCK)
        .returns(ReturnKind.LOCK_RESULT)
        .is(UNDER_LOCK)
        .by(here, "lock");
    table
        .row("bpf_res_spin_unlock")
        .takes(ArgumentKind.HELD_RES_SPIN_LOCK)
        .returns(ReturnKind.VOID)
        .is(UNDER_LOCK)
        .by(here, "unlock");
    table
        .row("bpf_res_spin_lock_irqsave")
        .takes(ArgumentKind.RES_SPIN_LOCK, ArgumentKind.NEW_LOCK_IRQ_FLAG)
        .returns(ReturnKind.LOCK_RESULT)
        .is(UNDER_LOCK)
        .by(here, "lockSaving");
    table
        .row("bpf_res_spin_unlock_irqrestore")
        .takes(ArgumentKind.HELD_RES_SPIN_LOCK, ArgumentKind.LOCK_IRQ_FLAG)
        .returns(ReturnKind.VOID)
        .is(UNDER_LOCK)
        .by(here, "unlock");
  }

  /**
   * {@code bpf_res_spin_lock(lock)}: 0; -EDEADLK when this run holds it already; -ETIMEDOUT; as in
   * Linux without the upper half of an int's sign.
   */
  public static long lock(XdpContext ctx, long lock, long r2, long r3, long r4, long r5) {
    for (int i = 0; i < ctx.heldLockCount; i++) {
      if (ctx.heldLocks[i] == lock) {
        return Errno.EDEADLK & LOW;
      }
    }
    if (ctx.heldLockCount == XdpContext.MAX_HELD_LOCKS
        || !SpinLock.tryLock(ctx.region, lock, TIMEOUT_NANOS)) {
      return Errno.ETIMEDOUT & LOW;
    }
    ctx.heldLocks[ctx.heldLockCount++] = lock;
    return 0;
  }

  /** {@code bpf_res_spin_lock_irqsave(lock, flags)}: the same. */
  public static long lockSaving(XdpContext ctx, long lock, long flags, long r3, long r4, long r5) {
    long failed = lock(ctx, lock, 0, 0, 0, 0);
    if (failed == 0) {
      ctx.region.segment().set(Region.LONG, flags, 0L);
    }
    return failed;
  }

  /** {@code bpf_res_spin_unlock(lock)}; locks are given back in the opposite order. */
  public static long unlock(XdpContext ctx, long lock, long r2, long r3, long r4, long r5) {
    if (ctx.heldLockCount > 0) {
      ctx.heldLockCount--;
    }
    SpinLock.unlock(ctx.region, lock);
    return 0;
  }
}
