package org.xdp4j.net.nat;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.flow.FlowKey;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.Icmp;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv4;

/**
 * Writes other endpoints into an IPv4 packet, and keeps every checksum right by what changed (RFC
 * 3022, section 4.2; RFC 1624): the header's, the transport's, and those of a packet quoted in an
 * ICMP error (RFC 5508, section 4).
 *
 * <p>An endpoint is an address and 16 bits of port in one number. Owned by one thread.
 */
public final class NatRewriter {
  private static final int TCP_CHECKSUM = 16;
  private static final int UDP_CHECKSUM = 6;
  private static final int ICMP_CHECKSUM = 2;
  private static final int ICMP_IDENTIFIER = 4;

  private final FlowKey key = FlowKey.forSinglePackets();
  private final FlowKey quoted = FlowKey.forQuotes();

  /**
   * Gives a packet another source.
   *
   * @param partial whether the transport checksum is only the pseudo header's sum so far
   */
  public void source(MemorySegment memory, long ip, long end, long endpoint, boolean partial) {
    rewrite(memory, ip, end, endpoint, true, partial);
  }

  /** Gives a packet another destination. */
  public void destination(MemorySegment memory, long ip, long end, long endpoint, boolean partial) {
    rewrite(memory, ip, end, endpoint, false, partial);
  }

  private void rewrite(
      MemorySegment memory, long ip, long end, long endpoint, boolean source, boolean partial) {
    if (!key.read(memory, ip, end, 0)) {
      return;
    }
    int address = (int) (endpoint >>> 16);
    int old = address(memory, ip, source, address);
    if (key.isLaterFragment) {
      return;
    }
    if (key.isIcmpError) {
      quote(memory, key.transport, end, endpoint, !source);
      return;
    }
    transport(memory, key.transport, end, key.protocol, old, endpoint, source, partial);
  }

  /** Writes an address and updates the header's checksum; returns the old address. */
  private static int address(MemorySegment memory, long ip, boolean source, int address) {
    long field = ip + (source ? 12 : 16);
    int old = Bytes.i32(memory, field);
    Bytes.put32(memory, field, address);
    int checksum = Checksum.update32(Ipv4.checksum(memory, ip), old, address);
    Ipv4.putChecksum(memory, ip, checksum);
    return old;
  }

  private static void transport(
      MemorySegment memory,
      long at,
      long end,
      int protocol,
      int oldAddress,
      long endpoint,
      boolean source,
      boolean partial) {
    int address = (int) (endpoint >>> 16);
    int port = (int) endpoint & 0xffff;
    boolean icmp = protocol == IpProtocol.ICMP;
    long field = icmp ? at + ICMP_IDENTIFIER : source ? at : at + 2;
    if (end - field < 2) {
      return;
    }
    int oldPort = Bytes.u16(memory, field);
    Bytes.put16(memory, field, port);
    long checksumAt =
        at
            + switch (protocol) {
              case IpProtocol.TCP -> TCP_CHECKSUM;
              case IpProtocol.UDP -> UDP_CHECKSUM;
              default -> ICMP_CHECKSUM;
            };
    if (end - checksumAt < 2) {
      return; // A quote that ends before it.
    }
    int checksum = Bytes.u16(memory, checksumAt);
    if (protocol == IpProtocol.UDP && checksum == 0) {
      return; // The sender made none (RFC 768).
    }
    if (partial && !icmp) {
      // The field is the sum itself, of addresses but not of ports.
      int sum = ~Checksum.update32(~checksum & 0xffff, oldAddress, address) & 0xffff;
      Bytes.put16(memory, checksumAt, sum);
      return;
    }
    int fresh = icmp ? checksum : Checksum.update32(checksum, oldAddress, address);
    fresh = Checksum.update(fresh, oldPort, port);
    Bytes.put16(memory, checksumAt, protocol == IpProtocol.UDP && fresh == 0 ? 0xffff : fresh);
  }

  /** Writes the endpoint into the packet quoted in an ICMP error, whose way was the other one. */
  private void quote(MemorySegment memory, long icmp, long end, long endpoint, boolean source) {
    long ip = icmp + Icmp.SIZE;
    if (!quoted.read(memory, ip, end, 0)) {
      return;
    }
    int old = address(memory, ip, source, (int) (endpoint >>> 16));
    if (!quoted.isLaterFragment) {
      transport(memory, quoted.transport, end, quoted.protocol, old, endpoint, source, false);
    }
    Icmp.seal(memory, icmp, (int) (end - icmp));
  }
}
