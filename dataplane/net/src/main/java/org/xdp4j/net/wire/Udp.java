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

  /**
   * Whether a datagram may be believed: its length is within the packet and its checksum is right
   * (RFC 1122, section 4.1.3.4; RFC 8200, section 8.1).
   *
   * @param available bytes from the header to the packet's end
   * @param pseudo the sum of the pseudo header
   * @param mayLack whether a checksum of 0 means that there is none, as it does over IPv4
   */
  public static boolean isSound(
      MemorySegment memory, long header, long available, long pseudo, boolean mayLack) {
    if (available < SIZE) {
      return false;
    }
    int length = length(memory, header);
    if (length < SIZE || length > available) {
      return false;
    }
    if (checksum(memory, header) == 0) {
      return mayLack;
    }
    return Checksum.finish(Checksum.sum(memory, header, length, pseudo)) == 0;
  }

  /** The checksum; 0 when the sender made none. */
  public static int checksum(MemorySegment memory, long header) {
    return Bytes.u16(memory, header + 6);
  }
}
