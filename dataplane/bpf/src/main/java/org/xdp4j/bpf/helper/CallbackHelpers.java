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

/** Helpers that call back into the program (kernel/bpf/bpf_iter.c). */
public final class CallbackHelpers {
  /** Times {@code bpf_loop} goes round at the most (kernel: BPF_MAX_LOOPS). */
  public static final long MAX_LOOPS = 8L << 20;

  /** What the loop that Linux inlines returns for more: the errno's lower half only. */
  public static final long INLINED_E2BIG = Integer.toUnsignedLong(Errno.E2BIG);

  private CallbackHelpers() {}

  static void declare(HelperTable table) {
    table
        .row(HelperSpec.FOR_EACH_MAP_ELEM, "for_each_map_elem")
        .takes(CONST_MAP, FUNCTION, STACK_OR_NULL, ANYTHING)
        .on(
            MapType.HASH,
            MapType.ARRAY,
            MapType.PERCPU_HASH,
            MapType.PERCPU_ARRAY,
            MapType.LRU_HASH,
            MapType.LRU_PERCPU_HASH)
        .by(CallbackHelpers.class, "forEach");
    table
        .row(HelperSpec.LOOP, "loop")
        .takes(ANYTHING, FUNCTION, STACK_OR_NULL, ANYTHING)
        .by(CallbackHelpers.class, "loop");
  }

  /** {@code bpf_for_each_map_elem(map, callback, argument, flags)}: how often it was called. */
  public static long forEach(
      XdpContext ctx, long map, long function, long argument, long flags, long r5) {
    return flags != 0 ? Errno.EINVAL : BpfMap.at(ctx.region, map).forEach(ctx, function, argument);
  }

  /**
   * {@code bpf_loop(count, callback, argument, flags)}: calls back with 0, 1, ... and the argument
   * until it returns another number than 0; how often it was called. Of the count, the helper looks
   * at the lower half. See {@link #inlinedLoop} for most calls.
   */
  public static long loop(
      XdpContext ctx, long count, long function, long argument, long flags, long r5) {
    if (flags != 0) {
      return Errno.EINVAL;
    }
    long rounds = Integer.toUnsignedLong((int) count);
    return rounds > MAX_LOOPS ? Errno.E2BIG : goRound(ctx, rounds, function, argument);
  }

  /**
   * {@code bpf_loop} without flags and with one function, which Linux does not call: its verifier
   * writes a loop instead (kernel/bpf/verifier.c: inline_bpf_loop). That looks at all of the count,
   * and its errno is a 32-bit one.
   */
  public static long inlinedLoop(XdpContext ctx, long count, long function, long argument) {
    return Long.compareUnsigned(count, MAX_LOOPS) > 0
        ? INLINED_E2BIG
        : goRound(ctx, count, function, argument);
  }

  private static long goRound(XdpContext ctx, long count, long function, long argument) {
    Subprograms subprograms = ctx.subprograms;
    long frame = ctx.calleeFrame;
    for (long i = 0; i < count; i++) {
      if (subprograms.call(ctx, function, i, argument, 0, 0, 0, frame) != 0) {
        return i + 1;
      }
    }
    return count;
  }
}
