package org.xdp4j.engine.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Frames of the protocols that programs look for, whole and spoiled; the same in each run. */
final class WorldFrames {
  private static final int SPOILED = 160;
  private static final byte[] ETHERNET = {
    0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2,
  };
  private static final byte[] SOURCE6 = address6(0xfd00, 1);
  private static final byte[] TARGET6 = address6(0xfd00, 2);
  static final int SOURCE4 = 0x0a000001;
  static final int TARGET4 = 0x0a000002;

  private final List<byte[]> frames = new ArrayList<>();

  private WorldFrames() {}

  /** All of them. */
  static List<byte[]> all() {
    WorldFrames made = new WorldFrames();
    made.plain();
    made.tunnels();
    made.services();
    made.spoil();
    return made.frames;
  }

  private void plain() {
    byte[] tcp = tcp(40000, 80, 0x18, "GET / HTTP/1.0\r\n\r\n".getBytes());
    for (int flags : new int[] {0x02, 0x12, 0x10, 0x11, 0x04, 0x29, 0}) {
      add(0x800, ip4(6, tcp(40000, 80, flags, new byte[0])));
      add(0x86dd, ip6(6, tcp(40001, 443, flags, new byte[0])));
    }
    add(0x800, ip4(6, tcp));
    add(0x800, ip4(6, tcpOptions(40002, 22, 0x02, 0xdeadbeef)));
    add(0x800, ip4(6, tcpOptions(40002, 22, 0x10, 0x01020304)));
    add(0x86dd, ip6(6, tcpOptions(40003, 22, 0x02, 0x0a0b0c0d)));
    add(0x800, ip4(17, udp(5000, 9999, new byte[64])));
    add(0x86dd, ip6(17, udp(5000, 9999, new byte[64])));
    add(0x800, ip4(1, bytes(8, 0, 0xf7, 0xff, 0, 0, 0, 0, 1, 2, 3, 4)));
    add(0x800, ip4(1, join(bytes(3, 1, 0, 0, 0, 0, 0, 0), ip4(17, udp(7, 8, new byte[8])))));
    add(0x800, ip4(1, join(bytes(3, 4, 0, 0, 0, 0, 5, 0xdc), ip4(6, tcp))));
    add(0x86dd, ip6(58, bytes(128, 0, 0, 0, 0, 1, 0, 1, 9, 9)));
    add(
        0x86dd,
        ip6(58, join(bytes(135, 0, 0, 0, 0, 0, 0, 0), TARGET6, bytes(1, 1, 2, 0, 0, 0, 0, 2))));
    add(0x86dd, ip6(58, join(bytes(2, 0, 0, 0, 0, 0, 5, 0), ip6(6, tcp))));
    add(
        0x806,
        bytes(
            0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 2, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2));
    add(0x88cc, new byte[46]);
    for (int tag : new int[] {0x8100, 0x88a8}) {
      add(tag, join(bytes(0, 100, 8, 0), ip4(6, tcp)));
      add(tag, join(bytes(0x20, 7, 0x81, 0, 0, 42, 8, 0), ip4(17, udp(1, 2, new byte[20]))));
      add(tag, join(bytes(0, 5, 0x86, 0xdd), ip6(17, udp(1, 2, new byte[20]))));
    }
    byte[] first = ip4(17, udp(53, 53, new byte[100]));
    first[6] = 0x20;
    add(0x800, first);
    byte[] later = ip4(17, new byte[100]);
    later[7] = 13;
    add(0x800, later);
    byte[] options = ip4(6, join(bytes(1, 1, 1, 1), tcp));
    options[0] = 0x46;
    add(0x800, options);
    byte[] dying = ip4(6, tcp);
    dying[8] = 1;
    add(0x800, dying);
    add(0x800, ip4(132, join(bytes(0x13, 0x88, 0x13, 0x89), new byte[28])));
    add(0x86dd, ip6(0, join(bytes(6, 0, 5, 2, 0, 0, 1, 0), tcp)));
    add(0x86dd, ip6(44, join(bytes(17, 0, 0, 1, 0, 0, 0, 9), udp(1, 2, new byte[16]))));
    add(0x86dd, ip6(43, join(bytes(6, 2, 4, 0, 0, 0, 0, 0), TARGET6, tcp)));
    add(0x800, ip4(17, udp(1, 2, new byte[1400])));
    add(0x86dd, ip6(6, join(tcp, new byte[1300])));
  }

