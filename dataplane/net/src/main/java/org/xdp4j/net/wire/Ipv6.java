package org.xdp4j.net.wire;

import java.lang.foreign.MemorySegment;

/**
 * An IPv6 header (RFC 8200) and its extension headers.
 *
 * <pre>
 *   0  version (4 bits), traffic class (8), flow label (20)
 *   4  payload length   6  next header   7  hop limit
 *   8  source          24  destination  40  extension headers
 *
 *  extension header:  0  next header   1  length      fragment header:  0  next header  1  reserved
 *                                                                       2  offset (13), more (1)
 *                                                                       4  identification
 * </pre>
 */
public final class Ipv6 {
  /** Bytes without extension headers. */
  public static final int SIZE = 40;

  /** Bytes of a fragment header. */
  public static final int FRAGMENT_SIZE = 8;

  /** The bit that says more fragments follow, in {@link #fragment}. */
  public static final int MORE_FRAGMENTS = 1;

  /** The bits of {@link #fragment} that are the offset in bytes. */
  public static final int OFFSET_MASK = 0xfff8;

  /** The least MTU of a link that carries IPv6 (section 5). */
  public static final int MIN_MTU = 1280;

  private Ipv6() {}

  /** Writes a header. */
  public static void write(
      MemorySegment memory,
      long header,
      int trafficClass,
      int payloadLength,
      int nextHeader,
      int hopLimit) {
    Bytes.put32(memory, header, 6 << 28 | trafficClass << 20);
    Bytes.put16(memory, header + 4, payloadLength);
    Bytes.put16(memory, header + 6, nextHeader << 8 | hopLimit);
  }

  /** The traffic class: DSCP and ECN. */
  public static int trafficClass(MemorySegment memory, long header) {
    return Bytes.u16(memory, header) >>> 4 & 0xff;
  }

  public static void putHopLimit(MemorySegment memory, long header, int hopLimit) {
    Bytes.put8(memory, header + 7, hopLimit);
  }

  public static void putSource(MemorySegment memory, long header, long high, long low) {
    Bytes.put64(memory, header + 8, high);
    Bytes.put64(memory, header + 16, low);
  }

  public static void putDestination(MemorySegment memory, long header, long high, long low) {
    Bytes.put64(memory, header + 24, high);
    Bytes.put64(memory, header + 32, low);
  }

  public static int version(MemorySegment memory, long header) {
    return Bytes.u8(memory, header) >>> 4;
  }

  /** Bytes after this header. */
  public static int payloadLength(MemorySegment memory, long header) {
    return Bytes.u16(memory, header + 4);
  }

  public static int nextHeader(MemorySegment memory, long header) {
    return Bytes.u8(memory, header + 6);
  }

  public static int hopLimit(MemorySegment memory, long header) {
    return Bytes.u8(memory, header + 7);
  }

  /** The first 64 bits of the source address. */
  public static long sourceHigh(MemorySegment memory, long header) {
    return Bytes.i64(memory, header + 8);
  }

  /** The last 64 bits of the source address. */
  public static long sourceLow(MemorySegment memory, long header) {
    return Bytes.i64(memory, header + 16);
  }

  /** The first 64 bits of the destination address. */
  public static long destinationHigh(MemorySegment memory, long header) {
    return Bytes.i64(memory, header + 24);
  }

  /** The last 64 bits of the destination address. */
  public static long destinationLow(MemorySegment memory, long header) {
    return Bytes.i64(memory, header + 32);
  }

  /** Whether a header of this kind is an extension header, with a next header of its own. */
  public static boolean isExtension(int kind) {
    return switch (kind) {
      case IpProtocol.HOP_BY_HOP,
          IpProtocol.ROUTING,
          IpProtocol.FRAGMENT,
          IpProtocol.AUTHENTICATION,
          IpProtocol.DESTINATION_OPTIONS,
          IpProtocol.MOBILITY,
          IpProtocol.HIP,
          IpProtocol.SHIM6 ->
          true;
      default -> false;
    };
  }

  /** Bytes of an extension header, whose first two bytes are there. */
  public static int extensionSize(MemorySegment memory, long header, int kind) {
    int length = Bytes.u8(memory, header + 1);
    return switch (kind) {
      case IpProtocol.FRAGMENT -> FRAGMENT_SIZE;
      case IpProtocol.AUTHENTICATION -> (length + 2) * 4; // RFC 4302, section 2.2
      default -> (length + 1) * 8;
    };
  }

  /** Offset in bytes and the more-fragments bit of a fragment header. */
  public static int fragment(MemorySegment memory, long header) {
    return Bytes.u16(memory, header + 2);
  }

  public static int fragmentIdentification(MemorySegment memory, long header) {
    return Bytes.i32(memory, header + 4);
  }
}
