package org.xdp4j.net.wire;

import java.lang.foreign.MemorySegment;

/**
 * A UDP header (RFC 768).
 *
 * <pre>
 *  0  source port   2  destination port   4  length   6  checksum
 * </pre>
 */
public final class Udp {
  public static final int SIZE = 8;

  /** Where the checksum is. */
  public static final int CHECKSUM_OFFSET = 6;

  private Udp() {}

  public static int sourcePort(MemorySegment memory, long header) {
    return Bytes.u16(memory, header);
  }

  public static int destinationPort(MemorySegment memory, long header) {
    return Bytes.u16(memory, header + 2);
  }

  /** Bytes of header and payload. */
  public static int length(MemorySegment memory, long header) {
    return Bytes.u16(memory, header + 4);
  }

  /** The checksum; 0 when the sender made none. */
  public static int checksum(MemorySegment memory, long header) {
    return Bytes.u16(memory, header + 6);
  }
}
