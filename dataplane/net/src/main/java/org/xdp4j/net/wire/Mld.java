package org.xdp4j.net.wire;

import java.lang.foreign.MemorySegment;

/**
 * Multicast listener discovery (RFC 2710, RFC 3810): messages of ICMPv6 by which a link's routers
 * and switches learn who wants which group's packets.
 *
 * <pre>
 *  query      0  type, code, checksum   4  maximum response code   8  group, or ::
 *             24  flags, robustness (3 bits)   25  interval   26  number of sources   28  sources
 *  report     0  type, code, checksum   6  number of records       8  records
 *    record   0  kind   1  length of data   2  number of sources   4  group
 *  version 1  0  type, code, checksum                              8  group
 * </pre>
 *
 * A query of version 1 ends after the group.
 */
public final class Mld {
  public static final int QUERY = 130;
  public static final int REPORT_1 = 131;
  public static final int DONE_1 = 132;
  public static final int REPORT = 143;

  /** Bytes of a message of version 1. */
  public static final int SIZE_1 = 24;

  /** Bytes of a query of version 2 without sources. */
  public static final int QUERY_SIZE = 28;

  /** Bytes of a report of version 2 before its records. */
  public static final int REPORT_SIZE = 8;

  /** Bytes of a record without sources. */
  public static final int RECORD_SIZE = 20;

  /** Kinds of records: packets of all sources are wanted; from now on; from now on of none. */
  public static final int IS_EXCLUDE = 2;

  public static final int TO_INCLUDE = 3;
  public static final int TO_EXCLUDE = 4;

  private Mld() {}

  /** The longest delay of an answer to a query, in milliseconds (RFC 3810, section 5.1.3). */
  public static int maxDelay(MemorySegment memory, long query, int length) {
    int code = Bytes.u16(memory, query + 4);
    boolean isPlain = length == SIZE_1 || code < 1 << 15;
    return isPlain ? code : (code & 0xfff | 0x1000) << (code >>> 12 & 7) + 3;
  }

  /** How often the querier has everything said; 0 when it does not say. */
  public static int robustness(MemorySegment memory, long query) {
    return Bytes.u8(memory, query + 24) & 7;
  }

  /** Seconds between the querier's queries (section 5.1.9). */
  public static int interval(MemorySegment memory, long query) {
    int code = Bytes.u8(memory, query + 25);
    return code < 1 << 7 ? code : (code & 0xf | 0x10) << (code >>> 4 & 7) + 3;
  }

  /** Writes a message of version 1 but for its checksum. */
  public static void write1(MemorySegment memory, long message, int type, IpAddress group) {
    Bytes.put64(memory, message, (long) type << 56);
    putGroup(memory, message + 8, group);
  }

  /** Writes a record without sources. */
  public static void putRecord(MemorySegment memory, long record, int kind, IpAddress group) {
    Bytes.put32(memory, record, kind << 24);
    putGroup(memory, record + 4, group);
  }

  private static void putGroup(MemorySegment memory, long at, IpAddress group) {
    Bytes.put64(memory, at, group.high());
    Bytes.put64(memory, at + 8, group.low());
  }
}
