package org.xdp4j.net.wire;

import java.lang.foreign.MemorySegment;

/**
 * A TCP header (RFC 9293).
 *
 * <pre>
 *   0  source port    2  destination port   4  sequence number   8  acknowledgement
 *  12  data offset (4 bits), reserved, flags (8)   14  window   16  checksum   18  urgent pointer
 *  20  options
 * </pre>
 */
public final class Tcp {
  /** Bytes without options. */
  public static final int MIN_SIZE = 20;

  /** Where the checksum is. */
  public static final int CHECKSUM_OFFSET = 16;

  public static final int FIN = 0x01;
  public static final int SYN = 0x02;
  public static final int RST = 0x04;
  public static final int PSH = 0x08;
  public static final int ACK = 0x10;
  public static final int URG = 0x20;

  private Tcp() {}

  public static int sourcePort(MemorySegment memory, long header) {
    return Bytes.u16(memory, header);
  }

  public static int destinationPort(MemorySegment memory, long header) {
    return Bytes.u16(memory, header + 2);
  }

  /** Bytes of the header, options included; less than {@link #MIN_SIZE} is an error. */
  public static int headerSize(MemorySegment memory, long header) {
    return (Bytes.u8(memory, header + 12) >>> 4) * 4;
  }

  public static int flags(MemorySegment memory, long header) {
    return Bytes.u8(memory, header + 13);
  }
}
