package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xdp4j.bpf.oracle.NetworkNamespace.ip;
import static org.xdp4j.bpf.oracle.NetworkNamespace.set;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.context.RouteQuery;
import org.xdp4j.bpf.context.Routing;
import org.xdp4j.bpf.context.Routing.RouteKind;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.NetworkNamespace;
import org.xdp4j.testing.Covers;

/** Routes, neighbours and MTUs as programs ask for them, with the same tables in Linux. */
class RouteHelpersTest {
  private static final int MAIN = RouteQuery.MAIN_TABLE;
  private static final int OTHER = 100;
  private static final int CALLS = 6;
  private static final int SLOT = FibParameters.SIZE + 8;

  private final HelperLab lab = new HelperLab();
  private final TableRouting tables = new TableRouting();
  private final Random random = new Random(69);

  /** How often each code was returned. */
  private final Map<Long, Integer> codes = new TreeMap<>();

  /** Whether this kernel has routes that add a header. */
  private boolean tunnels;

  @AfterEach
  void close() {
    lab.close();
  }

  @Covers({"bpf_fib_lookup"})
  @Test
  void routesAreFoundAsInLinux() throws Exception {
    KernelOracle.assumeAvailable();
    NetworkNamespace.run(
        () -> {
          build();
          for (int round = 0; round < 250; round++) {
            lookups("round " + round);
          }
          System.out.println("bpf_fib_lookup: " + 250 * CALLS + " calls agree: " + codes);
          assertThat(codes.keySet())
              .contains(0L, 1L, 2L, 3L, 4L, 5L, 7L, 8L)
              .contains((long) Errno.EINVAL, (long) Errno.EAFNOSUPPORT, (long) Errno.ENODEV);
          assertThat(codes.containsKey(6L)).isEqualTo(tunnels);
        });
  }

  @Test
  void withoutAnAddressThereIsNoneToSendFromAsInLinux() throws Exception {
    KernelOracle.assumeAvailable();
    NetworkNamespace.run(
        () -> {
          lab.context.routing = tables;
          lab.context.ingressIfindex = 1;
          set("ipv6/conf/all/forwarding", 1);
          ip("link add d10 index 10 address 02:00:00:00:00:10 type veth peer p10");
          ip("link set d10 addrgenmode none up");
          ip("link set p10 addrgenmode none up");
          tables.link(new Routing.Link(1, 0, 65536, 14, false, true));
          tables.link(new Routing.Link(10, mac(10), 1500, 14, false, true));
          for (int net = 0; net < 11; net++) {
            String prefix = "2001:db8:a" + Integer.toHexString(net) + "::/48";
            ip("-6 route add " + prefix + " dev d10 metric 7");
            tables.unicast(MAIN, prefix, 10, null, 7, 0, null);
          }
          for (int round = 0; round < 60; round++) {
            lookups("round " + round, 1 + round % 2);
          }
          assertThat(codes).containsKeys(4L, 7L, 8L, 9L);
        });
  }

  @Covers({"bpf_check_mtu"})
  @Test
  void mtusAreCheckedAsInLinux() throws Exception {
    KernelOracle.assumeAvailable();
    NetworkNamespace.run(
        () -> {
          build();
          for (int round = 0; round < 100; round++) {
            mtus("round " + round);
          }
        });
  }

  @Test
  void withoutAStackNoRouteLeadsAnywhere() {
    long at = lab.region.allocate(FibParameters.SIZE, 8);
    var memory = lab.region.segment();
    memory.set(Region.BYTE, at, (byte) 2);
    memory.set(Region.INT, at + 8, 1);
    assertThat(RouteHelpers.lookup(lab.context, 0, at, 64, 0, 0)).isEqualTo(4);
    memory.set(Region.INT, at + 8, 0);
    assertThat(RouteHelpers.lookup(lab.context, 0, at, 64, 0, 0)).isEqualTo(Errno.ENODEV);
    memory.set(Region.INT, at, 0);
    assertThat(RouteHelpers.checkMtu(lab.context, 0, 7, at, 0, 0)).isZero();
    assertThat(memory.get(Region.INT, at)).isEqualTo(1500);
  }

