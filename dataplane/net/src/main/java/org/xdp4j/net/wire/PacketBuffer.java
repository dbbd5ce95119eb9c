package org.xdp4j.net.wire;

import java.lang.foreign.MemorySegment;

/**
 * One packet: a range of the one memory all packets are in, with room before and after it.
 *
 * <pre>
 *  start           data     network                    dataEnd           end
 *    | headroom      | link   | IP or ARP                 | tailroom        |
 * </pre>
 *
 * <p>Whoever moves packets makes these once and uses them again and again, extending the class with
 * what else it keeps of a packet. Whoever holds a packet owns it; one thread at a time touches it.
 * The fields are public because every step of a packet's way reads or writes some of them.
 */
public class PacketBuffer {
  /** The buffer, as offsets into the memory. */
  public final long start;

  public final long end;

  /** The packet's first byte, and one past its last. */
  public long data;

  public long dataEnd;

  /** Where the network header starts; set by the stack. */
  public long network;

  /**
   * The largest IP packet, in bytes, that the device will cut this one into (segmentation offload);
   * 0 when it is sent as it is.
   */
  public int segmentTo;

  /**
   * Whether the device completes the transport checksum, whose field holds the pseudo header's sum.
   */
  public boolean checksumPartial;

  /** Whether it came in a frame to a group of stations; set by the stack. */
  public boolean linkGroup;

  /**
   * The endpoint NAT will write when the packet is sent, an IPv4 address and 16 bits of port; 0 for
   * none. Set by the stack.
   */
  public long translateSource;

  public long translateDestination;

  /**
   * The IPv4 address that its source route has it sent to next, written when it is sent; 0 for
   * none. Set by the stack.
   */
  public int sourceRouteHop;

  /** Makes one over a buffer; the packet in it is empty. */
  public PacketBuffer(long start, long end) {
    this.start = start;
    this.end = end;
    this.data = start;
    this.dataEnd = start;
  }

  /** Takes over what the device is to do with another packet, whose bytes were copied into this. */
  public void copyOffload(PacketBuffer original) {
    segmentTo = original.segmentTo;
    checksumPartial = original.checksumPartial;
  }

  /**
   * {@link #segmentTo} where it leaves by a link with an MTU. It becomes less where nobody said how
   * large segments are to be.
   */
  public int segmentFor(int mtu) {
    return segmentTo;
  }

  /**
   * Does what was left to the device: completes the transport checksum of an IPv4 packet whose
   * network header is known.
   */
  public void completeChecksum(MemorySegment memory) {
    boolean tcp = Ipv4.protocol(memory, network) == IpProtocol.TCP;
    completeChecksum(
        memory,
        network + Ipv4.headerSize(memory, network),
        tcp ? Tcp.CHECKSUM_OFFSET : Udp.CHECKSUM_OFFSET);
  }

  /**
   * Completes a checksum that lies {@code offset} bytes behind the start of what it covers, which
   * ends with the packet.
   */
  protected final void completeChecksum(MemorySegment memory, long start, int offset) {
    int value = Checksum.of(memory, start, dataEnd - start);
    boolean none = value == 0 && offset == Udp.CHECKSUM_OFFSET; // RFC 768: 0 says there is none
    Bytes.put16(memory, start + offset, none ? 0xffff : value);
    checksumPartial = false;
  }

  /** Bytes of the packet. */
  public int length() {
    return (int) (dataEnd - data);
  }

  /** Bytes the packet may grow at its front. */
  public int headroom() {
    return (int) (data - start);
  }

  /** Bytes the packet may grow at its back. */
  public int tailroom() {
    return (int) (end - dataEnd);
  }
}
