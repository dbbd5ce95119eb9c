package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.CONST_MAP;
import static org.xdp4j.bpf.helper.ArgumentKind.FUNCTION;
import static org.xdp4j.bpf.helper.ArgumentKind.STACK_OR_NULL;

import org.xdp4j.bpf.context.Subprograms;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.UserRingBufferMap;

/** Samples from user space (kernel/bpf/ringbuf.c). */
public final class UserRingBufferHelpers {
  /** Samples one call takes at the most (kernel: BPF_MAX_USER_RINGBUF_SAMPLES). */
  static final int MAX_SAMPLES = 128 * 1024;

  /** BPF_RB_NO_WAKEUP and BPF_RB_FORCE_WAKEUP. */
  private static final long WAKEUP_FLAGS = 3;

  private UserRingBufferHelpers() {}

  static void declare(HelperTable table) {
    table
        .row(HelperSpec.USER_RINGBUF_DRAIN, "user_ringbuf_drain")
        .takes(CONST_MAP, FUNCTION, STACK_OR_NULL, ANYTHING)
        .on(MapType.USER_RINGBUF)
        .by(UserRingBufferHelpers.class, "drain");
  }

  /**
   * {@code bpf_user_ringbuf_drain(map, callback, argument, flags)}: calls back with a dynptr of
   * each sample until there are no more or the callback returns 1; how many it took, -EINVAL, or
   * -EBUSY when another program is at it.
   */
  public static long drain(
      XdpContext ctx, long map, long function, long argument, long flags, long r5) {
    UserRingBufferMap ring = (UserRingBufferMap) BpfMap.at(ctx.region, map);
    if ((flags & ~WAKEUP_FLAGS) != 0) {
      return Errno.EINVAL;
    }
    if (!ring.begin()) {
      return Errno.EBUSY;
    }
    try {
      return drain(ctx, ring, function, argument);
    } finally {
      ring.end();
    }
  }

  private static long drain(XdpContext ctx, UserRingBufferMap ring, long function, long argument) {
    Subprograms subprograms = ctx.subprograms;
    long frame = ctx.calleeFrame;
    long address = ctx.lentDynptr();
    Dynptr lent = Dynptr.at(ctx, address);
    long taken = 0;
    long stop = 0;
    for (int looked = 0; stop == 0 && looked < MAX_SAMPLES; looked++) {
      long sample = ring.next();
      if (sample == UserRingBufferMap.SKIPPED) {
        continue;
      }
      if (sample == 0) {
        break;
      }
      lent.set(Dynptr.MEMORY, sample, ring.sizeOf(sample));
      stop = subprograms.call(ctx, function, address, argument, 0, 0, 0, frame);
      ring.release(sample);
      taken++;
    }
    lent.clear();
    return taken;
  }
}
