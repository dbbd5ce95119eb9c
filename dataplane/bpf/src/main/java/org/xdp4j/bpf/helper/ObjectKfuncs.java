package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.DROPPED_OBJECT;
import static org.xdp4j.bpf.helper.ArgumentKind.DROPPED_PERCPU_OBJECT;
import static org.xdp4j.bpf.helper.ArgumentKind.IGNORED;
import static org.xdp4j.bpf.helper.ArgumentKind.REFCOUNTED_OBJECT;
import static org.xdp4j.bpf.helper.ArgumentKind.TYPE_ID;
import static org.xdp4j.bpf.helper.KfuncSpec.Flag.UNDER_LOCK;

import org.xdp4j.bpf.context.LocalTypes;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.ObjectFields;
import org.xdp4j.bpf.map.ObjectType;

/**
 * Objects that programs allocate (kernel/bpf/helpers.c). Where Linux's verifier tells the kernel
 * what it knows of an object's type ({@code meta__ign}), the heap knows it here.
 */
public final class ObjectKfuncs {
  private ObjectKfuncs() {}

  static void declare(KfuncTable table) {
    Class<ObjectKfuncs> here = ObjectKfuncs.class;
    table
        .row("bpf_obj_new_impl")
        .takes(TYPE_ID, IGNORED)
        .returns(ReturnKind.NEW_OBJECT_OR_NULL)
        .by(here, "allocate");
    table
        .row("bpf_obj_drop_impl")
        .takes(DROPPED_OBJECT, IGNORED)
        .returns(ReturnKind.VOID)
        .by(here, "drop");
    table
        .row("bpf_percpu_obj_new_impl")
        .takes(TYPE_ID, IGNORED)
        .returns(ReturnKind.NEW_PERCPU_OBJECT_OR_NULL)
        .by(here, "allocatePerCpu");
    table
        .row("bpf_percpu_obj_drop_impl")
        .takes(DROPPED_PERCPU_OBJECT, IGNORED)
        .returns(ReturnKind.VOID)
        .by(here, "drop");
    table
        .row("bpf_refcount_acquire_impl")
        .takes(REFCOUNTED_OBJECT, IGNORED)
        .is(UNDER_LOCK)
        .returns(ReturnKind.ANOTHER_REFERENCE)
        .by(here, "acquire");
  }

  /** {@code void *bpf_obj_new_impl(u64 type, meta)}: 0 when there is no memory. */
  public static long allocate(XdpContext ctx, long type, long r2, long r3, long r4, long r5) {
    return allocate(ctx, type, false);
  }

  /** {@code void *bpf_percpu_obj_new_impl(u64 type, meta)}: the same with a copy for each CPU. */
  public static long allocatePerCpu(XdpContext ctx, long type, long r2, long r3, long r4, long r5) {
    return allocate(ctx, type, true);
  }

  private static long allocate(XdpContext ctx, long type, boolean perCpu) {
    LocalTypes types = ctx.subprograms.types(ctx.caller);
    return types.type(type) instanceof ObjectType known
        ? ObjectFields.allocate(ctx.region, known, perCpu ? types.cpus() : 1)
        : 0;
  }

  /** {@code bpf_obj_drop_impl(object, meta)}. */
  public static long drop(XdpContext ctx, long object, long r2, long r3, long r4, long r5) {
    ObjectFields.drop(ctx.region, object);
    return 0;
  }

  /** {@code void *bpf_refcount_acquire_impl(object, meta)}: it, or 0 when it is gone. */
  public static long acquire(XdpContext ctx, long object, long r2, long r3, long r4, long r5) {
    return ObjectFields.acquire(ctx.region, object) ? object : 0;
  }
}
