package org.xdp4j.net.wire;

import java.lang.foreign.MemorySegment;

/**
 * An Ethernet header and the VLAN tags that may follow its addresses.
 *
 * <pre>
 *  0  destination   6  source   12  type        a tag:  0  priority (3 bits), DEI (1), VLAN (12)
 *                                                       2  type of what follows
 * </pre>
 */
public final class Ethernet {
  /** Bytes without tags. */
  public static final int SIZE = 14;

  /** Bytes of a VLAN tag. */
  public static final int TAG_SIZE = 4;

  /** The address of every station, in the low 48 bits. */
  public static final long BROADCAST = 0xffff_ffff_ffffL;

  private static final long GROUP = 1L << 40;

  private Ethernet() {}

  /** Whether an address is a group's: multicast or broadcast (IEEE 802, section 8.2). */
  public static boolean isGroup(long address) {
    return (address & GROUP) != 0;
  }

  public static void putDestination(MemorySegment memory, long header, long address) {
    Bytes.put16(memory, header, (int) (address >>> 32));
    Bytes.put32(memory, header + 2, (int) address);
  }

  public static void putSource(MemorySegment memory, long header, long address) {
    Bytes.put16(memory, header + 6, (int) (address >>> 32));
    Bytes.put32(memory, header + 8, (int) address);
  }

  public static void putType(MemorySegment memory, long header, int type) {
    Bytes.put16(memory, header + 12, type);
  }

  /** The destination address, in the low 48 bits. */
  public static long destination(MemorySegment memory, long header) {
    return Bytes.i64(memory, header) >>> 16;
  }

  /** The source address, in the low 48 bits. */
  public static long source(MemorySegment memory, long header) {
    return (long) Bytes.u16(memory, header + 6) << 32
        | Integer.toUnsignedLong(Bytes.i32(memory, header + 8));
  }

  /** The EtherType, of the first tag if there is one. */
  public static int type(MemorySegment memory, long header) {
    return Bytes.u16(memory, header + 12);
  }

  /** The VLAN number of a tag, which starts two bytes after its type. */
  public static int vlan(MemorySegment memory, long tag) {
    return Bytes.u16(memory, tag) & 0xfff;
  }

  /** The EtherType of what follows a tag. */
  public static int typeAfter(MemorySegment memory, long tag) {
    return Bytes.u16(memory, tag + 2);
  }
}
