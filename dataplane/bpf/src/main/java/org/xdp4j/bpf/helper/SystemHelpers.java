package org.xdp4j.bpf.helper;

import org.xdp4j.bpf.context.XdpContext;

/** Where the program runs, and random numbers (kernel/bpf/helpers.c, core.c). */
public final class SystemHelpers {
  private SystemHelpers() {}

  static void declare(HelperTable table) {
    table.row(7, "get_prandom_u32").by(SystemHelpers.class, "random");
    table.row(8, "get_smp_processor_id").by(SystemHelpers.class, "cpu");
    table.row(42, "get_numa_node_id").by(SystemHelpers.class, "numaNode");
  }

  /** {@code bpf_get_prandom_u32()}: xorshift64*, whose high half is the better one. */
  public static long random(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    long x = ctx.prandomState;
    x = x == 0 ? 0x9E3779B97F4A7C15L : x;
    x ^= x >>> 12;
    x ^= x << 25;
    x ^= x >>> 27;
    ctx.prandomState = x;
    return x * 0x2545F4914F6CDD1DL >>> 32;
  }

  /** {@code bpf_get_smp_processor_id()}: the worker's per-CPU slot. */
  public static long cpu(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    return ctx.cpu;
  }

  /** {@code bpf_get_numa_node_id()}: the region is one node. */
  public static long numaNode(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    return 0;
  }
}
