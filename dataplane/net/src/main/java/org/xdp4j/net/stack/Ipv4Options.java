package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Ipv4;

/**
 * The options of an IPv4 header (RFC 791, section 3.1; RFC 1812, sections 4.2.2.1 and 5.3.13).
 * Record route and timestamp are filled in on the way; options that are not known are passed on.
 */
final class Ipv4Options {
  private static final int END = 0;
  private static final int NO_OPERATION = 1;
  private static final int RECORD_ROUTE = 7;
  private static final int TIMESTAMP = 68;
  private static final int LOOSE_SOURCE_ROUTE = 131;
  private static final int STRICT_SOURCE_ROUTE = 137;
  private static final int MALFORMED = 1 << 8;

  /** Findings of {@link #check}: a source route is there; its route has not ended. */
  static final int SOURCE_ROUTE = 1 << 9;

  static final int ROUTE_LEFT = 1 << 10;

  /** An option wants to be filled in. */
  static final int RECORDS = 1 << 11;

  /** The source route that is there is a strict one. */
  static final int STRICT = 1 << 12;

  private static final int TIMESTAMP_ONLY = 0;
  private static final int WITH_ADDRESS = 1;
  private static final int PRESPECIFIED = 3;

  private Ipv4Options() {}

  /** Whether findings say that an option is malformed. */
  static boolean isMalformed(int findings) {
    return (findings & MALFORMED) != 0;
  }

  /** The byte of the header that is wrong (RFC 792, the pointer of a parameter problem). */
  static int pointer(int findings) {
    return findings & 0xff;
  }

  /** Looks at all options of a header and changes nothing. */
  static int check(MemorySegment memory, long ip) {
    int header = Ipv4.headerSize(memory, ip);
    int findings = 0;
    int seen = 0;
    int at = Ipv4.MIN_SIZE;
    while (at < header) {
      int type = Bytes.u8(memory, ip + at);
      if (type == END) {
        return findings;
      }
      if (type == NO_OPERATION) {
        at++;
        continue;
      }
      int size = at + 1 < header ? Bytes.u8(memory, ip + at + 1) : 0;
      if (size < 2 || at + size > header) {
        return MALFORMED | at + (at + 1 < header ? 1 : 0);
      }
      int once = once(type);
      if ((seen & once) != 0) {
        return MALFORMED | at;
      }
      seen |= once;
      int found = checkOne(memory, ip + at, type, size, at);
      if (isMalformed(found)) {
        return found;
      }
      findings |= found;
      at += size;
    }
    return findings;
  }

  /** A bit for each option that may be there once (RFC 791; RFC 1812, section 5.2.4.1), or 0. */
  private static int once(int type) {
    return switch (type) {
      case RECORD_ROUTE -> 1;
      case LOOSE_SOURCE_ROUTE, STRICT_SOURCE_ROUTE -> 2; // One of the two, too.
      case TIMESTAMP -> 4;
      default -> 0;
    };
  }

  private static int checkOne(MemorySegment memory, long option, int type, int size, int at) {
    return switch (type) {
      case RECORD_ROUTE, LOOSE_SOURCE_ROUTE, STRICT_SOURCE_ROUTE ->
          checkRoute(memory, option, type, size, at);
      case TIMESTAMP -> checkTimestamp(memory, option, size, at);
      default -> 0;
    };
  }

  private static int checkRoute(MemorySegment memory, long option, int type, int size, int at) {
    if (size < 3) {
      return MALFORMED | at + 1;
    }
    int next = Bytes.u8(memory, option + 2);
    boolean room = next <= size;
    if (next < 4 || room && next + 3 > size) {
      return MALFORMED | at + 2;
    }
    if (type == RECORD_ROUTE) {
      return room ? RECORDS : 0;
    }
    int strict = type == STRICT_SOURCE_ROUTE ? STRICT : 0;
    return SOURCE_ROUTE | strict | (room ? ROUTE_LEFT : 0);
  }

