package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.CONST_MAP;
import static org.xdp4j.bpf.helper.ArgumentKind.FUNCTION;
import static org.xdp4j.bpf.helper.ArgumentKind.TIMER;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapTimers;
import org.xdp4j.bpf.map.MapType;

/** Timers in map values (kernel/bpf/helpers.c). */
public final class TimerHelpers {
  private TimerHelpers() {}

  static void declare(HelperTable table) {
    table
        .row(169, "timer_init")
        .takes(TIMER, CONST_MAP, ANYTHING)
        .gplOnly()
        .on(MapType.HASH, MapType.LRU_HASH, MapType.ARRAY)
        .by(TimerHelpers.class, "init");
    table
        .row(HelperSpec.TIMER_SET_CALLBACK, "timer_set_callback")
        .takes(TIMER, FUNCTION)
        .gplOnly()
        .by(TimerHelpers.class, "setCallback");
    table
        .row(171, "timer_start")
        .takes(TIMER, ANYTHING, ANYTHING)
        .gplOnly()
        .by(TimerHelpers.class, "start");
    table.row(172, "timer_cancel").takes(TIMER).gplOnly().by(TimerHelpers.class, "cancel");
  }

  /** {@code bpf_timer_init(timer, map, flags)}: the flags are a clock's number. */
  public static long init(XdpContext ctx, long timer, long map, long flags, long r4, long r5) {
    MapTimers timers = BpfMap.at(ctx.region, map).timers();
    return timers == null ? Errno.EINVAL : timers.init(timer, flags);
  }

  /** {@code bpf_timer_set_callback(timer, callback)}. */
  public static long setCallback(
      XdpContext ctx, long timer, long function, long r3, long r4, long r5) {
    MapTimers timers = MapTimers.of(ctx.region, timer);
    return timers == null
        ? Errno.EINVAL
        : timers.setCallback(timer, ctx.subprograms.lasting(), function);
  }

  /** {@code bpf_timer_start(timer, nanoseconds, flags)}. */
  public static long start(XdpContext ctx, long timer, long nanos, long flags, long r4, long r5) {
    MapTimers timers = MapTimers.of(ctx.region, timer);
    return timers == null ? Errno.EINVAL : timers.start(timer, nanos, flags, ctx);
  }

  /** {@code bpf_timer_cancel(timer)}. */
  public static long cancel(XdpContext ctx, long timer, long r2, long r3, long r4, long r5) {
    MapTimers timers = MapTimers.of(ctx.region, timer);
    return timers == null ? Errno.EINVAL : timers.cancel(timer);
  }
}
