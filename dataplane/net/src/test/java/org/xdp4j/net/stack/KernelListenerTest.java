package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.oracle.NetworkNamespace;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.MacAddress;

/**
 * Linux and ours report the same groups for the same addresses, of their own accord and when they
 * are asked, in both versions. Needs root and python3.
 */
class KernelListenerTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final String QUERIER = "fe80::9";

  private static void setUp() throws IOException, InterruptedException {
    NetworkNamespace.ip("link add r1 address 02:00:00:00:00:01 type veth peer name h1");
    NetworkNamespace.set("ipv6/conf/h1/disable_ipv6", 1);
    NetworkNamespace.set("ipv6/conf/r1/accept_dad", 0);
    NetworkNamespace.set("ipv6/conf/r1/forwarding", 1);
    NetworkNamespace.ip("link set h1 up");
    NetworkNamespace.ip("link set r1 up");
  }

  private static String query(int maxDelay, String group, boolean isOld) {
    return query(QUERIER, maxDelay, group, isOld);
  }

  private static String query(String querier, int maxDelay, String group, boolean isOld) {
    byte[] tail = isOld ? new byte[0] : new byte[] {2, 125, 0, 0};
    byte[] body = Packets.concat(Packets.address(group), tail);
    String to = group.equals("::") ? "ff02::1" : group;
    byte[] message = Packets.message(130, 0, maxDelay << 16, body);
    byte[] packet = Packets.listener(querier, to, message);
    long mac = 0x3333_0000_0000L | Packets.i32(packet, 36) & 0xffffffffL;
    long from = MacAddress.parse("02:00:00:00:01:09");
    return HEX.formatHex(Packets.ethernet(mac, from, EtherType.IPV6, packet));
  }

  /** What frames say, each once: kind or type, and group. */
  private static TreeSet<String> said(List<byte[]> frames) {
    TreeSet<String> said = new TreeSet<>();
    for (byte[] frame : frames) {
      byte[] packet = Packets.from(frame, 14);
      int type = Packets.u8(packet, 48);
      String head = HEX.formatHex(packet, 4, 8) + " " + HEX.formatHex(packet, 40, 48);
      assertThat(head).endsWith("0001 3a00050200000100");
      String from = Packets.address6(packet, 8).equals("::") ? "nobody" : "us";
      if (type != 143) {
        String to = Packets.address6(packet, 24);
        said.add(type + " " + Packets.address6(packet, 56) + " from " + from + " to " + to);
        continue;
      }
      for (int i = 0; i < Packets.u16(packet, 54); i++) {
        int at = 56 + i * 20;
        said.add(Packets.u8(packet, at) + " " + Packets.address6(packet, at + 4) + " from " + from);
      }
    }
    return said;
  }

  @Test
  void linuxReportsTheSameGroups() throws Exception {
    Path python = Path.of("/usr/bin/python3");
    Assumptions.assumeTrue(Files.isExecutable(python), "there is no python3");
    NetworkNamespace.run(
        () -> {
          setUp();
          compare();
        });
  }

  private static void compare() throws IOException, InterruptedException, URISyntaxException {
    Path probe = Path.of(KernelListenerTest.class.getResource("kernel_listener.py").toURI());
    Process process =
        new ProcessBuilder("/usr/bin/python3", probe.toString(), "h1")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    TestRouter router =
        new TestRouter(
            RouterSettings.defaults(),
            Interface.builder(1, "eth1").port(1).mac(TestRouter.mac(1)).address("fd00:1::1/64"));
    try (PrintWriter requests = new PrintWriter(process.outputWriter(), true);
        BufferedReader answers = process.inputReader()) {
      Both both = new Both(router, requests, answers);
      both.address("fd00:1::1/64", "fd00:1::1/64");
      both.ask(1.5, "-"); // What is said of the link-local address is in the past.
      both.compare("about all", 0.5, query(200, "::", false), 4);
      both.compare("about one", 0.4, query(100, "ff02::1:ff00:1", false), 1);
      both.compare("about an anycast address", 0.4, query(100, "ff02::1:ff00:0", false), 1);
      both.compare("about another", 0.3, query(100, "ff02::1:ff00:77", false), 0);
      both.compare("from elsewhere", 0.3, query("fd00:1::9", 0, "::", false), 0);
      both.address("fd00:1::1:2345/64", "fd00:1::1/64", "fd00:1::1:2345/64");
      both.change("another address", 1.6, 1);
      NetworkNamespace.ip("addr del fd00:1::1:2345/64 dev r1");
      both.ours("fd00:1::1/64");
      both.compare("without it", 1.6, "-", 1);
      both.compare("version 1 about all", 0.5, query(200, "::", true), 4);
      both.compare("version 1 about one", 0.4, query(100, "ff02::1:ff00:1", true), 1);
      both.compare("version 2 after 1", 0.4, query(100, "::", false), 4);
    } finally {
      process.destroy();
    }
  }

  /** Linux and ours. */
  private record Both(TestRouter router, PrintWriter requests, BufferedReader answers) {
    void address(String added, String... all) throws IOException, InterruptedException {
      NetworkNamespace.ip("addr add " + added + " dev r1 nodad");
      ours(all);
    }

    void ours(String... addresses) {
      InterfaceBuilder builder = Interface.builder(1, "eth1").port(1).mac(TestRouter.mac(1));
      for (String each : addresses) {
        builder.address(each);
      }
      router.router.setTopology(Topology.of(List.of(builder.build())));
    }

    private List<byte[]> ask(double seconds, String frame) throws IOException {
      requests.println(seconds + " " + frame);
      if (!frame.equals("-")) {
        router.frame(1, HEX.parseHex(frame));
      }
      router.pass(seconds);
      List<byte[]> theirs = new ArrayList<>();
      for (String word : answers.readLine().split(" ")) {
        if (!word.isEmpty()) {
          theirs.add(HEX.parseHex(word));
        }
      }
      return theirs;
    }

    /** Linux says all groups again when an address comes. */
    void change(String what, double seconds, int count) throws IOException {
      router.reports.clear();
      TreeSet<String> theirs = said(ask(seconds, "-"));
      TreeSet<String> ours = said(router.reports.stream().map(TestRouter.Sent::frame).toList());
      assertThat(theirs).as(what).containsAll(ours);
      assertThat(ours).as(what).hasSize(count);
    }

    void compare(String what, double seconds, String frame, int count) throws IOException {
      router.reports.clear();
      router.drops.clear();
      TreeSet<String> theirs = said(ask(seconds, frame));
      TreeSet<String> ours = said(router.reports.stream().map(TestRouter.Sent::frame).toList());
      assertThat(ours).as(what).isEqualTo(theirs).hasSize(count);
    }
  }
}
