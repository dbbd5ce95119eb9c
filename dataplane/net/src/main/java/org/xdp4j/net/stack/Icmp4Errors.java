package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Icmp;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Tells the sender of an IPv4 packet what became of it (RFC 792; RFC 1812, section 4.3), where that
 * is allowed. Owned by one worker.
 */
final class Icmp4Errors {
  /** As much as fits into 576 bytes is quoted (RFC 1812, section 4.3.2.3). */
  static final int MAX_SIZE = 576;

  /** Precedence 6, internetwork control (RFC 1812, section 4.3.2.5). */
  private static final int PRECEDENCE = 0xc0;

  private static final int KEPT_TOS = 0x1e;

  private final StackContext context;
  private final Ipv4Sender sender;
  private final ErrorLimit limit;

  Icmp4Errors(StackContext context, Ipv4Sender sender) {
    this.context = context;
    this.sender = sender;
    this.limit = new ErrorLimit(context);
  }

  /**
   * Sends an error about a packet, which stays as it is.
   *
   * @param rest the four bytes after the checksum: a pointer, an MTU, a gateway or 0
   */
  void send(PacketBuffer about, int type, int code, int rest) {
    MemorySegment memory = context.memory;
    long ip = about.network;
    if (!mayAnswer(about, ip)) {
      return;
    }
    int source = Ipv4.source(memory, ip);
    if (!sender.prepare(source)) {
      return;
    }
    if (!limit.take(kind(type, code), source, Ipv4.destination(memory, ip))) {
      context.exit.limited();
      return;
    }
    int quoted = Math.min(Ipv4.totalLength(memory, ip), MAX_SIZE - Ipv4.MIN_SIZE - Icmp.SIZE);
    int length = Ipv4.MIN_SIZE + Icmp.SIZE + quoted;
    PacketBuffer error = context.exit.acquire(length);
    if (error == null) {
      return;
    }
    int from = sender.preparedSource();
    long icmp = error.network + Ipv4.MIN_SIZE;
    Bytes.copy(memory, ip, icmp + Icmp.SIZE, quoted);
    Bytes.put32(memory, icmp, type << 24 | code << 16);
    Bytes.put32(memory, icmp + 4, rest);
    Icmp.seal(memory, icmp, Icmp.SIZE + quoted);
    Ipv4.write(
        memory,
        error.network,
        Ipv4.tos(memory, ip) & KEPT_TOS | PRECEDENCE,
        length,
        context.router.identifications().next4(from, source, IpProtocol.ICMP),
        0,
        context.settings.hopLimit(),
        IpProtocol.ICMP,
        from,
        source);
    sender.sendPrepared(error);
  }

  private static ErrorLimit.Kind kind(int type, int code) {
    if (type == Icmp.UNREACHABLE && code == Icmp.FRAGMENTATION_NEEDED) {
      return ErrorLimit.Kind.TOO_BIG;
    }
    return type == Icmp.REDIRECT ? ErrorLimit.Kind.REDIRECT : ErrorLimit.Kind.OTHER;
  }

  /** RFC 1122, section 3.2.2 and RFC 1812, section 4.3.2.7: what is never answered. */
  private boolean mayAnswer(PacketBuffer about, long ip) {
    MemorySegment memory = context.memory;
    if (about.linkGroup || (Ipv4.fragment(memory, ip) & Ipv4.OFFSET_MASK) != 0) {
      return false;
    }
    if (!Ipv4Addresses.isStation(Ipv4.source(memory, ip))
        || !Ipv4Addresses.isStation(Ipv4.destination(memory, ip))) {
      return false;
    }
    if (Ipv4.protocol(memory, ip) == IpProtocol.ICMP) {
      long icmp = ip + Ipv4.headerSize(memory, ip);
      // Of a message cut off before its type nobody can say that it is no error.
      return icmp < about.dataEnd && !Icmp.isError(Icmp.type(memory, icmp));
    }
    return true;
  }
}
