package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.BITS_ITERATOR;
import static org.xdp4j.bpf.helper.ArgumentKind.DESTROYED_BITS_ITERATOR;
import static org.xdp4j.bpf.helper.ArgumentKind.IGNORED;
import static org.xdp4j.bpf.helper.ArgumentKind.NEW_BITS_ITERATOR;
import static org.xdp4j.bpf.helper.ArgumentKind.SCALAR;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;

/**
 * The iterator over the bits that are set in some words (kernel/bpf/helpers.c). It copies the words
 * when it is made; its 16 bytes on the program's stack:
 *
 * <pre>
 *  0                              8            12           16
 *   | the word, or where they are  | bits       | last bit    |       one of no bits: all zeros
 * </pre>
 */
public final class BitsIteratorKfuncs {
  /** Words one iterator may go through (kernel: BITS_ITER_NR_WORDS_MAX). */
  private static final int MAX_WORDS = 511;

  private static final int BITS = 8;
  private static final int LAST = 12;
  private static final long LOW = 0xffffffffL;

  private BitsIteratorKfuncs() {}

  static void declare(KfuncTable table) {
    Class<BitsIteratorKfuncs> here = BitsIteratorKfuncs.class;
    table.row("bpf_iter_bits_new").takes(NEW_BITS_ITERATOR, IGNORED, SCALAR).by(here, "begin");
    table
        .row("bpf_iter_bits_next")
        .takes(BITS_ITERATOR)
        .returns(ReturnKind.ITERATOR_ELEMENT_OR_NULL)
        .by(here, "next");
    table
        .row("bpf_iter_bits_destroy")
        .takes(DESTROYED_BITS_ITERATOR)
        .returns(ReturnKind.VOID)
        .by(here, "destroy");
  }

  /**
   * {@code bpf_iter_bits_new(iterator, const u64 *words, u32 count)}: 0, -EINVAL for no words,
   * -E2BIG, -EFAULT or -ERANGE when they cannot be read, -ENOMEM.
   */
  public static long begin(
      XdpContext ctx, long iterator, long words, long count, long r4, long r5) {
    MemorySegment memory = ctx.region.segment();
    memory.set(Region.LONG, iterator, 0L);
    memory.set(Region.LONG, iterator + BITS, 0L);
    int number = (int) count;
    if (words == 0 || number == 0) {
      return Errno.EINVAL & LOW;
    }
    if (Integer.compareUnsigned(number, MAX_WORDS) > 0) {
      return Errno.E2BIG & LOW;
    }
    int bytes = number * Long.BYTES;
    int refused = ProbeHelpers.refusal(memory, words, bytes);
    if (refused != 0) {
      return (number == 1 ? Errno.EFAULT : refused) & LOW;
    }
    long copy = iterator;
    if (number > 1) {
      copy = ctx.region.objects().allocate(bytes, 1, BitsIteratorKfuncs.class);
      if (copy == 0) {
        return Errno.ENOMEM & LOW;
      }
      memory.set(Region.LONG, iterator, copy);
    }
    MemorySegment.copy(memory, words, memory, copy, bytes);
    memory.set(Region.INT, iterator + BITS, number * Long.SIZE);
    memory.set(Region.INT, iterator + LAST, -1);
    return 0;
  }

  /** {@code int *bpf_iter_bits_next(iterator)}: where the next bit's number stands, or 0. */
  public static long next(XdpContext ctx, long iterator, long r2, long r3, long r4, long r5) {
    MemorySegment memory = ctx.region.segment();
    int bits = memory.get(Region.INT, iterator + BITS);
    int last = memory.get(Region.INT, iterator + LAST);
    if (last >= bits) {
      return 0;
    }
    long words = bits == Long.SIZE ? iterator : memory.get(Region.LONG, iterator);
    int next = nextSet(memory, words, last + 1, bits);
    memory.set(Region.INT, iterator + LAST, next);
    return next < bits ? iterator + LAST : 0;
  }

  /** The first bit from {@code from} on that is set; {@code bits} for none. */
  private static int nextSet(MemorySegment memory, long words, int from, int bits) {
    for (int at = from; at < bits; at = (at | Long.SIZE - 1) + 1) {
      long word = memory.get(Region.LONG, words + at / Long.SIZE * Long.BYTES);
      long rest = word >>> at % Long.SIZE;
      if (rest != 0) {
        return at + Long.numberOfTrailingZeros(rest);
      }
    }
    return bits;
  }

  /** {@code bpf_iter_bits_destroy(iterator)}. */
  public static long destroy(XdpContext ctx, long iterator, long r2, long r3, long r4, long r5) {
    MemorySegment memory = ctx.region.segment();
    if (memory.get(Region.INT, iterator + BITS) > Long.SIZE) {
      ctx.region.objects().free(memory.get(Region.LONG, iterator));
    }
    memory.set(Region.LONG, iterator, 0L);
    memory.set(Region.LONG, iterator + BITS, 0L);
    return 0;
  }
}
