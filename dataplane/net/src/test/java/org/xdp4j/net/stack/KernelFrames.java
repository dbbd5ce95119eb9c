package org.xdp4j.net.stack;

import java.util.LinkedHashMap;
import java.util.Map;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;

/** The frames that go through Linux and ours, each with a name. */
final class KernelFrames {
  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final String A = "10.0.1.2";
  private static final String B = "10.0.2.2";
  private static final String A6 = "fd00:1::2";
  private static final String B6 = "fd00:2::2";

  private final Map<String, byte[]> frames = new LinkedHashMap<>();

  private KernelFrames() {}

  static Map<String, byte[]> all() {
    KernelFrames all = new KernelFrames();
    all.redirects6();
    all.addresses4();
    all.headers4();
    all.options4();
    all.sourceRoutes4();
    all.sizes4();
    all.icmp4();
    all.addresses6();
    all.headers6();
    all.extensions6();
    return all.frames;
  }

  private void add(String name, byte[] packet) {
    int type = (packet[0] & 0xf0) == 0x60 ? EtherType.IPV6 : EtherType.IPV4;
    frames.put(name, Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), type, packet));
  }

  private static byte[] udp(String from, String to) {
    return Packets.transport4(from, to, UDP, Packets.udp(1000, 53, 30));
  }

  private void addresses4() {
    for (String to :
        new String[] {
          B,
          "198.51.100.7",
          "203.0.113.1",
          "192.0.0.1",
          "192.0.1.1",
          "192.0.2.1",
          "10.0.2.255",
          "0.0.0.0",
          "0.1.2.3",
          "127.0.0.1",
          "240.0.0.1",
          "224.0.0.9",
          "239.1.2.3",
          "255.255.255.255",
          "10.0.1.255",
          "10.0.1.1",
          "10.0.2.1"
        }) {
      add("ipv4 to " + to, udp(A, to));
    }
    for (String from :
        new String[] {
          "0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
          "169.254.1.1", "203.0.113.9", "10.0.2.2", "10.0.1.1", "10.0.2.1", "10.0.2.255"
        }) {
      add("ipv4 from " + from, udp(from, B));
    }
  }

  private void headers4() {
    byte[] good = udp(A, B);
    for (int ttl : new int[] {0, 1, 2, 3, 64, 128, 255}) {
      add("ttl " + ttl, Packets.sealed(Packets.with(good, 8, ttl)));
    }
    for (int tos : new int[] {0, 0x10, 0xb8, 0x03, 0xff}) {
      add("tos " + tos, Packets.sealed(Packets.with(good, 1, tos)));
      add("tos expiring " + tos, Packets.sealed(Packets.with(good, 1, tos, 0, 58, 0, 0, 0, 0, 1)));
    }
    for (int id = 0; id < 20; id++) {
      add("checksum " + id, Packets.sealed(Packets.with(good, 4, id * 37, id * 91)));
    }
    add("bad checksum", Packets.with(good, 10, 1, 2));
    add("version 5", Packets.sealed(Packets.with(good, 0, 0x55)));
    add("header 16", Packets.with(good, 0, 0x44));
    add("length short", Packets.sealed(Packets.with(good, 2, 0, 40)));
    add("length long", Packets.sealed(Packets.with(good, 2, 1, 40)));
    add("length 19", Packets.sealed(Packets.with(good, 2, 0, 19)));
    add("padded", Packets.concat(good, new byte[20]));
    for (int protocol : new int[] {0, 2, 4, 41, 47, 50, 89, 132, 255}) {
      add("protocol " + protocol, Packets.ipv4(A, B, protocol, new byte[24]));
    }
    add("reserved flag", Packets.sealed(Packets.with(good, 6, 0x80)));
    frames.put(
        "link broadcast", Packets.ethernet(Ethernet.BROADCAST, TestRouter.hostMac(1), 0x800, good));
    frames.put(
        "link other", Packets.ethernet(0x0200_0000_0977L, TestRouter.hostMac(1), 0x800, good));
  }

  private void options(String name, int... options) {
    byte[] bytes = new byte[options.length];
    for (int i = 0; i < options.length; i++) {
      bytes[i] = (byte) options[i];
    }
    add(name, Packets.ipv4(A, B, UDP, 64, 0, bytes, Packets.udp(1, 2, 8)));
  }

  private void options4() {
    options("nop and end", 1, 1, 1, 0);
    options("record route", 7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    options("record route second", 7, 11, 8, 1, 2, 3, 4, 0, 0, 0, 0, 0);
    options("record route full", 7, 7, 8, 9, 9, 9, 9, 0);
    options("record route small pointer", 7, 7, 3, 0, 0, 0, 0, 0);
    options("record route no room", 7, 6, 4, 0, 0, 0, 0, 0);
    options("option length 0", 9, 0, 0, 0);
    options("option beyond header", 7, 40, 4, 0);
    options("option without length", 1, 1, 1, 7);
    options("timestamp full", 68, 8, 9, 0, 1, 2, 3, 4);
    options("timestamp overflow", 68, 8, 9, 0xf0, 1, 2, 3, 4);
    options("timestamp bad length", 68, 3, 5, 0);
    options("router alert", 148, 4, 0, 0);
    options("unknown", 30, 4, 1, 2);
    options("security", 130, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    options("loose source route", 131, 7, 4, 10, 0, 2, 2, 0);
    options("strict source route", 137, 7, 4, 10, 0, 2, 2, 0);
  }

  private void visits(String name, String to, int kind, String... addresses) {
    byte[] route = {1, (byte) kind, (byte) (3 + addresses.length * 4), 4};
    for (String each : addresses) {
      route = Packets.concat(route, Packets.address(each));
    }
    add(name, Packets.ipv4(A, to, UDP, 64, 0, route, Packets.udp(1, 2, 8)));
  }

  private void sourceRoutes4() {
    visits("loose to a station", "10.0.1.1", 131, B);
    visits("loose by ours to a station", "10.0.1.1", 131, "10.0.2.1", B, "10.7.7.7");
    visits("loose to who is far", "10.0.1.1", 131, "198.51.100.9");
    visits("loose to nobody", "10.0.1.1", 131, "203.0.113.1");
    visits("loose to a broadcast", "10.0.1.1", 131, "10.0.2.255");
    visits("loose to ours", "10.0.1.1", 131, "10.0.2.1");
    visits("loose back", "10.0.1.1", 131, A);
    visits("strict to a station", "10.0.1.1", 137, B);
    visits("strict to who is far", "10.0.1.1", 137, "198.51.100.9");
    visits("strict past us", B, 137, "198.51.100.9");
  }

  private void sizes4() {
    for (int size : new int[] {1271, 1272, 1273, 1300, 1472}) {
      byte[] data = Packets.udp(1, 2, size);
      add("size " + size, Packets.transport4(A, B, UDP, data));
      add("size df " + size, Packets.ipv4(A, B, UDP, 64, 0x4000, new byte[0], data));
    }
    byte[] options = {7, 7, 4, 0, 0, 0, 0, (byte) 148, 4, 0, 0, 0};
    add(
        "fragmented with options",
        Packets.ipv4(
            A,
            B,
            UDP,
            64,
            0,
            new byte[] {1, 1, (byte) 0x94, 4, 0, 0, 1, 0},
            Packets.udp(1, 2, 1400)));
    add(
        "fragmented with record route",
        Packets.ipv4(A, B, UDP, 64, 0, options, Packets.udp(1, 2, 1400)));
    for (int fragment : new int[] {0x2000, 0x2000 | 100, 100}) {
      byte[] data = Packets.udp(1, 2, 1392);
      add("fragment " + fragment, Packets.ipv4(A, B, UDP, 64, fragment, new byte[0], data));
      byte[] small = Packets.udp(1, 2, 24);
      add("small fragment " + fragment, Packets.ipv4(A, B, UDP, 64, fragment, new byte[0], small));
      add(
          "expiring fragment " + fragment,
          Packets.ipv4(A, B, UDP, 1, fragment, new byte[0], small));
    }
  }

  private void icmp4() {
    for (int size : new int[] {0, 1, 8, 56, 1000, 1400}) {
      byte[] echo = Packets.icmp(8, 0, 0x70001, new byte[size]);
      add("echo " + size, Packets.ipv4(A, "10.0.1.1", ICMP, echo));
      add("echo far " + size, Packets.ipv4(A, "10.0.2.1", ICMP, echo));
      add("echo through " + size, Packets.ipv4(A, B, ICMP, echo));
    }
    add("echo zero", Packets.ipv4(A, "10.0.1.1", ICMP, Packets.icmp(8, 0, 0, new byte[8])));
    add("echo broadcast", Packets.ipv4(A, "10.0.1.255", ICMP, Packets.icmp(8, 0, 0, new byte[8])));
    add(
        "echo bad checksum",
        Packets.ipv4(A, "10.0.1.1", ICMP, Packets.with(Packets.icmp(8, 0, 0, new byte[8]), 2, 7)));
    for (int type : new int[] {0, 3, 4, 5, 8, 11, 12, 13, 17}) {
      byte[] message = Packets.icmp(type, 0, 0, new byte[28]);
      add("expiring icmp " + type, Packets.ipv4(A, B, ICMP, 1, 0, new byte[0], message));
    }
    // No more that Linux answers for want of a route: after five it makes one a second.
    add(
        "icmp to nobody 3",
        Packets.ipv4(A, "203.0.113.1", ICMP, Packets.icmp(3, 0, 0, new byte[28])));
    for (int size : new int[] {0, 500, 548, 600, 1000}) {
      byte[] data = Packets.udp(1, 2, size);
      add("quoted " + size, Packets.ipv4(A, B, UDP, 1, 0, new byte[0], data));
    }
    add("udp to us", udp(A, "10.0.1.1"));
    add("udp to us far", udp(A, "10.0.2.1"));
    add("protocol to us", Packets.ipv4(A, "10.0.1.1", 200, new byte[20]));
    for (int flags : new int[] {0, 1, 2, 4, 16, 17, 18, 20}) {
      byte[] segment = Packets.tcp(1, 2, flags, 3);
      add("tcp to us " + flags, Packets.transport4(A, "10.0.1.1", TCP, segment));
      add("tcp to us 6 " + flags, Packets.tcp6(A6, "fd00:2::1", segment));
    }
    add("tcp to us damaged", Packets.ipv4(A, "10.0.1.1", TCP, Packets.tcp(1, 2, 2, 3)));
  }

  private static byte[] udp6(String from, String to) {
    return Packets.udp6(from, to, Packets.udp(1000, 53, 30));
  }

  private void addresses6() {
    for (String to :
        new String[] {
          B6,
          "2001:db8:100::7",
          "2001:db9::1",
          "2001:db8::1",
          "2001:db8:1::1",
          "2001:db8:2::1",
          "::",
          "::1",
          "ff01::1",
          "ff02::1",
          "ff02::5",
          "ff05::2",
          "ff0e::1",
          "fe80::77",
          "::ffff:10.0.2.2"
        }) {
      add("ipv6 to " + to, udp6(A6, to));
    }
    for (String from :
        new String[] {"::", "::1", "ff02::1", "fd00:2::2", "2001:db9::1", "::ffff:10.0.1.2"}) {
      add("ipv6 from " + from, udp6(from, B6));
    }
  }

  private void headers6() {
    byte[] good = udp6(A6, B6);
    for (int hops : new int[] {0, 1, 2, 3, 64, 255}) {
      add("hop limit " + hops, Packets.with(good, 7, hops));
    }
    add("traffic class", Packets.with(good, 0, 0x6b, 0x83));
    add("ipv6 length short", Packets.with(good, 4, 0, 20));
    add("ipv6 length long", Packets.with(good, 4, 1, 20));
    add("ipv6 padded", Packets.concat(good, new byte[7]));
    for (int size : new int[] {1252, 1253, 1400, 1432}) {
      add("ipv6 size " + size, Packets.udp6(A6, B6, Packets.udp(1, 2, size)));
      add("ipv6 quoted " + size, Packets.ipv6(A6, B6, UDP, 1, Packets.udp(1, 2, size - 8)));
    }
    for (int type : new int[] {1, 2, 3, 4, 100, 127, 128, 129, 200}) {
      byte[] message = Packets.message(type, 0, 0, new byte[30]);
      add("expiring icmp6 " + type, Packets.icmp6(A6, B6, 1, message));
    }
    for (int protocol : new int[] {6, 41, 47, 50, 58, 59, 132, 135, 253}) {
      add("next header " + protocol, Packets.ipv6(A6, B6, protocol, new byte[24]));
    }
    frames.put(
        "ipv6 link broadcast",
        Packets.ethernet(Ethernet.BROADCAST, TestRouter.hostMac(1), EtherType.IPV6, good));
  }

  /** First: where errors are not limited, Linux takes them for all that a host may get. */
  private void redirects6() {
    add("redirect to a router", udp6(A6, "2001:db8:200::1"));
    add("redirect to a router 1400", Packets.udp6(A6, "2001:db8:200::2", Packets.udp(1, 2, 1400)));
    add("redirect to a station", Packets.udp6(A6, "fd00:1::33", Packets.udp(1, 2, 13)));
    add("redirect to a global router", udp6(A6, "2001:db8:201::1"));
    add("redirect of who is behind", udp6("2001:db8:200::9", "2001:db8:200::3"));
    byte[] error = Packets.message(1, 0, 0, new byte[48]);
    add("redirect of an error", Packets.icmp6(A6, "2001:db8:200::4", 9, error));
  }

  private void extensions6() {
    byte[] through = Packets.from(Packets.udp6(A6, B6, Packets.udp(1, 2, 8)), 40);
    byte[] udp = Packets.from(Packets.udp6(A6, "fd00:1::1", Packets.udp(1, 2, 8)), 40);
    for (int type : new int[] {0x1e, 0x5e, 0x9e, 0xde}) {
      byte[] option = {(byte) type, 2, 0, 0, 0, 0};
      byte[] headers = Packets.extension(UDP, option, udp);
      add("hop-by-hop option " + type, Packets.ipv6(A6, B6, 0, headers));
      add("destination option " + type, Packets.ipv6(A6, B6, 60, headers));
      add("destination option to us " + type, Packets.ipv6(A6, "fd00:1::1", 60, headers));
    }
    add(
        "hop-by-hop padding",
        Packets.ipv6(A6, B6, 0, Packets.extension(UDP, new byte[] {1, 4, 0, 0, 0, 0}, udp)));
    add(
        "router alert",
        Packets.ipv6(A6, B6, 0, Packets.extension(UDP, new byte[] {5, 2, 0, 0, 1, 0}, udp)));
    add(
        "hop-by-hop cut",
        Packets.ipv6(A6, B6, 0, Packets.with(Packets.extension(UDP, new byte[6], udp), 1, 90)));
    add(
        "routing done",
        Packets.ipv6(A6, "fd00:1::1", 43, Packets.extension(UDP, new byte[6], udp)));
    add(
        "routing left",
        Packets.ipv6(
            A6, "fd00:1::1", 43, Packets.extension(UDP, new byte[] {0, 1, 0, 0, 0, 0}, udp)));
    add("udp to us 6", udp6(A6, "fd00:1::1"));
    add("udp to us far 6", udp6(A6, "fd00:2::1"));
    add("next header to us", Packets.ipv6(A6, "fd00:1::1", 253, new byte[16]));
    add(
        "hop-by-hop second",
        Packets.ipv6(
            A6,
            "fd00:1::1",
            60,
            Packets.extension(
                0, new byte[] {1, 4, 0, 0, 0, 0}, Packets.extension(UDP, new byte[6], udp))));
    byte[] fragment = Packets.extension(UDP, new byte[] {0, 1, 0, 0, 0, 9}, udp);
    add("udp6 through", Packets.ipv6(A6, B6, UDP, through));
    add("fragment through", Packets.ipv6(A6, B6, 44, fragment));
  }
}
