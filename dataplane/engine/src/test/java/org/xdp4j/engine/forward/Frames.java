package org.xdp4j.engine.forward;

import java.nio.ByteBuffer;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.MacAddress;

/** Frames for tests, byte by byte, independent of the code that is tested. */
final class Frames {
  static final int ETHERNET = 14;
  static final int IPV4 = 20;
  static final int ICMP = 1;
  static final int UDP = 17;

  private Frames() {}

  static long mac(String text) {
    return MacAddress.parse(text);
  }

  static byte[] ethernet(long destination, long source, int type, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(ETHERNET + payload.length);
    put48(frame, destination);
    put48(frame, source);
    frame.putShort((short) type).put(payload);
    return frame.array();
  }

  private static void put48(ByteBuffer to, long mac) {
    to.putShort((short) (mac >>> 32)).putInt((int) mac);
  }

  static byte[] ipv4(String source, String destination, int protocol, int ttl, byte[] payload) {
    return ipv4(
        IpAddress.parse(source).ipv4(),
        IpAddress.parse(destination).ipv4(),
        protocol,
        ttl,
        0x4000,
        payload);
  }

  static byte[] ipv4(
      int source, int destination, int protocol, int ttl, int fragment, byte[] payload) {
    ByteBuffer packet = ByteBuffer.allocate(IPV4 + payload.length);
    packet.put((byte) 0x45).put((byte) 0).putShort((short) (IPV4 + payload.length));
    packet.putShort((short) 7).putShort((short) fragment);
    packet.put((byte) ttl).put((byte) protocol).putShort((short) 0);
    packet.putInt(source).putInt(destination).put(payload);
    packet.putShort(10, (short) sum(packet.array(), 0, IPV4, 0));
    return packet.array();
  }

  /** A datagram without a checksum. */
  static byte[] udp(int sourcePort, int destinationPort, byte[] payload) {
    return ByteBuffer.allocate(8 + payload.length)
        .putShort((short) sourcePort)
        .putShort((short) destinationPort)
        .putShort((short) (8 + payload.length))
        .putShort((short) 0)
        .put(payload)
        .array();
  }

  static byte[] echo(int id, int sequence, byte[] payload) {
    ByteBuffer message = ByteBuffer.allocate(8 + payload.length);
    message.put((byte) 8).put((byte) 0).putShort((short) 0);
    message.putShort((short) id).putShort((short) sequence).put(payload);
    message.putShort(2, (short) sum(message.array(), 0, message.capacity(), 0));
    return message.array();
  }

  /** An ARP packet (RFC 826): operation 1 asks, 2 answers. */
  static byte[] arp(int operation, long sender, String senderIp, long target, String targetIp) {
    ByteBuffer packet = ByteBuffer.allocate(28);
    packet.putShort((short) 1).putShort((short) 0x0800).put((byte) 6).put((byte) 4);
    packet.putShort((short) operation);
    put48(packet, sender);
    packet.putInt(IpAddress.parse(senderIp).ipv4());
    put48(packet, target);
    packet.putInt(IpAddress.parse(targetIp).ipv4());
    return packet.array();
  }

  /** The Internet checksum (RFC 1071). */
  static int sum(byte[] bytes, int from, int length, int start) {
    int sum = start;
    for (int i = 0; i < length; i++) {
      int value = bytes[from + i] & 0xff;
      sum += i % 2 == 0 ? value << 8 : value;
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return ~sum & 0xffff;
  }

  static int type(byte[] frame) {
    return u16(frame, 12);
  }

  static long destination(byte[] frame) {
    return u48(frame, 0);
  }

  static long source(byte[] frame) {
    return u48(frame, 6);
  }

  static int ttl(byte[] frame) {
    return frame[ETHERNET + 8] & 0xff;
  }

  static int protocol(byte[] frame) {
    return frame[ETHERNET + 9] & 0xff;
  }

  static String sourceIp(byte[] frame) {
    return IpAddress.format4(i32(frame, ETHERNET + 12));
  }

  static String destinationIp(byte[] frame) {
    return IpAddress.format4(i32(frame, ETHERNET + 16));
  }

  static boolean hasRightHeaderSum(byte[] frame) {
    return sum(frame, ETHERNET, IPV4, 0) == 0;
  }

  static int u16(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
  }

  static int i32(byte[] bytes, int at) {
    return u16(bytes, at) << 16 | u16(bytes, at + 2);
  }

  private static long u48(byte[] bytes, int at) {
    return (long) u16(bytes, at) << 32 | i32(bytes, at + 2) & 0xffffffffL;
  }
}
