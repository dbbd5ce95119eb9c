package org.xdp4j.net.wire;

import java.lang.foreign.MemorySegment;

/**
 * An ARP packet for Ethernet and IPv4 (RFC 826).
 *
 * <pre>
 *   0  hardware type (1)   2  protocol type (0x0800)   4  sizes (6, 4)   6  operation
 *   8  sender's hardware address   14  sender's IPv4 address
 *  18  target's hardware address   24  target's IPv4 address
 * </pre>
 */
public final class Arp {
  public static final int SIZE = 28;
  public static final int REQUEST = 1;
  public static final int REPLY = 2;

  /** Types and sizes of Ethernet and IPv4, the first six bytes. */
  private static final long ETHERNET_IPV4 = 0x0001_0800_0604L;

  private Arp() {}

  /** Whether it is about Ethernet and IPv4. */
  public static boolean isEthernetIpv4(MemorySegment memory, long header) {
    return Bytes.i64(memory, header) >>> 16 == ETHERNET_IPV4;
  }

  public static int operation(MemorySegment memory, long header) {
    return Bytes.u16(memory, header + 6);
  }

  /** In the low 48 bits. */
  public static long senderMac(MemorySegment memory, long header) {
    return Bytes.i64(memory, header + 8) >>> 16;
  }

  public static int senderIp(MemorySegment memory, long header) {
    return Bytes.i32(memory, header + 14);
  }

  public static int targetIp(MemorySegment memory, long header) {
    return Bytes.i32(memory, header + 24);
  }

  /** Writes a packet. */
  public static void write(
      MemorySegment memory,
      long header,
      int operation,
      long senderMac,
      int senderIp,
      long targetMac,
      int targetIp) {
    Bytes.put64(memory, header, ETHERNET_IPV4 << 16 | operation);
    Bytes.put64(memory, header + 8, senderMac << 16 | senderIp >>> 16);
    Bytes.put16(memory, header + 16, senderIp);
    Bytes.put64(memory, header + 18, targetMac << 16 | targetIp >>> 16);
    Bytes.put16(memory, header + 26, targetIp);
  }
}
