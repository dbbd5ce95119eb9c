package org.xdp4j.net.wire;

import java.lang.foreign.MemorySegment;

/** The Internet checksum (RFC 1071) and its incremental update (RFC 1624). */
public final class Checksum {
  private static final long IPV4_HEADER = 20;

  private Checksum() {}

  /**
   * The checksum of {@code length} bytes, an odd last byte being padded with zero. Over a header
   * whose checksum field is right it is 0.
   *
   * @return 16 bits, as they go into a checksum field
   */
  public static int of(MemorySegment memory, long offset, long length) {
    return finish(
        length == IPV4_HEADER ? sumOfHeader(memory, offset) : sum(memory, offset, length, 0));
  }

  /** The sum of an IPv4 header without options: five loads that do not wait for one another. */
  private static long sumOfHeader(MemorySegment memory, long offset) {
    long first = Integer.toUnsignedLong(Bytes.i32(memory, offset));
    long second = Integer.toUnsignedLong(Bytes.i32(memory, offset + 4));
    long third = Integer.toUnsignedLong(Bytes.i32(memory, offset + 8));
    long fourth = Integer.toUnsignedLong(Bytes.i32(memory, offset + 12));
    return first
        + second
        + (third + fourth)
        + Integer.toUnsignedLong(Bytes.i32(memory, offset + 16));
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

  /** The sum of what a TCP or UDP checksum covers beyond the segment itself (RFC 9293, 3.1). */
  public static long pseudoHeader4(int source, int destination, int protocol, int length) {
    return Integer.toUnsignedLong(source) + Integer.toUnsignedLong(destination) + protocol + length;
  }

  /**
   * The same for IPv6 (RFC 8200, section 8.1), addresses taken from a header in memory.
   *
   * @param header an IPv6 header
   * @param protocol of the upper layer, which need not be what the header says is next
   * @param length bytes of the upper layer
   */
  public static long pseudoHeader6(MemorySegment memory, long header, int protocol, int length) {
    return sum(memory, header + 8, 32, (long) protocol + length);
  }

  /** A checksum after 32 bits under it changed. */
  public static int update32(int checksum, int oldValue, int newValue) {
    long sum = (long) (~checksum & 0xffff) + (~oldValue >>> 16) + (~oldValue & 0xffff);
    return finish(sum + (newValue >>> 16) + (newValue & 0xffff));
  }

  /**
   * A checksum after one 16-bit word under it changed: HC' = ~(~HC + ~m + m') (RFC 1624, equation
   * 3).
   */
  public static int update(int checksum, int oldWord, int newWord) {
    return finish((long) (~checksum & 0xffff) + (~oldWord & 0xffff) + (newWord & 0xffff));
  }

  /**
   * {@link #update} where the upper byte of a word that is 0x100 or more becomes one less, as a TTL
   * does: ~m + m' is 0xfeff then, and one carry at the most is left.
   */
  public static int decrement(int checksum) {
    int sum = (~checksum & 0xffff) + 0xfeff;
    return ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
  }
}
