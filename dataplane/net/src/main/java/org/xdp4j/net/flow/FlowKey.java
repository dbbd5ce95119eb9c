package org.xdp4j.net.flow;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Icmp;
import org.xdp4j.net.wire.Icmp6;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.Tcp;

/**
 * Whose packet it is: addresses, protocol and ports, read from a packet into fields that are used
 * again for the next. An ICMP query has its identifier as both ports. Fragments but the first have
 * no ports; they get their datagram's if its first fragment was seen before (virtual reassembly,
 * RFC 4787, section 11). Owned by one thread.
 */
public final class FlowKey {
  private static final int MAX_EXTENSIONS = 16;

  private final FragmentPorts fragments;

  /** Source and destination: an IPv4 address is in the lower half of low, high being 0. */
  public long sourceHigh;

  public long sourceLow;
  public long destinationHigh;
  public long destinationLow;
  public int protocol;
  public int sourcePort;
  public int destinationPort;

  /** Where the transport header starts; of no meaning for later fragments. */
  public long transport;

  public boolean isIpv6;

  /** Whether it is a fragment but the first. */
  public boolean isLaterFragment;

  /** Whether the ports, where the protocol has some, are known. */
  public boolean hasPorts;

  /** Whether it is an ICMP message about another packet. */
  public boolean isIcmpError;

  /** Of an ICMP message, else -1. */
  public int icmpType;

  /** Of a TCP segment, else 0. */
  public int tcpFlags;

  /**
   * Makes one for packets.
   *
   * @param fragments where the ports of fragmented datagrams are remembered
   */
  public static FlowKey forPackets(FragmentPorts fragments) {
    return new FlowKey(fragments);
  }

  /** Makes one that knows of a fragment what itself says, as for packets quoted in others. */
  public static FlowKey alone() {
    return new FlowKey(null);
  }

  private FlowKey(FragmentPorts fragments) {
    this.fragments = fragments;
  }

  /**
   * Reads a packet.
   *
   * @param ip its header, whose lengths were checked unless it is quoted
   * @param end one past its last byte
   * @return whether there was enough of it to say
   */
  public boolean read(MemorySegment memory, long ip, long end) {
    hasPorts = false;
    isLaterFragment = false;
    isIcmpError = false;
    icmpType = -1;
    tcpFlags = 0;
    sourcePort = 0;
    destinationPort = 0;
    if (end - ip < Ipv4.MIN_SIZE) {
      return false;
    }
    isIpv6 = Ipv4.version(memory, ip) == 6;
    return isIpv6 ? read6(memory, ip, end) : read4(memory, ip, end);
  }

  private boolean read4(MemorySegment memory, long ip, long end) {
    int size = Ipv4.headerSize(memory, ip);
    if (Ipv4.version(memory, ip) != 4 || size < Ipv4.MIN_SIZE || end - ip < size) {
      return false;
    }
    sourceHigh = 0;
    destinationHigh = 0;
    sourceLow = Integer.toUnsignedLong(Ipv4.source(memory, ip));
    destinationLow = Integer.toUnsignedLong(Ipv4.destination(memory, ip));
    protocol = Ipv4.protocol(memory, ip);
    transport = ip + size;
    int fragment = Ipv4.fragment(memory, ip);
    isLaterFragment = (fragment & Ipv4.OFFSET_MASK) != 0;
    boolean more = (fragment & Ipv4.MORE_FRAGMENTS) != 0;
    return ports(memory, end, more, Ipv4.identification(memory, ip));
  }

  private boolean read6(MemorySegment memory, long ip, long end) {
    if (end - ip < Ipv6.SIZE) {
      return false;
    }
    sourceHigh = Ipv6.sourceHigh(memory, ip);
    sourceLow = Ipv6.sourceLow(memory, ip);
    destinationHigh = Ipv6.destinationHigh(memory, ip);
    destinationLow = Ipv6.destinationLow(memory, ip);
    protocol = Ipv6.nextHeader(memory, ip);
    transport = ip + Ipv6.SIZE;
    boolean more = false;
    int identification = 0;
    for (int i = 0; i < MAX_EXTENSIONS && Ipv6.isExtension(protocol); i++) {
      if (end - transport < 8) {
        return false;
      }
      if (protocol == IpProtocol.FRAGMENT) {
        int fragment = Ipv6.fragment(memory, transport);
        identification = Ipv6.fragmentIdentification(memory, transport);
        isLaterFragment = (fragment & Ipv6.OFFSET_MASK) != 0;
        more = (fragment & Ipv6.MORE_FRAGMENTS) != 0;
      }
      int size = Ipv6.extensionSize(memory, transport, protocol);
      protocol = Bytes.u8(memory, transport);
      transport += size;
      if (isLaterFragment) {
        break;
      }
    }
    if (!isLaterFragment && Ipv6.isExtension(protocol)) {
      return false; // What is behind so many headers is not known (RFC 7112).
    }
    return ports(memory, end, more, identification);
  }

  private boolean ports(MemorySegment memory, long end, boolean more, int identification) {
    if (isLaterFragment) {
      takeFromFirst(identification);
      return true;
    }
    boolean whole = transport(memory, end);
    if (more && whole && hasPorts && fragments != null) {
      fragments.remember(datagram(identification), sourcePort << 16 | destinationPort);
    }
    return whole;
  }

  private void takeFromFirst(int identification) {
    long found = fragments == null ? -1 : fragments.find(datagram(identification));
    if (found < 0) {
      return;
    }
    hasPorts = true;
    sourcePort = (int) found >>> 16;
    destinationPort = (int) found & 0xffff;
  }

  private long datagram(int identification) {
    long mixed = (sourceHigh ^ Long.rotateLeft(sourceLow, 23)) * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ mixed >>> 32 ^ destinationHigh) * 0xD6E8FEB86659FD93L;
    mixed = (mixed ^ mixed >>> 32 ^ destinationLow) * 0x9E3779B97F4A7C15L;
    int kind = isIpv6 ? 0 : protocol;
    return (mixed ^ mixed >>> 32 ^ (long) kind << 32 ^ identification & 0xffffffffL)
        * 0xD6E8FEB86659FD93L;
  }

  private boolean transport(MemorySegment memory, long end) {
    long available = end - transport;
    if (IpProtocol.hasPorts(protocol)) {
      if (available < 4) {
        return false;
      }
      hasPorts = true;
      sourcePort = Bytes.u16(memory, transport);
      destinationPort = Bytes.u16(memory, transport + 2);
      tcpFlags = protocol == IpProtocol.TCP && available >= 14 ? Tcp.flags(memory, transport) : 0;
    } else if (protocol == (isIpv6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP)) {
      if (available < Icmp.SIZE) {
        return false;
      }
      icmp(memory);
    }
    return true;
  }

  private void icmp(MemorySegment memory) {
    icmpType = Icmp.type(memory, transport);
    isIcmpError = isIpv6 ? Icmp6.isError(icmpType) : Icmp.isError(icmpType);
    boolean echo =
        isIpv6
            ? icmpType == Icmp6.ECHO_REQUEST || icmpType == Icmp6.ECHO_REPLY
            : icmpType == Icmp.ECHO_REQUEST || icmpType == Icmp.ECHO_REPLY;
    if (echo) {
      hasPorts = true;
      sourcePort = Bytes.u16(memory, transport + 4);
      destinationPort = sourcePort;
    }
  }
}
