package org.xdp4j.engine.frame;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.Tcp;
import org.xdp4j.net.wire.Udp;

/**
 * Tells by a frame's bytes that its sender left the transport checksum to a device, for ports that
 * nobody tells so: libpcap keeps the kernel's word for it (TP_STATUS_CSUMNOTREADY) to itself, and
 * an XDP program never hears it (CHECKSUM_PARTIAL). Between the ends of a veth pair, where no
 * device is, every TCP and UDP packet of the other end's own comes like that.
 *
 * <p>Such a packet's checksum field holds the sum over its pseudo header, folded but not
 * complemented (Linux's {@code tcp_v4_send_check}, {@code udp4_hwcsum}). A packet whose checksum is
 * complete has the same bits there once in 65,535 times by chance. Nothing comes of it: the
 * checksum completed is what it was. Only a packet that was damaged on its way, and has them by
 * chance, would be given a checksum that is right.
 *
 * <p>A TCP segment of more bytes than its link carries is one that a device was to cut, or that was
 * joined of several (GSO, GRO); by how many bytes is not told either. So it is cut as large as the
 * link allows that it leaves by, and the one it came by.
 *
 * <p>An SCTP packet whose checksum is left to a device has 0 there ({@code sctp_packet_pack}),
 * which the CRC-32c of a packet is once in four thousand million times. No virtio-net header can
 * tell anybody of it, so it is completed at once.
 *
 * <p>Not recognised: fragments, which no device completes; packets behind IPv6 extension headers.
 */
public final class PartialChecksum {
  /** VIRTIO_NET_HDR_GSO_* (linux/virtio_net.h). */
  private static final int GSO_TCPV4 = 1;

  private static final int GSO_TCPV6 = 4;
  private static final int ETHERNET = 14;
  private static final int TAG = 4;
  private static final int IPV6 = 40;
  private static final int FRAGMENT = 0x3fff; // an offset, or more to come
  private static final int FULL = 0xffff;

  /** The common header. */
  private static final int SCTP = 12;

  private static final int SCTP_CHECKSUM_OFFSET = 8;
  private static final ValueLayout.OfInt SCTP_CHECKSUM =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private PartialChecksum() {}

  /**
   * Looks at a frame that came in, and marks it where its checksum is partial: when the frame
   * leaves, that is completed ({@link Frame#completeChecksum}). That of SCTP is here.
   *
   * @param mtu of the link it came by, which no IP packet on it exceeds
   * @return whether it is
   */
  public static boolean mark(MemorySegment memory, Frame frame, int mtu) {
    long ip = frame.data + ETHERNET;
    if (frame.dataEnd - ip < Ipv4.MIN_SIZE + Udp.SIZE || frame.cutBytes != 0) {
      return false;
    }
    int type = Bytes.u16(memory, ip - 2);
    for (int tags = 0; tags < 2 && EtherType.isVlan(type); tags++) {
      ip += TAG;
      type = Bytes.u16(memory, ip - 2);
    }
    int header = header(memory, frame, ip, type);
    if (header == 0) {
      return false;
    }
    int protocol = Bytes.u8(memory, ip + (header == IPV6 && type == EtherType.IPV6 ? 6 : 9));
    boolean tcp = protocol == IpProtocol.TCP;
    long transport = ip + header;
    if (protocol == IpProtocol.SCTP) {
      return completeSctp(memory, transport, frame.dataEnd - transport);
    }
    if (!tcp && protocol != IpProtocol.UDP
        || frame.dataEnd - transport < (tcp ? Tcp.MIN_SIZE : Udp.SIZE)) {
      return false;
    }
    frame.checksumStart = transport;
    frame.checksumOffset = tcp ? Tcp.CHECKSUM_OFFSET : Udp.CHECKSUM_OFFSET;
    frame.presumedIp = ip;
    if (!isThere(memory, frame)) {
      return false;
    }
    frame.checksumPartial = true;
    frame.offloadFlags = Frame.NEEDS_CSUM | Frame.PRESUMED;
    if (tcp && frame.dataEnd - ip > mtu) {
      long headers = transport + (Bytes.u8(memory, transport + 12) >> 4) * 4L;
      frame.headersEnd = Math.min(headers, frame.dataEnd);
      frame.gsoType = type == EtherType.IPV6 ? GSO_TCPV6 : GSO_TCPV4;
      frame.cutTo(mtu);
    }
    return true;
  }

  /** RFC 9260, section 6.8 and appendix A: the CRC's first byte is its least significant one. */
  private static boolean completeSctp(MemorySegment memory, long at, long length) {
    if (length < SCTP || memory.get(SCTP_CHECKSUM, at + SCTP_CHECKSUM_OFFSET) != 0) {
      return false;
    }
    CRC32C crc = new CRC32C();
    crc.update(memory.asSlice(at, length).asByteBuffer());
    memory.set(SCTP_CHECKSUM, at + SCTP_CHECKSUM_OFFSET, (int) crc.getValue());
    return true;
  }

  /**
   * Bytes of the IP header of a packet that ends with its frame and is no fragment; 0 for others.
   */
  private static int header(MemorySegment memory, Frame frame, long ip, int type) {
    long size = frame.dataEnd - ip;
    if (type == EtherType.IPV4 && size >= Ipv4.MIN_SIZE) {
      int header = Ipv4.headerSize(memory, ip);
      boolean whole =
          Bytes.u8(memory, ip) >> 4 == 4
              && header >= Ipv4.MIN_SIZE
              && Ipv4.totalLength(memory, ip) == size
              && (Ipv4.fragment(memory, ip) & FRAGMENT) == 0;
      return whole ? header : 0;
    }
    boolean whole =
        type == EtherType.IPV6
            && size >= IPV6
            && Bytes.u8(memory, ip) >> 4 == 6
            && Bytes.u16(memory, ip + 4) == size - IPV6;
    return whole ? IPV6 : 0;
  }

  /**
   * Whether the field still holds the pseudo header's sum: a program that took the checksum for a
   * complete one, and was right, may have changed it since.
   */
  static boolean isThere(MemorySegment memory, Frame frame) {
    int field = Bytes.u16(memory, frame.checksumStart + frame.checksumOffset);
    if (field == 0) {
      return false; // RFC 768: the sender made none
    }
    long ip = frame.presumedIp;
    int length = (int) (frame.dataEnd - frame.checksumStart);
    int protocol = frame.checksumOffset == Tcp.CHECKSUM_OFFSET ? IpProtocol.TCP : IpProtocol.UDP;
    long sum =
        Bytes.u8(memory, ip) >> 4 == 6
            ? Checksum.pseudoHeader6(memory, ip, protocol, length)
            : Checksum.pseudoHeader4(
                Ipv4.source(memory, ip), Ipv4.destination(memory, ip), protocol, length);
    return (~Checksum.finish(sum) & FULL) == field;
  }
}
