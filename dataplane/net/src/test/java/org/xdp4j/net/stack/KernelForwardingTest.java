package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.oracle.NetworkNamespace;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpProtocol;

/**
 * The kernel as the other router: the same frames through Linux forwarding and ours. Where they
 * differ, {@link KernelDifferences} says why. Needs root and python3.
 */
class KernelForwardingTest {
  private static final HexFormat HEX = HexFormat.of();

  private static void setUp() throws IOException, InterruptedException {
    NetworkNamespace.ip("link set lo up");
    for (int port = 1; port <= 2; port++) {
      String router = "r" + port;
      String host = "h" + port;
      NetworkNamespace.ip(
          "link add %s address 02:00:00:00:00:0%d type veth peer name %s"
              .formatted(router, port, host));
      NetworkNamespace.set("ipv6/conf/" + host + "/disable_ipv6", 1);
      NetworkNamespace.set("ipv4/conf/" + host + "/arp_ignore", 8);
      NetworkNamespace.set("ipv6/conf/" + router + "/accept_dad", 0);
      NetworkNamespace.ip("addr add 10.0.%d.1/24 dev %s".formatted(port, router));
      NetworkNamespace.ip("addr add fd00:%d::1/64 dev %s nodad".formatted(port, router));
      NetworkNamespace.ip("link set %s up".formatted(host));
      NetworkNamespace.ip("link set %s up".formatted(router));
      for (String address : new String[] {"10.0.%d.2", "fd00:%d::2", "fd00:%d::33", "fe80::2"}) {
        NetworkNamespace.ip(
            "neigh add %s lladdr 02:00:00:00:01:0%d dev %s nud permanent"
                .formatted(address.formatted(port), port, router));
      }
    }
    NetworkNamespace.ip("link set r2 mtu 1300");
    NetworkNamespace.set("ipv4/ip_forward", 1);
    NetworkNamespace.set("ipv6/conf/all/forwarding", 1);
    NetworkNamespace.set("ipv4/conf/all/accept_source_route", 1);
    NetworkNamespace.set("ipv4/conf/r1/accept_source_route", 1);
    for (String name : new String[] {"all", "r1", "r2"}) {
      NetworkNamespace.set("ipv4/conf/" + name + "/rp_filter", 0);
    }
    NetworkNamespace.set("ipv4/icmp_ratelimit", 0);
    NetworkNamespace.set("ipv6/icmp/ratelimit", 0);
    for (String kind : new String[] {"blackhole", "unreachable", "prohibit"}) {
      int number = List.of("blackhole", "unreachable", "prohibit").indexOf(kind);
      NetworkNamespace.ip("route add %s 192.0.%d.0/24".formatted(kind, number));
      NetworkNamespace.ip("-6 route add %s 2001:db8:%d::/48".formatted(kind, number));
    }
    NetworkNamespace.ip("route add 198.51.100.0/24 via 10.0.2.2");
    NetworkNamespace.ip("-6 route add 2001:db8:100::/48 via fd00:2::2");
    NetworkNamespace.ip("-6 route add 2001:db8:200::/48 via fe80::2 dev r1");
    NetworkNamespace.ip("-6 route add 2001:db8:201::/48 via fd00:1::33");
  }

  private static TestRouter ours() {
    TestRouter router =
        new TestRouter(
            RouterSettings.defaults().withIcmp(1_000_000, 1_000_000),
            TestRouter.builder(1).sourceRoute(true),
            TestRouter.builder(2).mtu(1300));
    for (int port = 1; port <= 2; port++) {
      router.neighbor(port, "10.0." + port + ".2");
      router.neighbor(port, "fd00:" + port + "::2");
    }
    RouteType[] kinds = {RouteType.BLACKHOLE, RouteType.UNREACHABLE, RouteType.PROHIBIT};
    for (int i = 0; i < kinds.length; i++) {
      router.special("192.0." + i + ".0/24", kinds[i]);
      router.special("2001:db8:" + i + "::/48", kinds[i]);
    }
    router.route("198.51.100.0/24", 2, "10.0.2.2");
    router.route("2001:db8:100::/48", 2, "fd00:2::2");
    router.route("2001:db8:200::/48", 1, "fe80::2");
    router.route("2001:db8:201::/48", 1, "fd00:1::33");
    router.neighbor(1, "fe80::2");
    router.neighbor(1, "fd00:1::33");
    return router;
  }