  /** The same interfaces, routes and neighbours here and in the thread's namespace. */
  private void build() throws Exception {
    lab.context.routing = tables;
    lab.context.ingressIfindex = 1;
    set("ipv4/ip_forward", 1);
    set("ipv6/conf/all/forwarding", 1);
    ip("link set lo up");
    tables.link(new Routing.Link(1, 0, 65536, 14, true, true));
    link(10, 1500, true);
    link(11, 1400, true);
    link(12, 1500, false);
    ip("rule add fwmark 7 table 100");
    ip("-6 rule add fwmark 7 table 100");
    tables.mark(7, OTHER);
    route(MAIN, "10.1.0.0/16", 10, "10.0.10.2", 100, 0, null);
    route(MAIN, "10.1.2.0/24", 11, "10.0.11.2", 0, 0, null);
    route(MAIN, "10.2.0.0/16", 11, null, 0, 0, null);
    route(MAIN, "10.6.0.0/16", 10, "2001:db8:10::2", 3, 0, null);
    route(MAIN, "10.7.0.0/16", 10, "10.0.10.3", 0, 0, null);
    route(MAIN, "10.8.0.0/16", 11, "10.0.11.2", 0, 1000, null);
    route(MAIN, "10.9.0.0/16", 10, "10.0.10.2", 0, 0, "10.0.11.1");
    route(OTHER, "10.1.0.0/16", 11, "10.0.11.2", 9, 0, null);
    route(MAIN, "2001:db8:a1::/48", 10, "2001:db8:10::2", 100, 0, null);
    route(MAIN, "2001:db8:a1:2::/64", 11, "2001:db8:11::2", 1024, 0, null);
    route(MAIN, "2001:db8:a2::/48", 11, null, 1024, 0, null);
    route(MAIN, "2001:db8:a7::/48", 10, "2001:db8:10::3", 1024, 0, null);
    route(MAIN, "2001:db8:a8::/48", 11, "2001:db8:11::2", 1024, 1300, null);
    route(MAIN, "2001:db8:a9::/48", 10, "2001:db8:10::2", 1024, 0, "2001:db8:11::1");
    route(OTHER, "2001:db8:a1::/48", 11, "2001:db8:11::2", 9, 0, null);
    String[] kinds = {"blackhole", "unreachable", "prohibit"};
    for (int i = 0; i < 3; i++) {
      RouteKind kind = RouteKind.values()[i + 1];
      ip("route add " + kinds[i] + " 10." + (3 + i) + ".0.0/16");
      tables.special(MAIN, "10." + (3 + i) + ".0.0/16", kind, 0);
      ip("-6 route add " + kinds[i] + " 2001:db8:a" + (3 + i) + "::/48");
      tables.special(MAIN, "2001:db8:a" + (3 + i) + "::/48", kind, 0);
    }
    tunnels();
    neighbor(10, "10.0.10.2");
    neighbor(11, "10.0.11.2");
    neighbor(11, "10.2.0.1");
    neighbor(10, "2001:db8:10::2");
    neighbor(11, "2001:db8:11::2");
    neighbor(11, "2001:db8:a2::1");
  }

  private void tunnels() throws Exception {
    try {
      ip("route add 10.10.0.0/16 encap ip id 7 dst 10.0.10.2 dev d10");
      ip("-6 route add 2001:db8:aa::/48 encap ip6 id 7 dst 2001:db8:10::2 dev d10");
    } catch (IllegalStateException e) {
      return; // a kernel without lightweight tunnels
    }
    tables.tunnel(MAIN, "10.10.0.0/16", 10, 0);
    tables.tunnel(MAIN, "2001:db8:aa::/48", 10, 1024);
    tunnels = true;
  }

  private void link(int index, int mtu, boolean forwards) throws Exception {
    String name = "d" + index;
    String mac = "02:00:00:00:00:" + index;
    ip("link add " + name + " index " + index + " address " + mac + " type veth peer p" + index);
    ip("link set " + name + " mtu " + mtu + " addrgenmode none up");
    ip("link set p" + index + " addrgenmode none up");
    ip("addr add 10.0." + index + ".1/24 dev " + name);
    ip("addr add 2001:db8:" + index + "::1/64 dev " + name + " nodad");
    set("ipv4/conf/" + name + "/forwarding", forwards ? 1 : 0);
    set("ipv6/conf/" + name + "/forwarding", forwards ? 1 : 0);
    tables.link(new Routing.Link(index, mac(index), mtu, 14, forwards, forwards));
    String source = "10.0." + index + ".1";
    String prefix = "10.0." + index + ".0/24";
    tables.unicast(MAIN, prefix, index, null, 0, 0, source);
    tables.special(TableRouting.LOCAL_TABLE, source + "/32", RouteKind.LOCAL, index);
    tables.special(TableRouting.LOCAL_TABLE, "10.0." + index + ".255/32", RouteKind.LOCAL, index);
    source = "2001:db8:" + index + "::1";
    tables.unicast(MAIN, "2001:db8:" + index + "::/64", index, null, 256, 0, source);
    tables.special(TableRouting.LOCAL_TABLE, source + "/128", RouteKind.LOCAL, index);
  }

  private static long mac(int last) {
    return 0x020000000000L | Integer.parseInt("" + last, 16);
  }

  private void route(
      int table, String prefix, int ifindex, String gateway, int metric, int mtu, String source)
      throws Exception {
    boolean ipv6 = prefix.contains(":");
    String via =
        gateway == null ? "" : " via" + (gateway.contains(":") ? " inet6 " : " ") + gateway;
    ip(
        (ipv6 ? "-6 " : "")
            + "route add "
            + prefix
            + via
            + " dev d"
            + ifindex
            + " table "
            + table
            + (metric == 0 ? "" : " metric " + metric)
            + (mtu == 0 ? "" : " mtu lock " + mtu)
            + (source == null ? "" : " src " + source));
    String chosen = ipv6 ? "2001:db8:" + ifindex + "::1" : "10.0." + ifindex + ".1";
    tables.unicast(table, prefix, ifindex, gateway, metric, mtu, source == null ? chosen : source);
  }

