package org.xdp4j.bpf.helper;

import java.time.Instant;
import org.xdp4j.bpf.context.XdpContext;

/**
 * Clocks (kernel/bpf/helpers.c). All of them read {@link XdpContext#now}, so that in a replay by
 * capture time every one repeats exactly; only their units differ.
 */
public final class TimeHelpers {
  /** Nanoseconds of a jiffy where CONFIG_HZ is 250, as most distributions have it. */
  private static final long JIFFY_NANOS = 4_000_000;

  private static final long NANOS = 1_000_000_000;

  private TimeHelpers() {}

  static void declare(HelperTable table) {
    table.row(5, "ktime_get_ns").by(TimeHelpers.class, "now");
    table.row(118, "jiffies64").by(TimeHelpers.class, "jiffies");
    table.row(125, "ktime_get_boot_ns").by(TimeHelpers.class, "now");
    table.row(160, "ktime_get_coarse_ns").by(TimeHelpers.class, "now");
    table.row(208, "ktime_get_tai_ns").by(TimeHelpers.class, "tai");
  }

  /** {@code bpf_ktime_get_ns()}, {@code _boot_ns}, {@code _coarse_ns}. */
  public static long now(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    return ctx.now();
  }

  /** {@code bpf_jiffies64()}. */
  public static long jiffies(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    return Long.divideUnsigned(ctx.now(), JIFFY_NANOS);
  }

  /**
   * {@code bpf_ktime_get_tai_ns()}: the time of day. The offset of TAI is 0, as on a Linux that no
   * time daemon has told it.
   */
  public static long tai(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    if (ctx.frameTime) {
      return ctx.frameNanos;
    }
    Instant now = Instant.now();
    return now.getEpochSecond() * NANOS + now.getNano();
  }
}
