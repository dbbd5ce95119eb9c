package org.xdp4j.engine.port;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Tcp;
import org.xdp4j.net.wire.Udp;

/** Where in a frame a device is to do what it is to do, found from the frame's own headers. */
public final class HeaderOffload {
  /** VIRTIO_NET_HDR_GSO_* (linux/virtio_net.h). */
  public static final int GSO_TCPV4 = 1;

  public static final int GSO_TCPV6 = 4;
  public static final int GSO_UDP_L4 = 5;
  public static final int GSO_ECN = 0x80;

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final int ETHERNET = 14;
  private static final int TAG = 4;

  private HeaderOffload() {}

  /** Bytes of the frame's link-layer header, tags included. */
  public static int link(MemorySegment memory, Frame frame) {
    int length = ETHERNET;
    while (isTag(etherType(memory, frame, length)) && length < ETHERNET + 2 * TAG) {
      length += TAG;
    }
    return length;
  }

  private static int etherType(MemorySegment memory, Frame frame, int link) {
    return (memory.get(BYTE, frame.data + link - 2) & 0xff) << 8
        | memory.get(BYTE, frame.data + link - 1) & 0xff;
  }

  private static boolean isTag(int type) {
    return type == 0x8100 || type == 0x88a8;
  }

  /**
   * Sees to it that a frame says where its sum goes and how it is cut: one that is a copy does not.
   */
  public static void find(MemorySegment memory, Frame frame) {
    if ((frame.offloadFlags & Frame.NEEDS_CSUM) != 0) {
      return;
    }
    int link = link(memory, frame);
    boolean version6 = etherType(memory, frame, link) == EtherType.IPV6;
    long ip = frame.data + link;
    int header = version6 ? 40 : (memory.get(BYTE, ip) & 0xf) * 4;
    int protocol = memory.get(BYTE, ip + (version6 ? 6 : 9)) & 0xff;
    boolean tcp = protocol == IpProtocol.TCP;
    frame.offloadFlags |= Frame.NEEDS_CSUM;
    frame.checksumStart = ip + header;
    frame.checksumOffset = tcp ? Tcp.CHECKSUM_OFFSET : Udp.CHECKSUM_OFFSET;
    if (frame.segmentTo != 0) {
      int transport = tcp ? (memory.get(BYTE, ip + header + 12) >> 4 & 0xf) * 4 : Udp.SIZE;
      frame.headersEnd = ip + header + transport;
      frame.gsoSize = frame.segmentTo - header - transport;
      frame.gsoType = !tcp ? GSO_UDP_L4 : version6 ? GSO_TCPV6 : GSO_TCPV4;
    }
  }
}
