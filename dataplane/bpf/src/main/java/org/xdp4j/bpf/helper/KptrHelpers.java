package org.xdp4j.bpf.helper;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.ObjectFields;
import org.xdp4j.bpf.memory.ObjectHeap;

/** Pointers to objects in map values, and the copies of objects that CPUs have. */
public final class KptrHelpers {
  private KptrHelpers() {}

  static void declare(HelperTable table) {
    table
        .row(HelperSpec.KPTR_XCHG, "kptr_xchg")
        .takes(ArgumentKind.KPTR_FIELD, ArgumentKind.GIVEN_OBJECT_OR_NULL)
        .returns(ReturnKind.EXCHANGED_OBJECT_OR_NULL)
        .by(KptrHelpers.class, "exchange");
    table
        .row(HelperSpec.PER_CPU_PTR, "per_cpu_ptr")
        .takes(ArgumentKind.PERCPU_OBJECT, ArgumentKind.ANYTHING)
        .returns(ReturnKind.CPU_OBJECT)
        .by(KptrHelpers.class, "ofCpu");
    table
        .row(HelperSpec.THIS_CPU_PTR, "this_cpu_ptr")
        .takes(ArgumentKind.PERCPU_OBJECT)
        .returns(ReturnKind.CPU_OBJECT)
        .by(KptrHelpers.class, "ofThisCpu");
  }

  /** {@code bpf_kptr_xchg(place, object)}: what was there before, or 0. */
  public static long exchange(XdpContext ctx, long place, long object, long r3, long r4, long r5) {
    return ObjectFields.exchange(ctx.region, place, object);
  }

  /** {@code bpf_per_cpu_ptr(object, u32 cpu)}: that CPU's copy; 0 for a CPU there is not. */
  public static long ofCpu(XdpContext ctx, long object, long cpu, long r3, long r4, long r5) {
    ObjectHeap heap = ctx.region.objects();
    long number = cpu & 0xFFFFFFFFL;
    return number < heap.copiesOf(object) ? object + number * (heap.sizeOf(object) + 7L & -8L) : 0;
  }

  /** {@code bpf_this_cpu_ptr(object)}. */
  public static long ofThisCpu(XdpContext ctx, long object, long r2, long r3, long r4, long r5) {
    return ofCpu(ctx, object, ctx.cpu, 0, 0, 0);
  }
}