  private void tunnels() {
    byte[] inner4 = ip4(6, tcp(1234, 80, 0x02, new byte[0]));
    byte[] inner6 = ip6(17, udp(1234, 80, new byte[8]));
    byte[] innerFrame = join(ETHERNET, bytes(8, 0), inner4);
    add(0x800, ip4(4, inner4));
    add(0x800, ip4(41, inner6));
    add(0x86dd, ip6(41, inner6));
    add(0x86dd, ip6(4, inner4));
    add(0x800, ip4(47, join(bytes(0, 0, 8, 0), inner4)));
    add(0x800, ip4(47, join(bytes(0x20, 0, 0x65, 0x58, 0, 0, 1, 0), innerFrame)));
    add(0x800, ip4(17, udp(50000, 4789, join(bytes(8, 0, 0, 0, 0, 0, 42, 0), innerFrame))));
    add(0x800, ip4(17, udp(50000, 6081, join(bytes(0, 0, 0x65, 0x58, 0, 0, 42, 0), innerFrame))));
    add(0x800, ip4(17, udp(2152, 2152, join(bytes(0x30, 0xff, 0, 60, 0, 0, 0, 7), inner4))));
    add(
        0x800,
        ip4(
            17,
            udp(
                2152,
                2152,
                join(bytes(0x34, 0xff, 0, 68, 0, 0, 0, 7, 0, 0, 0, 0x85, 1, 0, 9, 0), inner4))));
    add(0x800, ip4(17, udp(9, 6635, join(bytes(0, 1, 1, 64), inner4))));
    add(0x8847, join(bytes(0, 1, 1, 64), inner4));
    add(0x800, ip4(17, udp(9, 9886, inner4)));
    add(0x800, ip4(17, udp(51820, 51820, join(bytes(4, 0, 0, 0), new byte[60]))));
    add(0x800, ip4(50, new byte[40]));
  }

  private void services() {
    byte[] dns =
        bytes(
            0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'w', 'w', 'w', 7, 'e', 'x', 'a', 'm', 'p',
            'l', 'e', 3, 'c', 'o', 'm', 0, 0, 1, 0, 1);
    add(0x800, ip4(17, udp(33333, 53, dns)));
    add(0x86dd, ip6(17, udp(33333, 53, dns)));
    byte[] dhcp = new byte[300];
    System.arraycopy(bytes(1, 1, 6, 0, 0x39, 3, 0xf3, 0x26), 0, dhcp, 0, 8);
    System.arraycopy(
        bytes(0x63, 0x82, 0x53, 0x63, 53, 1, 1, 55, 3, 1, 3, 6, 255), 0, dhcp, 236, 13);
    add(0x800, ip4(17, udp(68, 67, dhcp)));
    byte[] reply = dhcp.clone();
    reply[0] = 2;
    add(0x800, ip4(17, udp(67, 68, reply)));
    add(0x800, ip4(17, udp(67, 67, reply)));
    add(0x86dd, ip6(17, udp(546, 547, bytes(1, 1, 2, 3, 0, 1, 0, 4, 1, 2, 3, 4))));
    add(0x800, ip4(17, udp(123, 123, join(bytes(0x23, 2, 6, 0xec), new byte[44]))));
    add(
        0x800,
        ip4(
            17,
            udp(
                40000,
                443,
                join(bytes(0xc3, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0), new byte[1180]))));
    add(
        0x800,
        ip4(17, udp(40000, 443, join(bytes(0x43, 1, 0x40, 9, 4, 5, 6, 7, 8), new byte[40]))));
    add(
        0x800,
        ip4(
            17,
            udp(
                27015,
                27015,
                join(bytes(0xff, 0xff, 0xff, 0xff, 'T'), "Source Engine Query\0".getBytes()))));
    add(
        0x800,
        ip4(17, udp(40000, 11211, join(bytes(0, 1, 0, 0, 0, 1, 0, 0), "get key\r\n".getBytes()))));
    add(0x800, ip4(6, tcp(40000, 11211, 0x18, "get key\r\n".getBytes())));
    add(
        0x800,
        ip4(
            17,
            udp(
                3784,
                3784,
                bytes(
                    0x20, 0xc0, 3, 24, 0, 0, 0, 1, 0, 0, 0, 0, 0, 15, 66, 64, 0, 15, 66, 64, 0, 0,
                    0, 0))));
    add(
        0x800,
        ip4(
            6,
            tcp(
                443,
                40000,
                0x18,
                bytes(0x16, 3, 1, 0, 60, 1, 0, 0, 56, 3, 3, 1, 2, 3, 4, 5, 6, 7, 8))));
    add(0x88f7, join(bytes(0, 2, 0, 44), new byte[40]));
    add(0x88a4, join(bytes(0x0e, 0x10, 1, 0), new byte[40]));
  }