  private void neighbor(int ifindex, String address) throws Exception {
    ip("neigh add " + address + " lladdr 02:00:00:00:01:" + ifindex + " dev d" + ifindex);
    tables.neighbor(ifindex, address, mac(ifindex) | 0x100);
  }

  private void lookups(String what) throws MapException {
    lookups(what, 0);
  }

  /** Asks, of version 6 alone when {@code strict}, there of what this host sends when it is 2. */
  private void lookups(String what, int strict) throws MapException {
    List<MapSpec> maps = List.of(MapSpec.of("out", MapType.ARRAY, 4, SLOT * CALLS, 1, 0));
    Snippet snippet = new Snippet();
    StringBuilder questions = new StringBuilder(what);
    for (int call = 0; call < CALLS; call++) {
      byte[] question = question(strict != 0 || random.nextBoolean());
      if (strict == 2) {
        question[8] = 10;
      }
      int size = random.nextInt(20) == 0 ? 63 + random.nextInt(3) : FibParameters.SIZE;
      int flags = random.nextInt(30) == 0 ? 64 : random.nextInt(64);
      questions.append("; ").append(java.util.HexFormat.of().formatHex(question));
      questions.append(" flags ").append(flags).append(" size ").append(size);
      snippet.write(-72, new byte[72]).write(-72, question);
      snippet.move(1, 6).stack(2, -72).set(3, size).set(4, flags).call(69).keep(0, 0, SLOT * call);
      for (int at = 0; at < FibParameters.SIZE; at += 8) {
        snippet.add(0x79, 0, 10, at - 72, 0).keep(0, 0, SLOT * call + 8 + at);
      }
    }
    lab.agree(questions.toString(), snippet, maps, new byte[64]);
    ByteBuffer kept = ByteBuffer.wrap(lab.kept).order(ByteOrder.LITTLE_ENDIAN);
    for (int call = 0; call < CALLS; call++) {
      codes.merge(kept.getLong(SLOT * call), 1, Integer::sum);
    }
  }

  private byte[] question(boolean ipv6) {
    ByteBuffer b = ByteBuffer.allocate(FibParameters.SIZE).order(ByteOrder.LITTLE_ENDIAN);
    b.put(0, (byte) (random.nextInt(20) == 0 ? random.nextInt(12) : ipv6 ? 10 : 2));
    b.put(1, (byte) 6);
    b.putShort(6, (short) pick(0, 100, 999, 1000, 1001, 1300, 1301, 1400, 1401, 1500, 1501, 65535));
    b.putInt(8, pick(1, 10, 10, 11, 11, 12, 99, 0, -1));
    b.position(16);
    b.put(address(ipv6));
    b.position(32);
    b.put(address(ipv6));
    b.putInt(48, pick(0, MAIN, OTHER, 255, 77));
    b.putInt(52, pick(0, 7, 8));
    return b.array();
  }

  private int pick(int... values) {
    return values[random.nextInt(values.length)];
  }

  private byte[] address(boolean ipv6) {
    int net = random.nextInt(11);
    int host = pick(1, 2, 3, 255, 1 + random.nextInt(250));
    String text;
    if (ipv6) {
      String[] odd = {"::1", "fe80::1", "ff02::1", "2001:db8:10::1", "::", "2001:db8:11::2"};
      String sub = pick(0, 2) == 0 ? "" : ":2";
      text =
          random.nextInt(6) == 0
              ? odd[random.nextInt(odd.length)]
              : "2001:db8:a" + Integer.toHexString(net) + sub + "::" + Integer.toHexString(host);
    } else {
      String[] odd = {"127.0.0.1", "10.0.10.1", "10.0.10.2", "10.0.10.255", "10.0.12.9", "9.9.9.9"};
      text =
          random.nextInt(6) == 0
              ? odd[random.nextInt(odd.length)]
              : "10." + net + "." + pick(0, 2) + "." + host;
    }
    BigInteger number = TableRouting.number(text);
    byte[] bytes = new byte[ipv6 ? 16 : 4];
    byte[] raw = number.toByteArray();
    int copied = Math.min(raw.length, bytes.length);
    System.arraycopy(raw, raw.length - copied, bytes, bytes.length - copied, copied);
    return bytes;
  }

  private void mtus(String what) throws MapException {
    Snippet snippet = new Snippet();
    for (int call = 0; call < 8; call++) {
      int given = pick(0, 0, 1, 1400, 1401, 1500, 1501, 65535, -1);
      int change = pick(0, 1, -1, 20, 1386, 1387, 1350, 1351, 65500, -2000);
      snippet.writeInt(-4, given).move(1, 6).set(2, pick(0, 1, 10, 11, 12, 99, -1)).stack(3, -4);
      snippet.set(4, change).set(5, pick(0, 0, 0, 1)).call(163);
      snippet.add(0x61, 1, 10, -4, 0).fold(1); // r1 = *(u32 *)(r10 - 4)
    }
    lab.agree(what, snippet, List.of(), new byte[64]);
  }
}
