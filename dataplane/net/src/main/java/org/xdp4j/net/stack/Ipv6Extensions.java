package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Icmp6;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Walks extension headers (RFC 8200, section 4). A router on the way looks at hop-by-hop options
 * only; a destination at all headers up to the upper layer's. Owned by one worker.
 */
final class Ipv6Extensions {
  /** More than any sender has a use for; a longer chain is refused. */
  static final int MAX_HEADERS = 16;

  private static final int PAD_1 = 0;
  private static final int PAD_N = 1;
  private static final int ROUTER_ALERT = 5;

  private final StackContext context;
  private final Icmp6Errors errors;
  private int upper;
  private long upperAt;
  private boolean fragment;
  private boolean fragmentHeader;

  Ipv6Extensions(StackContext context, Icmp6Errors errors) {
    this.context = context;
    this.errors = errors;
  }

  /** What is behind the headers walked last: a protocol. */
  int upper() {
    return upper;
  }

  /** Where that starts. */
  long upperAt() {
    return upperAt;
  }

  /** Whether the packet is a part of a larger one. */
  boolean isFragment() {
    return fragment;
  }

  /** Whether there is a fragment header, also one of a packet that is whole (RFC 6946). */
  boolean hasFragmentHeader() {
    return fragmentHeader;
  }

  /** Looks at the options every router looks at; why the packet is dropped, or null. */
  DropReason hopByHop(PacketBuffer packet, Interface in) {
    MemorySegment memory = context.memory;
    long at = packet.network + Ipv6.SIZE;
    int size = size(packet, at, IpProtocol.HOP_BY_HOP);
    return size < 0 ? DropReason.IPV6_BAD_EXTENSION : options(packet, in, at, size);
  }

  private int size(PacketBuffer packet, long at, int kind) {
    if (packet.dataEnd - at < 8) {
      return -1;
    }
    int size = Ipv6.extensionSize(context.memory, at, kind);
    return packet.dataEnd - at < size ? -1 : size;
  }

  /** Walks to the upper layer's header; why the packet is dropped, or null. */
  DropReason walk(PacketBuffer packet, Interface in) {
    MemorySegment memory = context.memory;
    long ip = packet.network;
    long kindAt = ip + 6;
    upper = Ipv6.nextHeader(memory, ip);
    upperAt = ip + Ipv6.SIZE;
    fragment = false;
    fragmentHeader = false;
    for (int i = 0; Ipv6.isExtension(upper) && isKnown(upper); i++) {
      if (upper == IpProtocol.HOP_BY_HOP && i > 0) {
        // Only allowed right behind the IPv6 header (section 4.1).
        return problem(packet, in, Icmp6.UNKNOWN_NEXT_HEADER, kindAt);
      }
      int size = size(packet, upperAt, upper);
      if (size < 0 || i == MAX_HEADERS) {
        return DropReason.IPV6_BAD_EXTENSION;
      }
      DropReason wrong = header(packet, in, size);
      if (wrong != null) {
        return wrong;
      }
      kindAt = upperAt;
      upper = Bytes.u8(memory, upperAt);
      upperAt += size;
      if (fragment) {
        return null;
      }
    }
    return null;
  }

  private static boolean isKnown(int kind) {
    return switch (kind) {
      case IpProtocol.HOP_BY_HOP,
          IpProtocol.DESTINATION_OPTIONS,
          IpProtocol.ROUTING,
          IpProtocol.FRAGMENT ->
          true;
      default -> false;
    };
  }

  private DropReason header(PacketBuffer packet, Interface in, int size) {
    MemorySegment memory = context.memory;
    return switch (upper) {
      case IpProtocol.HOP_BY_HOP -> null; // Was looked at when the packet came in.
      case IpProtocol.DESTINATION_OPTIONS -> options(packet, in, upperAt, size);
      case IpProtocol.ROUTING ->
          // Nothing left to visit: ignored; else no type is known (section 4.4; RFC 5095).
          Bytes.u8(memory, upperAt + 3) == 0
              ? null
              : problem(packet, in, Icmp6.BAD_FIELD, upperAt + 2);
      default -> {
        int field = Ipv6.fragment(memory, upperAt);
        fragmentHeader = true;
        fragment = (field & (Ipv6.OFFSET_MASK | Ipv6.MORE_FRAGMENTS)) != 0;
        yield null;
      }
    };
  }

  /** RFC 8200, section 4.2: an option that is not known says itself what is to be done. */
  private DropReason options(PacketBuffer packet, Interface in, long header, int size) {
    MemorySegment memory = context.memory;
    long end = header + size;
    long at = header + 2;
    while (at < end) {
      int type = Bytes.u8(memory, at);
      if (type == PAD_1) {
        at++;
        continue;
      }
      if (end - at < 2 || at + 2 + Bytes.u8(memory, at + 1) > end) {
        return problem(packet, in, Icmp6.BAD_FIELD, at);
      }
      if (type != PAD_N && type != ROUTER_ALERT) {
        DropReason wrong = unknown(packet, in, type, at);
        if (wrong != null) {
          return wrong;
        }
      }
      at += 2 + Bytes.u8(memory, at + 1);
    }
    return null;
  }

  private DropReason unknown(PacketBuffer packet, Interface in, int type, long at) {
    boolean group = Ipv6Addresses.isMulticast(Ipv6.destinationHigh(context.memory, packet.network));
    int action = type >>> 6;
    if (action == 0) {
      return null;
    }
    if (action == 2 || action == 3 && !group) {
      int pointer = (int) (at - packet.network);
      errors.send(packet, in, Icmp6.PARAMETER_PROBLEM, Icmp6.UNKNOWN_OPTION, pointer);
    }
    return DropReason.IPV6_BAD_OPTION;
  }

  /** Refuses the packet for the byte at {@code at}. */
  DropReason problem(PacketBuffer packet, Interface in, int code, long at) {
    errors.send(packet, in, Icmp6.PARAMETER_PROBLEM, code, (int) (at - packet.network));
    return DropReason.IPV6_BAD_EXTENSION;
  }
}
