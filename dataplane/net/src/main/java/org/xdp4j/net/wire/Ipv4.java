package org.xdp4j.net.wire;

import java.lang.foreign.MemorySegment;

/**
 * An IPv4 header (RFC 791).
 *
 * <pre>
 *   0  version (4 bits), header length   1  DSCP, ECN   2  total length
 *   4  identification                    6  flags (3 bits), fragment offset (13)
 *   8  TTL    9  protocol               10  checksum
 *  12  source                           16  destination            20  options
 * </pre>
 */
public final class Ipv4 {
  /** Bytes without options. */
  public static final int MIN_SIZE = 20;

  /** The flag that says more fragments follow, in {@link #fragment}. */
  public static final int MORE_FRAGMENTS = 0x2000;

  /** The bits of {@link #fragment} that are the offset, in units of 8 bytes. */
  public static final int OFFSET_MASK = 0x1fff;

  /** The flag that forbids fragmenting, in {@link #fragment}. */
  public static final int DONT_FRAGMENT = 0x4000;

  private Ipv4() {}

  /**
   * Writes a header without options, checksum included.
   *
   * @param fragment flags and offset as they are
   */
  public static void write(
      MemorySegment memory,
      long header,
      int tos,
      int totalLength,
      int identification,
      int fragment,
      int ttl,
      int protocol,
      int source,
      int destination) {
    Bytes.put16(memory, header, 0x4500 | tos);
    Bytes.put16(memory, header + 2, totalLength);
    Bytes.put16(memory, header + 4, identification);
    Bytes.put16(memory, header + 6, fragment);
    Bytes.put16(memory, header + 8, ttl << 8 | protocol);
    Bytes.put16(memory, header + 10, 0);
    Bytes.put32(memory, header + 12, source);
    Bytes.put32(memory, header + 16, destination);
    putChecksum(memory, header, Checksum.of(memory, header, MIN_SIZE));
  }

  public static void putTotalLength(MemorySegment memory, long header, int length) {
    Bytes.put16(memory, header + 2, length);
  }

  public static void putFragment(MemorySegment memory, long header, int fragment) {
    Bytes.put16(memory, header + 6, fragment);
  }

  public static void putTtl(MemorySegment memory, long header, int ttl) {
    Bytes.put8(memory, header + 8, ttl);
  }

  public static void putChecksum(MemorySegment memory, long header, int checksum) {
    Bytes.put16(memory, header + 10, checksum);
  }

  public static void putSource(MemorySegment memory, long header, int address) {
    Bytes.put32(memory, header + 12, address);
  }

  public static void putDestination(MemorySegment memory, long header, int address) {
    Bytes.put32(memory, header + 16, address);
  }

  /** Computes the header's checksum anew and sets it. */
  public static void seal(MemorySegment memory, long header) {
    putChecksum(memory, header, 0);
    putChecksum(memory, header, Checksum.of(memory, header, headerSize(memory, header)));
  }

  public static int version(MemorySegment memory, long header) {
    return Bytes.u8(memory, header) >>> 4;
  }

  /** Bytes of the header, options included; less than {@link #MIN_SIZE} is an error. */
  public static int headerSize(MemorySegment memory, long header) {
    return (Bytes.u8(memory, header) & 0xf) * 4;
  }

  /** Bytes of header and payload. */
  public static int totalLength(MemorySegment memory, long header) {
    return Bytes.u16(memory, header + 2);
  }

  public static int identification(MemorySegment memory, long header) {
    return Bytes.u16(memory, header + 4);
  }

  /** Flags and fragment offset as they are. */
  public static int fragment(MemorySegment memory, long header) {
    return Bytes.u16(memory, header + 6);
  }

  /** Whether the datagram was fragmented. */
  public static boolean isFragment(MemorySegment memory, long header) {
    return (fragment(memory, header) & (MORE_FRAGMENTS | OFFSET_MASK)) != 0;
  }

  public static int ttl(MemorySegment memory, long header) {
    return Bytes.u8(memory, header + 8);
  }

  public static int protocol(MemorySegment memory, long header) {
    return Bytes.u8(memory, header + 9);
  }

  public static int checksum(MemorySegment memory, long header) {
    return Bytes.u16(memory, header + 10);
  }

  /** Type of service: DSCP and ECN. */
  public static int tos(MemorySegment memory, long header) {
    return Bytes.u8(memory, header + 1);
  }

  public static int source(MemorySegment memory, long header) {
    return Bytes.i32(memory, header + 12);
  }

  public static int destination(MemorySegment memory, long header) {
    return Bytes.i32(memory, header + 16);
  }
}
