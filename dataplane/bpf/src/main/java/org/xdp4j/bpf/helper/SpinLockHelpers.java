package org.xdp4j.bpf.helper;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.SpinLock;

/** Locks in map values (kernel/bpf/helpers.c). */
public final class SpinLockHelpers {
  private SpinLockHelpers() {}

  static void declare(HelperTable table) {
    table
        .row(HelperSpec.SPIN_LOCK, "spin_lock")
        .takes(ArgumentKind.SPIN_LOCK)
        .returns(ReturnKind.VOID)
        .by(SpinLockHelpers.class, "lock");
    table
        .row(HelperSpec.SPIN_UNLOCK, "spin_unlock")
        .takes(ArgumentKind.SPIN_LOCK)
        .returns(ReturnKind.VOID)
        .by(SpinLockHelpers.class, "unlock");
  }

  /** {@code bpf_spin_lock(lock)}. */
  public static long lock(XdpContext ctx, long lock, long r2, long r3, long r4, long r5) {
    SpinLock.lock(ctx.region, lock);
    ctx.heldLock = lock;
    return 0;
  }

  /** {@code bpf_spin_unlock(lock)}. */
  public static long unlock(XdpContext ctx, long lock, long r2, long r3, long r4, long r5) {
    ctx.heldLock = 0;
    SpinLock.unlock(ctx.region, lock);
    return 0;
  }

  /**
   * A run ended in a fault of the machine: a lock it held is freed, so that nobody waits for it.
   */
  public static void releaseAfterFault(XdpContext ctx) {
    if (ctx.heldLock != 0) {
      unlock(ctx, ctx.heldLock, 0, 0, 0, 0);
    }
    while (ctx.heldLockCount > 0) {
      SpinLock.unlock(ctx.region, ctx.heldLocks[--ctx.heldLockCount]);
    }
  }
}