  private static int checkTimestamp(MemorySegment memory, long option, int size, int at) {
    if (size < 4) {
      return MALFORMED | at + 1;
    }
    int next = Bytes.u8(memory, option + 2);
    int flag = Bytes.u8(memory, option + 3) & 0xf;
    if (flag != TIMESTAMP_ONLY && flag != WITH_ADDRESS && flag != PRESPECIFIED) {
      return MALFORMED | at + 3;
    }
    int entry = flag == TIMESTAMP_ONLY ? 4 : 8;
    if (next < 5 || next <= size && next - 1 + entry > size) {
      return MALFORMED | at + 2;
    }
    if (next > size && Bytes.u8(memory, option + 3) >>> 4 == 15) {
      return MALFORMED | at + 3; // More routers than can be counted as having had no room.
    }
    return RECORDS;
  }

  /** Where the source route of a header that was checked, and has one, is in it. */
  static int sourceRoute(MemorySegment memory, long ip) {
    int at = Ipv4.MIN_SIZE;
    while (true) {
      int type = Bytes.u8(memory, ip + at);
      if (type == LOOSE_SOURCE_ROUTE || type == STRICT_SOURCE_ROUTE) {
        return at;
      }
      at += type == NO_OPERATION ? 1 : Bytes.u8(memory, ip + at + 1);
    }
  }

  /**
   * Sends a packet on along its source route (RFC 791, section 3.1): it goes to the next address,
   * whose place takes ours. The header's checksum is then to be computed anew.
   *
   * @param next the first address that is left and not ours
   * @param own of the interface the packet leaves by
   */
  static void follow(MemorySegment memory, long ip, int next, int own) {
    long option = ip + sourceRoute(memory, ip);
    int pointer = Bytes.u8(memory, option + 2);
    while (Bytes.i32(memory, option + pointer - 1) != next) {
      pointer += 4;
    }
    Bytes.put32(memory, option + pointer - 1, own);
    Bytes.put8(memory, option + 2, pointer + 4);
    Ipv4.putDestination(memory, ip, next);
  }

  /**
   * Fills in record route and timestamp of a header that was checked. The header's checksum is then
   * to be computed anew.
   *
   * @param address the one recorded: of the interface the packet leaves by
   * @param topology says which addresses are ours, of which each may be one asked for
   * @param milliseconds of a clock that is not universal time, and so marked (RFC 791)
   */
  static void record(
      MemorySegment memory, long ip, int address, Topology topology, long milliseconds) {
    int header = Ipv4.headerSize(memory, ip);
    int at = Ipv4.MIN_SIZE;
    while (at < header) {
      int type = Bytes.u8(memory, ip + at);
      if (type == END) {
        return;
      }
      int size = type == NO_OPERATION ? 1 : Bytes.u8(memory, ip + at + 1);
      if (type == RECORD_ROUTE) {
        recordRoute(memory, ip + at, size, address);
      } else if (type == TIMESTAMP) {
        recordTime(memory, ip + at, size, address, topology, (int) milliseconds | 1 << 31);
      }
      at += size;
    }
  }

  private static void recordRoute(MemorySegment memory, long option, int size, int address) {
    int next = Bytes.u8(memory, option + 2);
    if (next + 3 <= size) {
      Bytes.put32(memory, option + next - 1, address);
      Bytes.put8(memory, option + 2, next + 4);
    }
  }

  private static void recordTime(
      MemorySegment memory, long option, int size, int address, Topology topology, int time) {
    int next = Bytes.u8(memory, option + 2);
    int overflow = Bytes.u8(memory, option + 3);
    int flag = overflow & 0xf;
    if (next > size) {
      Bytes.put8(memory, option + 3, overflow + 16);
      return;
    }
    long entry = option + next - 1;
    switch (flag) {
      case TIMESTAMP_ONLY -> Bytes.put32(memory, entry, time);
      case WITH_ADDRESS -> {
        Bytes.put32(memory, entry, address);
        Bytes.put32(memory, entry + 4, time);
      }
      default -> {
        if (!topology.isOwn(Bytes.i32(memory, entry))) {
          return;
        }
        Bytes.put32(memory, entry + 4, time);
      }
    }
    Bytes.put8(memory, option + 2, next + (flag == TIMESTAMP_ONLY ? 4 : 8));
  }
}
