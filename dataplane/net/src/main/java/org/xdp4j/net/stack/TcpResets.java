package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.PacketBuffer;
import org.xdp4j.net.wire.Tcp;

/**
 * Answers TCP segments to us that nobody takes with a reset (RFC 9293, section 3.10.7.1), so that
 * their senders need not wait. Owned by one worker.
 */
final class TcpResets {
  private final StackContext context;
  private final Ipv4Sender sender4;
  private final Ipv6Sender sender6;
  private final ErrorLimit limit;

  TcpResets(StackContext context, Ipv4Sender sender4, Ipv6Sender sender6) {
    this.context = context;
    this.sender4 = sender4;
    this.sender6 = sender6;
    this.limit = new ErrorLimit(context);
  }

  /** Answers a segment in an IPv4 packet, which stays as it is. */
  void send4(PacketBuffer about) {
    MemorySegment memory = context.memory;
    long ip = about.network;
    long segment = ip + Ipv4.headerSize(memory, ip);
    int length = (int) (about.dataEnd - segment);
    int from = Ipv4.source(memory, ip);
    int us = Ipv4.destination(memory, ip);
    long pseudo = Checksum.pseudoHeader4(from, us, IpProtocol.TCP, length);
    if (!isAnswered(about, segment, length, pseudo, from) || !sender4.prepare(from)) {
      return;
    }
    PacketBuffer reset = context.exit.acquire(Ipv4.MIN_SIZE + Tcp.MIN_SIZE);
    if (reset == null) {
      return;
    }
    Ipv4.write(
        memory,
        reset.network,
        0,
        Ipv4.MIN_SIZE + Tcp.MIN_SIZE,
        0,
        Ipv4.DONT_FRAGMENT,
        context.settings.hopLimit(),
        IpProtocol.TCP,
        us,
        from);
    long sum = Checksum.pseudoHeader4(us, from, IpProtocol.TCP, Tcp.MIN_SIZE);
    write(segment, length, reset.network + Ipv4.MIN_SIZE, sum);
    sender4.sendPrepared(reset);
  }

  /**
   * Answers a segment in an IPv6 packet, which stays as it is.
   *
   * @param in the interface it came in on
   * @param segment where the TCP header starts
   */
  void send6(PacketBuffer about, Interface in, long segment) {
    MemorySegment memory = context.memory;
    long ip = about.network;
    int length = (int) (about.dataEnd - segment);
    long high = Ipv6.sourceHigh(memory, ip);
    long low = Ipv6.sourceLow(memory, ip);
    long usHigh = Ipv6.destinationHigh(memory, ip);
    long pseudo = Checksum.pseudoHeader6(memory, ip, IpProtocol.TCP, length);
    if (Ipv6Addresses.isMulticast(usHigh)
        || Ipv6Addresses.isUnspecified(high, low)
        || !isAnswered(about, segment, length, pseudo, high)
        || !sender6.prepare(high, low, in)) {
      return;
    }
    PacketBuffer reset = context.exit.acquire(Ipv6.SIZE + Tcp.MIN_SIZE);
    if (reset == null) {
      return;
    }
    long to = reset.network;
    int hopLimit = context.settings.hopLimit();
    Ipv6.write(memory, to, 0, Tcp.MIN_SIZE, IpProtocol.TCP, hopLimit);
    Ipv6.putSource(memory, to, usHigh, Ipv6.destinationLow(memory, ip));
    Ipv6.putDestination(memory, to, high, low);
    long sum = Checksum.pseudoHeader6(memory, to, IpProtocol.TCP, Tcp.MIN_SIZE);
    write(segment, length, to + Ipv6.SIZE, sum);
    sender6.sendPrepared(reset);
  }

  /** A reset is never answered, nor what is damaged. */
  private boolean isAnswered(PacketBuffer about, long segment, int length, long pseudo, long host) {
    MemorySegment memory = context.memory;
    if (length < Tcp.MIN_SIZE || (Tcp.flags(memory, segment) & Tcp.RST) != 0) {
      return false;
    }
    int header = Tcp.headerSize(memory, segment);
    if (header < Tcp.MIN_SIZE || header > length) {
      return false;
    }
    boolean sound =
        about.checksumPartial
            || Checksum.finish(Checksum.sum(memory, segment, length, pseudo)) == 0;
    if (sound && !limit.take(ErrorLimit.Kind.OTHER, host, 0)) {
      context.exit.limited();
      return false;
    }
    return sound;
  }

  private void write(long segment, int length, long to, long pseudo) {
    MemorySegment memory = context.memory;
    int flags = Tcp.flags(memory, segment);
    boolean acknowledges = (flags & Tcp.ACK) != 0;
    int sequence = Bytes.i32(memory, segment + 4);
    int taken =
        length
            - Tcp.headerSize(memory, segment)
            + ((flags & Tcp.SYN) != 0 ? 1 : 0)
            + ((flags & Tcp.FIN) != 0 ? 1 : 0);
    Bytes.put16(memory, to, Tcp.destinationPort(memory, segment));
    Bytes.put16(memory, to + 2, Tcp.sourcePort(memory, segment));
    Bytes.put32(memory, to + 4, acknowledges ? Bytes.i32(memory, segment + 8) : 0);
    Bytes.put32(memory, to + 8, acknowledges ? 0 : sequence + taken);
    Bytes.put16(memory, to + 12, 0x5000 | Tcp.RST | (acknowledges ? 0 : Tcp.ACK));
    Bytes.put16(memory, to + 14, 0);
    Bytes.put32(memory, to + 16, 0);
    int checksum = Checksum.finish(Checksum.sum(memory, to, Tcp.MIN_SIZE, pseudo));
    Bytes.put16(memory, to + 16, checksum);
  }
}
