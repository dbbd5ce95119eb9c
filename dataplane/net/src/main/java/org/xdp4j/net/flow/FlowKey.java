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
 * no ports; they get their datagram's, and its protocol behind extension headers, if its first
 * fragment was seen before (virtual reassembly, RFC 4787, section 11). Owned by one thread.
 *
 * <p>Nothing is read from a fragment that would have to be trusted blindly: a first one has its
 * whole transport header (RFC 1858, section 3.2.1; RFC 7112, section 5), and a later one begins
 * behind it (RFC 1858, section 3.2.2; RFC 3128). Of a packet quoted in an ICMP error there need be
 * no more than 8 bytes of that (RFC 792).
 */
public final class FlowKey {
  private static final int MAX_EXTENSIONS = 16;

  /** Fragments without their first are forgotten after so long: as in Linux, and RFC 8200, 4.5. */
  private static final long FRAGMENT_TIME4 = 30_000_000_000L;

  private static final long FRAGMENT_TIME6 = 60_000_000_000L;

  private static final int QUOTED_SIZE = 8;
  private static final int SCTP_SIZE = 12;

  // What is remembered of a first fragment: ports (32 bits), protocol (8), and these.
  private static final int PROTOCOL_SHIFT = 32;
  private static final long PORTS = 1L << 40;
  private static final long REPLY = 1L << 41;

  private final FragmentPorts fragments;
  private final boolean isQuoted;
  private long now;

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

  /** Whether it is the first fragment of several. */
  public boolean isFirstFragment;

  /** Whether it is a fragment but the first. */
  public boolean isLaterFragment;

  /** Whether it is a later fragment whose datagram's first is known. */
  public boolean hasFirst;

  /** Tells the datagram of a later fragment from others. */
  public long datagram;

  /**
   * Whether it is a first fragment without a whole transport header, or a later one that would
   * write over it; {@link #read} then says false.
   */
  public boolean isTiny;

  /** Whether the ports, where the protocol has some, are known. */
  public boolean hasPorts;