  /** Changed bytes and cut ends, as the network never has them and attackers do. */
  private void spoil() {
    Random random = new Random(20261128);
    int whole = frames.size();
    for (int i = 0; i < SPOILED; i++) {
      byte[] frame = frames.get(random.nextInt(whole)).clone();
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        frame[12 + random.nextInt(Math.min(60, frame.length - 12))] = (byte) random.nextInt();
      }
      int length = random.nextInt(3) == 0 ? 14 + random.nextInt(frame.length - 13) : frame.length;
      frames.add(java.util.Arrays.copyOf(frame, length));
    }
  }

  private void add(int type, byte[] payload) {
    frames.add(join(ETHERNET, bytes(type >> 8, type), payload));
  }

  private static byte[] ip4(int protocol, byte[] payload) {
    int length = 20 + payload.length;
    byte[] header =
        join(
            bytes(0x45, 0, length >> 8, length, 0, 1, 0, 0, 64, protocol, 0, 0),
            int32(SOURCE4),
            int32(TARGET4));
    int sum = checksum(0, header);
    header[10] = (byte) (sum >> 8);
    header[11] = (byte) sum;
    return join(header, transport(protocol, 4, join(int32(SOURCE4), int32(TARGET4)), payload));
  }

  private static byte[] ip6(int next, byte[] payload) {
    byte[] header =
        join(bytes(0x60, 0, 0, 0, payload.length >> 8, payload.length, next, 64), SOURCE6, TARGET6);
    return join(header, transport(next, 6, join(SOURCE6, TARGET6), payload));
  }

  /** With its checksum, where the protocol has one in a known place. */
  private static byte[] transport(int protocol, int version, byte[] addresses, byte[] payload) {
    int at = protocol == 6 ? 16 : protocol == 17 ? 6 : protocol == 1 || protocol == 58 ? 2 : -1;
    if (at < 0 || payload.length < at + 2) {
      return payload;
    }
    byte[] filled = payload.clone();
    filled[at] = 0;
    filled[at + 1] = 0;
    int pseudo = protocol == 1 ? 0 : protocol + payload.length;
    int sum = checksum(pseudo, protocol == 1 ? filled : join(addresses, filled));
    filled[at] = (byte) (sum >> 8);
    filled[at + 1] = (byte) sum;
    return filled;
  }

  private static int checksum(int start, byte[] bytes) {
    long sum = start;
    for (int i = 0; i < bytes.length; i++) {
      sum += (bytes[i] & 0xff) << (i % 2 == 0 ? 8 : 0);
    }
    while (sum >> 16 != 0) {
      sum = (sum & 0xffff) + (sum >> 16);
    }
    return (int) ~sum & 0xffff;
  }

  private static byte[] tcp(int from, int to, int flags, byte[] payload) {
    return join(
        bytes(from >> 8, from, to >> 8, to, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, flags, 0xff, 0xff),
        new byte[4],
        payload);
  }

  /** With timestamps, and with a window scale and a segment size. */
  private static byte[] tcpOptions(int from, int to, int flags, int stamp) {
    byte[] header = tcp(from, to, flags, new byte[0]);
    header[12] = (byte) 0xa0;
    return join(
        header,
        bytes(2, 4, 5, 0xb4, 4, 2, 8, 10),
        int32(stamp),
        int32(stamp + 1),
        bytes(1, 3, 3, 7));
  }

  private static byte[] udp(int from, int to, byte[] payload) {
    int length = 8 + payload.length;
    return join(bytes(from >> 8, from, to >> 8, to, length >> 8, length, 0, 0), payload);
  }

  private static byte[] address6(int top, int last) {
    byte[] address = new byte[16];
    address[0] = (byte) (top >> 8);
    address[15] = (byte) last;
    return address;
  }

  static byte[] int32(int value) {
    return bytes(value >> 24, value >> 16, value >> 8, value);
  }

  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  static byte[] join(byte[]... parts) {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
