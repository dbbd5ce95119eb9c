package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.DESTROYED_ITERATOR;
import static org.xdp4j.bpf.helper.ArgumentKind.ITERATOR;
import static org.xdp4j.bpf.helper.ArgumentKind.NEW_ITERATOR;
import static org.xdp4j.bpf.helper.ArgumentKind.SCALAR;
import static org.xdp4j.bpf.helper.KfuncSpec.Flag.UNDER_LOCK;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;

/**
 * The iterator over a range of numbers (kernel/bpf/bpf_iter.c), which {@code bpf_for} of libbpf is
 * made of. Its 8 bytes on the program's stack:
 *
 * <pre>
 *  0          4          8
 *   | current  | end      |       a finished one, and one of no numbers, is all zeros
 * </pre>
 */
public final class IteratorKfuncs {
  /** Numbers one iterator may go through (kernel: BPF_MAX_LOOPS). */
  static final int MAX_LOOPS = 8 * 1024 * 1024;

  private static final int END = 4;

  private IteratorKfuncs() {}

  static void declare(KfuncTable table) {
    table
        .row("bpf_iter_num_new")
        .takes(NEW_ITERATOR, SCALAR, SCALAR)
        .is(UNDER_LOCK)
        .by(IteratorKfuncs.class, "begin");
    table
        .row("bpf_iter_num_next")
        .takes(ITERATOR)
        .is(UNDER_LOCK)
        .returns(ReturnKind.ITERATOR_ELEMENT_OR_NULL)
        .by(IteratorKfuncs.class, "next");
    table
        .row("bpf_iter_num_destroy")
        .takes(DESTROYED_ITERATOR)
        .is(UNDER_LOCK)
        .returns(ReturnKind.VOID)
        .by(IteratorKfuncs.class, "destroy");
  }

  /** {@code bpf_iter_num_new(iterator, int start, int end)}: 0, -EINVAL or -E2BIG. */
  public static long begin(XdpContext ctx, long iterator, long start, long end, long r4, long r5) {
    MemorySegment memory = ctx.region.segment();
    memory.set(Region.LONG, iterator, 0L);
    int first = (int) start;
    int last = (int) end;
    if (first > last) {
      return Errno.EINVAL & 0xffffffffL;
    }
    if ((long) last - first > MAX_LOOPS) {
      return Errno.E2BIG & 0xffffffffL;
    }
    memory.set(Region.INT, iterator, first - 1);
    memory.set(Region.INT, iterator + END, last);
    return 0;
  }

  /** {@code int *bpf_iter_num_next(iterator)}: where the next number stands, or 0 at the end. */
  public static long next(XdpContext ctx, long iterator, long r2, long r3, long r4, long r5) {
    MemorySegment memory = ctx.region.segment();
    int next = memory.get(Region.INT, iterator) + 1;
    if (next >= memory.get(Region.INT, iterator + END)) {
      memory.set(Region.LONG, iterator, 0L);
      return 0;
    }
    memory.set(Region.INT, iterator, next);
    return iterator;
  }

  /** {@code bpf_iter_num_destroy(iterator)}. */
  public static long destroy(XdpContext ctx, long iterator, long r2, long r3, long r4, long r5) {
    ctx.region.segment().set(Region.LONG, iterator, 0L);
    return 0;
  }
}