  @Test
  void linuxDoesTheSameWithTheSameFrames() throws Exception {
    Path python = Path.of("/usr/bin/python3");
    Assumptions.assumeTrue(Files.isExecutable(python), "there is no python3");
    NetworkNamespace.run(
        () -> {
          setUp();
          compare();
        });
  }

  private static void compare() throws IOException, URISyntaxException {
    Path probe = Path.of(KernelForwardingTest.class.getResource("kernel_probe.py").toURI());
    Process process =
        new ProcessBuilder("/usr/bin/python3", probe.toString(), "h1", "h2")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    TestRouter router = ours();
    Map<String, String> differences = new LinkedHashMap<>();
    int same = 0;
    try (PrintWriter frames = new PrintWriter(process.outputWriter(), true);
        BufferedReader answers = process.inputReader()) {
      for (Map.Entry<String, byte[]> each : KernelFrames.all().entrySet()) {
        frames.println(HEX.formatHex(each.getValue()));
        List<String> theirs = normalized(answers.readLine());
        router.frame(1, each.getValue());
        List<String> mine = new ArrayList<>();
        for (TestRouter.Sent sent : router.sent) {
          add(mine, sent.port() == 1 ? "in" : "out", sent.frame());
        }
        router.sent.clear();
        router.drops.clear();
        mine.sort(null);
        if (mine.equals(theirs)) {
          same++;
        } else {
          differences.put(each.getKey(), "ours " + mine + "\n  Linux " + theirs);
        }
      }
    } finally {
      process.destroy();
    }
    assertThat(same).isGreaterThan(150);
    Map<String, String> unexplained = new TreeMap<>(differences);
    unexplained.keySet().removeAll(KernelDifferences.EXPLAINED.keySet());
    assertThat(unexplained).isEmpty();
    if (System.getProperty("os.version").startsWith("6.18.")) {
      assertThat(KernelDifferences.EXPLAINED.keySet())
          .as("differences that are there no more")
          .isSubsetOf(differences.keySet());
    }
  }

  private static List<String> normalized(String line) {
    List<String> all = new ArrayList<>();
    for (String word : line.split(" ")) {
      if (!word.isEmpty()) {
        int colon = word.indexOf(':');
        add(all, word.substring(0, colon), HEX.parseHex(word.substring(colon + 1)));
      }
    }
    all.sort(null);
    return all;
  }

  /** Clears a TCP checksum that is right, or that Linux left for the device to complete. */
  private static void clearTcpChecksum(byte[] packet) {
    if (Packets.u8(packet, 6) != IpProtocol.TCP) {
      return;
    }
    MemorySegment memory = MemorySegment.ofArray(packet);
    int length = packet.length - 40;
    long pseudo = Checksum.pseudoHeader6(memory, 0, IpProtocol.TCP, length);
    boolean right = Checksum.finish(Checksum.sum(memory, 40, length, pseudo)) == 0;
    if (right || Packets.u16(packet, 56) == (~Checksum.finish(pseudo) & 0xffff)) {
      Arrays.fill(packet, 56, 58, (byte) 0);
    }
  }

  /**
   * Adds a frame without what cannot be the same, unless it is one a host or router of its own
   * accord sends.
   */
  private static void add(List<String> all, String where, byte[] frame) {
    int type = Packets.u16(frame, 12);
    byte[] packet = Packets.from(frame, 14);
    if (type == EtherType.ARP) {
      return;
    }
    if (type == EtherType.IPV6) {
      boolean own = Packets.u8(packet, 6) == IpProtocol.ICMPV6 || Packets.u8(packet, 6) == 0;
      int kind = Packets.u8(packet, Packets.u8(packet, 6) == 0 ? 48 : 40);
      if (own && (kind >= 130 && kind <= 143) && kind != 137) {
        return;
      }
      if (Packets.address6(packet, 8).endsWith("::1")) {
        Arrays.fill(packet, 1, 4, (byte) 0); // The flow label is the sender's to choose.
        clearTcpChecksum(packet);
      }
    } else if (Packets.address4(packet, 12).endsWith(".1")) {
      Arrays.fill(packet, 4, 6, (byte) 0); // So is the identification.
      Packets.sealed(packet);
    }
    all.add(where + ":" + HEX.formatHex(frame, 0, 14) + " " + HEX.formatHex(packet));
  }
}
