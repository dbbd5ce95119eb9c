package org.xdp4j.daemon.control.live;

import java.nio.ByteBuffer;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.MacAddress;

/**
 * A frame in a few words, for people: what a glance at its headers shows, checked no further.
 *
 * <pre>
 *  VLAN 7, IPv4 10.0.1.2:1024 > 192.168.0.1:53 UDP
 * </pre>
 */
final class FrameSummary {
  private static final int VLAN = 0x8100;
  private static final int SERVICE_VLAN = 0x88a8;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final int ARP = 0x0806;
  private static final int MAX_TAGS = 4;

  private final ByteBuffer frame;
  private final StringBuilder words = new StringBuilder();

  private FrameSummary(byte[] frame) {
    this.frame = ByteBuffer.wrap(frame);
  }

  static String of(byte[] frame) {
    FrameSummary summary = new FrameSummary(frame);
    try {
      summary.link();
    } catch (IndexOutOfBoundsException cutShort) {
      summary.words.append(summary.words.isEmpty() ? "" : ", ").append("cut short");
    }
    return summary.words.toString();
  }

  private int u16(int at) {
    return frame.getShort(at) & 0xffff;
  }

  private int u8(int at) {
    return frame.get(at) & 0xff;
  }

  private void link() {
    int at = 12;
    int type = u16(at);
    for (int tags = 0; (type == VLAN || type == SERVICE_VLAN) && tags < MAX_TAGS; tags++) {
      words.append("VLAN ").append(u16(at + 2) & 0xfff).append(", ");
      at += 4;
      type = u16(at);
    }
    switch (type) {
      case IPV4 -> ipv4(at + 2);
      case IPV6 -> ipv6(at + 2);
      case ARP -> arp(at + 2);
      default ->
          words
              .append("EtherType 0x")
              .append(Integer.toHexString(type))
              .append(" from ")
              .append(MacAddress.format(frame.getLong(4) & 0xffff_ffff_ffffL));
    }
  }

  private void ipv4(int at) {
    words.append("IPv4 ");
    boolean first = (u16(at + 6) & 0x1fff) == 0;
    addresses(
        IpAddress.of(frame.getInt(at + 12)).toString(),
        IpAddress.of(frame.getInt(at + 16)).toString(),
        u8(at + 9),
        at + (u8(at) & 15) * 4,
        first);
  }

  private void ipv6(int at) {
    words.append("IPv6 ");
    addresses(
        IpAddress.of(frame.getLong(at + 8), frame.getLong(at + 16)).toString(),
        IpAddress.of(frame.getLong(at + 24), frame.getLong(at + 32)).toString(),
        u8(at + 6),
        at + 40,
        true);
  }

  private void addresses(String from, String to, int protocol, int at, boolean first) {
    boolean ports = (protocol == IpProtocol.TCP || protocol == IpProtocol.UDP) && first;
    words.append(endpoint(from, ports, at)).append(" > ").append(endpoint(to, ports, at + 2));
    words.append(' ').append(name(protocol));
    if ((protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6) && first) {
      words.append(" type ").append(u8(at)).append(" code ").append(u8(at + 1));
    } else if (!first) {
      words.append(" fragment");
    }
  }

  private String endpoint(String address, boolean ports, int at) {
    if (!ports) {
      return address;
    }
    return (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + u16(at);
  }

  private static String name(int protocol) {
    return switch (protocol) {
      case IpProtocol.ICMP -> "ICMP";
      case IpProtocol.ICMPV6 -> "ICMPv6";
      case IpProtocol.TCP -> "TCP";
      case IpProtocol.UDP -> "UDP";
      default -> "protocol " + protocol;
    };
  }

  private void arp(int at) {
    String sender = IpAddress.of(frame.getInt(at + 14)).toString();
    String target = IpAddress.of(frame.getInt(at + 24)).toString();
    words.append("ARP ");
    words.append(
        u16(at + 6) == 1
            ? sender + " asks for " + target
            : sender + " is at " + MacAddress.format(frame.getLong(at + 6) & 0xffff_ffff_ffffL));
  }
}