  /** Whether it is the answer to an echo request. */
  public boolean isEchoReply;

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
    return new FlowKey(fragments, false);
  }

  /** Makes one for packets that knows of a fragment what itself says. */
  public static FlowKey forSinglePackets() {
    return new FlowKey(null, false);
  }

  /** Makes one for packets quoted in others, of which there need not be all. */
  public static FlowKey forQuotes() {
    return new FlowKey(null, true);
  }

  private FlowKey(FragmentPorts fragments, boolean isQuoted) {
    this.fragments = fragments;
    this.isQuoted = isQuoted;
  }

  /** Whether it is ICMP of its family. */
  public boolean isIcmp() {
    return protocol == (isIpv6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP);
  }

  /**
   * Whether it is a later fragment that only its first could tell the flow of. What is behind
   * extension headers, a later fragment does not say.
   */
  public boolean lacksFirst() {
    return isLaterFragment
        && !hasFirst
        && (IpProtocol.hasPorts(protocol) || isIcmp() || isIpv6 && Ipv6.isExtension(protocol));
  }

  /**
   * Reads a packet.
   *
   * @param ip its header, whose lengths were checked unless it is quoted
   * @param end one past its last byte
   * @param time nanoseconds; first fragments are remembered for some time
   * @return whether there was enough of it to say
   */
  public boolean read(MemorySegment memory, long ip, long end, long time) {
    now = time;
    isIpv6 = false;
    hasPorts = false;
    isFirstFragment = false;
    isLaterFragment = false;
    hasFirst = false;
    isTiny = false;
    isEchoReply = false;
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
    int offset = (fragment & Ipv4.OFFSET_MASK) * 8;
    boolean more = (fragment & Ipv4.MORE_FRAGMENTS) != 0;
    return ports(memory, end, offset, more, Ipv4.identification(memory, ip));
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
    int offset = 0;
    int identification = 0;
    boolean isFragment = false;
    for (int i = 0; i < MAX_EXTENSIONS && Ipv6.isExtension(protocol) && offset == 0; i++) {
      if (end - transport < 8) {
        isTiny = more; // RFC 7112, section 5
        return false;
      }
      if (protocol == IpProtocol.FRAGMENT) {
        if (isFragment) {
          return false; // A fragment in a fragment: there is one such header at the most.
        }
        isFragment = true;
        int fragment = Ipv6.fragment(memory, transport);
        identification = Ipv6.fragmentIdentification(memory, transport);
        offset = fragment & Ipv6.OFFSET_MASK;
        more = (fragment & Ipv6.MORE_FRAGMENTS) != 0;
      }
      int size = Ipv6.extensionSize(memory, transport, protocol);
      protocol = Bytes.u8(memory, transport);
      transport += size;
    }
    if (offset == 0 && Ipv6.isExtension(protocol)) {
      return false; // What is behind so many headers is not known (RFC 7112).
    }
    return ports(memory, end, offset, more, identification);
  }

  private boolean ports(
      MemorySegment memory, long end, int offset, boolean more, int identification) {
    isLaterFragment = offset != 0;
    if (isLaterFragment) {
      takeFromFirst(identification);
      isTiny = !isQuoted && protocol == IpProtocol.TCP && offset < Tcp.MIN_SIZE;
      return !isTiny;
    }
    isFirstFragment = more;
    boolean whole = transport(memory, end);
    isTiny = more && !whole && !isQuoted;
    if (more && whole && fragments != null) {
      remember(identification);
    }
    return whole;
  }

  private void remember(int identification) {
    long what = (long) protocol << PROTOCOL_SHIFT | (long) sourcePort << 16 | destinationPort;
    what |= (hasPorts ? PORTS : 0) | (isEchoReply ? REPLY : 0);
    long until = now + (isIpv6 ? FRAGMENT_TIME6 : FRAGMENT_TIME4);
    fragments.remember(datagram(identification), what, until);
  }

  private void takeFromFirst(int identification) {
    if (fragments == null) {
      return;
    }
    datagram = datagram(identification);
    long found = fragments.find(datagram, now);
    hasFirst = found >= 0;
    if (!hasFirst) {
      return;
    }
    protocol = (int) (found >>> PROTOCOL_SHIFT) & 0xff;
    hasPorts = (found & PORTS) != 0;
    isEchoReply = (found & REPLY) != 0;
    sourcePort = (int) found >>> 16;
    destinationPort = (int) found & 0xffff;
  }

  /** Tells datagrams apart, in a way that only the table's seeds make known. */
  private long datagram(int identification) {
    long kind = isIpv6 ? 1L << 40 : (long) protocol << 32;
    return fragments.datagram(
        sourceHigh,
        sourceLow,
        destinationHigh,
        destinationLow,
        kind | identification & 0xffffffffL);
  }

  private boolean transport(MemorySegment memory, long end) {
    if (!IpProtocol.hasPorts(protocol) && !isIcmp()) {
      return true;
    }
    if (end - transport < (isQuoted ? QUOTED_SIZE : headerSize())) {
      return false;
    }
    if (isIcmp()) {
      icmp(memory);
      return true;
    }
    hasPorts = true;
    sourcePort = Bytes.u16(memory, transport);
    destinationPort = Bytes.u16(memory, transport + 2);
    boolean hasFlags = protocol == IpProtocol.TCP && end - transport >= Tcp.MIN_SIZE;
    tcpFlags = hasFlags ? Tcp.flags(memory, transport) : 0;
    return true;
  }

  /** The least bytes of the transport header. */
  private int headerSize() {
    return switch (protocol) {
      case IpProtocol.TCP -> Tcp.MIN_SIZE;
      case IpProtocol.SCTP, IpProtocol.DCCP -> SCTP_SIZE;
      default -> Icmp.SIZE; // UDP's is as large
    };
  }

  private void icmp(MemorySegment memory) {
    icmpType = Icmp.type(memory, transport);
    isIcmpError = isIpv6 ? Icmp6.isError(icmpType) : Icmp.isError(icmpType);
    isEchoReply = icmpType == (isIpv6 ? Icmp6.ECHO_REPLY : Icmp.ECHO_REPLY);
    if (isEchoReply || icmpType == (isIpv6 ? Icmp6.ECHO_REQUEST : Icmp.ECHO_REQUEST)) {
      hasPorts = true;
      sourcePort = Bytes.u16(memory, transport + 4);
      destinationPort = sourcePort;
    }
  }
}
