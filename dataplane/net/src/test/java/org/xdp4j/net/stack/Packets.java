package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Icmp;
import org.xdp4j.net.wire.Icmp6;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.MacAddress;
import org.xdp4j.net.wire.Mld;

/** Frames and packets as bytes, for tests. */
final class Packets {
  /** A hop-by-hop header before ICMPv6: router alert, padding (RFC 2711). */
  private static final byte[] ALERT = {IpProtocol.ICMPV6, 0, 5, 2, 0, 0, 1, 0};

  private Packets() {}

  static byte[] ethernet(long to, long from, int type, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
    frame.putLong(to << 16).position(6);
    frame.putLong(from << 16).position(12);
    return frame.putShort((short) type).put(payload).array();
  }

  /** Puts tags between the addresses and the type; each is a type and a VLAN. */
  static byte[] tagged(byte[] frame, int... typesAndVlans) {
    ByteBuffer tagged = ByteBuffer.allocate(frame.length + 2 * typesAndVlans.length);
    tagged.put(frame, 0, 12);
    for (int value : typesAndVlans) {
      tagged.putShort((short) value);
    }
    return tagged.put(frame, 12, frame.length - 12).array();
  }

  static byte[] arp(
      int operation, String senderMac, String sender, String targetMac, String target) {
    ByteBuffer arp = ByteBuffer.allocate(28);
    arp.putLong(0x0001_0800_0604_0000L | operation);
    arp.putLong(MacAddress.parse(senderMac) << 16).position(14);
    arp.putInt(IpAddress.parse(sender).ipv4());
    arp.putLong(MacAddress.parse(targetMac) << 16).position(24);
    return arp.putInt(IpAddress.parse(target).ipv4()).array();
  }

  static byte[] ipv4(String from, String to, int protocol, byte[] payload) {
    return ipv4(from, to, protocol, 64, 0, new byte[0], payload);
  }

  static byte[] ipv4(
      String from, String to, int protocol, int ttl, int fragment, byte[] options, byte[] payload) {
    int header = 20 + options.length;
    ByteBuffer packet = ByteBuffer.allocate(header + payload.length);
    packet.put((byte) (0x40 | header / 4)).put((byte) 0);
    packet.putShort((short) packet.capacity());
    packet.putShort((short) 0x1234).putShort((short) fragment);
    packet.put((byte) ttl).put((byte) protocol).putShort((short) 0);
    packet.putInt(IpAddress.parse(from).ipv4()).putInt(IpAddress.parse(to).ipv4());
    packet.put(options).put(payload);
    return sealed(packet.array());
  }

  /** The same packet with the right header checksum. */
  static byte[] sealed(byte[] packet) {
    Ipv4.seal(MemorySegment.ofArray(packet), 0);
    return packet;
  }

  static byte[] with(byte[] packet, int offset, int... values) {
    byte[] changed = packet.clone();
    for (int i = 0; i < values.length; i++) {
      changed[offset + i] = (byte) values[i];
    }
    return changed;
  }

  static byte[] ipv6(String from, String to, int next, byte[] payload) {
    return ipv6(from, to, next, 64, payload);
  }

  static byte[] ipv6(String from, String to, int next, int hopLimit, byte[] payload) {
    IpAddress source = IpAddress.parse(from);
    IpAddress destination = IpAddress.parse(to);
    ByteBuffer packet = ByteBuffer.allocate(40 + payload.length);
    packet.putInt(0x60000000).putShort((short) payload.length);
    packet.put((byte) next).put((byte) hopLimit);
    packet.putLong(source.high()).putLong(source.low());
    packet.putLong(destination.high()).putLong(destination.low());
    return packet.put(payload).array();
  }

  /** An ICMPv6 packet with the right checksum; the message is all but its checksum. */
  static byte[] icmp6(String from, String to, int hopLimit, byte[] message) {
    byte[] packet = ipv6(from, to, IpProtocol.ICMPV6, hopLimit, message);
    Icmp6.seal(MemorySegment.ofArray(packet), 0, 40, message.length);
    return packet;
  }

  /** A message of multicast listener discovery with its router alert, its checksum right. */
  static byte[] listener(String from, String to, byte[] message) {
    byte[] packet = ipv6(from, to, IpProtocol.HOP_BY_HOP, 1, concat(ALERT, message));
    Icmp6.seal(MemorySegment.ofArray(packet), 0, 48, message.length);
    return packet;
  }

  /** Whether a frame without tags is such a message, but no query. */
  static boolean isListenerReport(byte[] frame) {
    return frame.length > 62
        && u16(frame, 12) == EtherType.IPV6
        && u8(frame, 20) == IpProtocol.HOP_BY_HOP
        && u8(frame, 54) == IpProtocol.ICMPV6
        && (u8(frame, 62) == Mld.REPORT
            || u8(frame, 62) == Mld.REPORT_1
            || u8(frame, 62) == Mld.DONE_1);
  }

  /** An ICMP message with the right checksum. */
  static byte[] icmp(int type, int code, int rest, byte[] data) {
    ByteBuffer message = ByteBuffer.allocate(8 + data.length);
    message.put((byte) type).put((byte) code).putShort((short) 0).putInt(rest).put(data);
    Icmp.seal(MemorySegment.ofArray(message.array()), 0, message.capacity());
    return message.array();
  }

  /** A message without a checksum, as {@link #icmp6} takes it. */
  static byte[] message(int type, int code, int rest, byte[] data) {
    ByteBuffer message = ByteBuffer.allocate(8 + data.length);
    return message
        .put((byte) type)
        .put((byte) code)
        .putShort((short) 0)
        .putInt(rest)
        .put(data)
        .array();
  }

