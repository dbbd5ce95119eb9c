package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM_OR_NULL;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE_OR_ZERO;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;

/** Internet checksums (net/core/filter.c, RFC 1071, RFC 1624). */
public final class ChecksumHelpers {
  private static final long WORD = 0xFFFFFFFFL;

  private ChecksumHelpers() {}

  static void declare(HelperTable table) {
    table
        .row(28, "csum_diff")
        .takes(MEM_OR_NULL, SIZE_OR_ZERO, MEM_OR_NULL, SIZE_OR_ZERO, ANYTHING)
        .readsPacket()
        .by(ChecksumHelpers.class, "difference");
  }

  /**
   * {@code bpf_csum_diff(from, u32 fromSize, to, u32 toSize, u32 seed)}: the seed with the words at
   * {@code from} taken out and those at {@code to} added, folded to 16 bits. Sizes need not be
   * equal, nor (since Linux 6.13) multiples of 4.
   */
  public static long difference(
      XdpContext ctx, long from, long fromSize, long to, long toSize, long seed) {
    long out = fromSize & WORD;
    long in = toSize & WORD;
    MemorySegment memory = ctx.region.segment();
    long sum = seed & WORD;
    if (in != 0) {
      sum = add(memory, to, in, sum);
      if (out != 0) {
        sum = fold32(sum + (~add(memory, from, out, 0) & WORD));
      }
    } else if (out != 0) {
      sum = ~add(memory, from, out, ~sum & WORD) & WORD;
    }
    return fold16(sum);
  }

  /**
   * One's complement sum of little-endian 32-bit words, the last filled up with zeros, 32 bits
   * wide: the kernel's {@code csum_partial}.
   */
  private static long add(MemorySegment memory, long address, long size, long seed) {
    long sum = seed;
    long whole = size & -4;
    for (long i = 0; i < whole; i += 4) {
      sum += memory.get(Region.INT, address + i) & WORD;
    }
    for (long i = whole; i < size; i++) {
      sum += (memory.get(Region.BYTE, address + i) & 0xFFL) << 8 * (i - whole);
    }
    return fold32(sum);
  }

  private static long fold32(long sum) {
    long once = (sum & WORD) + (sum >>> 32);
    return (once & WORD) + (once >>> 32);
  }

  private static long fold16(long sum) {
    long once = (sum & 0xFFFF) + (sum >>> 16);
    return (once & 0xFFFF) + (once >>> 16);
  }
}
