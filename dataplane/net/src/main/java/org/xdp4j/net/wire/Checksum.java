package org.xdp4j.net.wire;

import java.lang.foreign.MemorySegment;

/** The Internet checksum (RFC 1071) and its incremental update (RFC 1624). */
public final class Checksum {
  private Checksum() {}

  /**
   * The checksum of {@code length} bytes, an odd last byte being padded with zero. Over a header
   * whose checksum field is right it is 0.
   *
   * @return 16 bits, as they go into a checksum field
   */
  public static int of(MemorySegment memory, long offset, long length) {
    return finish(sum(memory, offset, length, 0));
  }

  /** Adds bytes to a running sum, which begins with 0; pieces but the last are of even length. */
  public static long sum(MemorySegment memory, long offset, long length, long sum) {
    long at = offset;
    long end = offset + length;
    long total = sum;
    while (end - at >= Integer.BYTES) {
      total += Integer.toUnsignedLong(Bytes.i32(memory, at));
      at += Integer.BYTES;
    }
    if (end - at >= Short.BYTES) {
      total += Bytes.u16(memory, at);
      at += Short.BYTES;
    }
    if (at < end) {
      total += Bytes.u8(memory, at) << Byte.SIZE;
    }
    return total;
  }

  /** Folds a running sum into a checksum. */
  public static int finish(long sum) {
    long folded = (sum & 0xffffffffL) + (sum >>> 32);
    while (folded >>> 16 != 0) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (int) ~folded & 0xffff;
  }

  /**
   * A checksum after one 16-bit word under it changed: HC' = ~(~HC + ~m + m') (RFC 1624, equation
   * 3).
   */
  public static int update(int checksum, int oldWord, int newWord) {
    return finish((long) (~checksum & 0xffff) + (~oldWord & 0xffff) + (newWord & 0xffff));
  }
}