  /** A UDP datagram without a checksum. */
  static byte[] udp(int from, int to, int dataBytes) {
    ByteBuffer udp = ByteBuffer.allocate(8 + dataBytes);
    udp.putShort((short) from).putShort((short) to).putShort((short) udp.capacity());
    byte[] bytes = udp.array();
    for (int i = 8; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  /** An extension header of {@code content}, whose bytes are 6 more than a multiple of 8. */
  static byte[] extension(int next, byte[] content, byte[] rest) {
    ByteBuffer header = ByteBuffer.allocate(2 + content.length + rest.length);
    header.put((byte) next).put((byte) ((content.length + 2) / 8 - 1));
    return header.put(content).put(rest).array();
  }

  static byte[] concat(byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    ByteBuffer all = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }

  static byte[] address(String text) {
    IpAddress address = IpAddress.parse(text);
    return address.isIpv6()
        ? ByteBuffer.allocate(16).putLong(address.high()).putLong(address.low()).array()
        : ByteBuffer.allocate(4).putInt(address.ipv4()).array();
  }

  static byte[] mac(String text) {
    return Arrays.copyOfRange(ByteBuffer.allocate(8).putLong(MacAddress.parse(text)).array(), 2, 8);
  }

  static int u8(byte[] bytes, int offset) {
    return bytes[offset] & 0xff;
  }

  static int u16(byte[] bytes, int offset) {
    return Short.toUnsignedInt(ByteBuffer.wrap(bytes).getShort(offset));
  }

  static int i32(byte[] bytes, int offset) {
    return ByteBuffer.wrap(bytes).getInt(offset);
  }

  static String address4(byte[] bytes, int offset) {
    return IpAddress.format4(i32(bytes, offset));
  }

  static String address6(byte[] bytes, int offset) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return IpAddress.of(buffer.getLong(offset), buffer.getLong(offset + 8)).toString();
  }

  static byte[] from(byte[] bytes, int offset) {
    return Arrays.copyOfRange(bytes, offset, bytes.length);
  }

  /** Whether the header checksum of an IPv4 packet, and of ICMP in it, are right. */
  static boolean isSound4(byte[] packet) {
    MemorySegment memory = MemorySegment.ofArray(packet);
    int header = Ipv4.headerSize(memory, 0);
    boolean sound =
        Checksum.of(memory, 0, header) == 0 && Ipv4.totalLength(memory, 0) == packet.length;
    if (Ipv4.protocol(memory, 0) == IpProtocol.ICMP && !Ipv4.isFragment(memory, 0)) {
      sound &= Checksum.of(memory, header, packet.length - header) == 0;
    }
    return sound;
  }

  /** A TCP segment or UDP datagram in an IPv4 packet, its checksum right. */
  static byte[] transport4(String from, String to, int protocol, byte[] segment) {
    byte[] packet = ipv4(from, to, protocol, segment);
    int field = 20 + (protocol == IpProtocol.TCP ? 16 : 6);
    packet[field] = 0;
    packet[field + 1] = 0;
    int checksum = transportSum4(packet);
    return with(packet, field, checksum >>> 8, checksum);
  }

  /** The transport checksum over an IPv4 packet: 0 where the one in it is right. */
  static int transportSum4(byte[] packet) {
    MemorySegment memory = MemorySegment.ofArray(packet);
    int header = Ipv4.headerSize(memory, 0);
    int length = packet.length - header;
    long pseudo =
        Checksum.pseudoHeader4(i32(packet, 12), i32(packet, 16), Ipv4.protocol(memory, 0), length);
    return Checksum.finish(Checksum.sum(memory, header, length, pseudo));
  }

  /** A TCP segment without a checksum. */
  static byte[] tcp(int from, int to, int flags, int dataBytes) {
    ByteBuffer tcp = ByteBuffer.allocate(20 + dataBytes);
    tcp.putShort((short) from).putShort((short) to).putInt(1).putInt(2);
    tcp.put((byte) 0x50).put((byte) flags).putShort((short) 1000);
    return tcp.array();
  }

  /** A UDP datagram in an IPv6 packet, its checksum right: it must have one (RFC 8200, 8.1). */
  static byte[] udp6(String from, String to, byte[] datagram) {
    return transport6(from, to, IpProtocol.UDP, datagram, 46);
  }

  /** A TCP segment in an IPv6 packet, its checksum right. */
  static byte[] tcp6(String from, String to, byte[] segment) {
    return transport6(from, to, IpProtocol.TCP, segment, 56);
  }

  private static byte[] transport6(
      String from, String to, int protocol, byte[] segment, int field) {
    byte[] packet = ipv6(from, to, protocol, segment);
    MemorySegment memory = MemorySegment.ofArray(packet);
    long pseudo = Checksum.pseudoHeader6(memory, 0, protocol, segment.length);
    int checksum = Checksum.finish(Checksum.sum(memory, 40, segment.length, pseudo));
    return with(packet, field, checksum >>> 8, checksum);
  }

  /** Whether the ICMPv6 checksum of a packet without extension headers is right. */
  static boolean isSound6(byte[] packet) {
    MemorySegment memory = MemorySegment.ofArray(packet);
    return u16(packet, 4) == packet.length - 40
        && (u8(packet, 6) != IpProtocol.ICMPV6 || Icmp6.isSound(memory, 0, 40, packet.length - 40));
  }
}
