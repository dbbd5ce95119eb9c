package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/**
 * Random networks of routers and hosts that know nothing of each other but routes: every host
 * reaches every other over the shortest way, whatever its hop limit allows.
 */
class NetworksTest {
  private static final int NETWORKS = 60;
  private static final int ECHOES = 40;

  /** Router r's address on wire w is 10.w.0.r+1; hosts are 10.w.0.200. */
  private static final class Network {
    final Lab lab = new Lab();
    final Random random;
    final int count;
    final List<int[]> edges = new ArrayList<>();
    final Lab.Node[] routers;
    final Lab.Node[] hosts;

    Network(int seed) {
      random = new Random(seed);
      count = 2 + random.nextInt(6);
      routers = new Lab.Node[count];
      hosts = new Lab.Node[count];
      for (int i = 1; i < count; i++) {
        edges.add(new int[] {random.nextInt(i), i});
      }
      if (count > 3 && random.nextBoolean()) {
        edges.add(new int[] {0, count - 1});
      }
      for (int i = 0; i < count; i++) {
        routers[i] = lab.node("r" + i, RouterSettings.defaults());
        hosts[i] = lab.node("h" + i, RouterSettings.defaults().withPunts(true));
      }
      wire();
      for (int i = 0; i < count; i++) {
        routes(i);
      }
    }

    private void wire() {
      List<List<Interface>> interfaces = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        interfaces.add(new ArrayList<>());
        Lab.Wire lan = new Lab.Wire();
        interfaces.get(i).add(interfaceOn(routers[i], lan, i, 100 + i, 1, true));
        Interface host = interfaceOn(hosts[i], lan, 100 + i, 100 + i, 200, false);
        hosts[i].router.setTopology(Topology.of(List.of(host)));
        add(hosts[i], "0.0.0.0/0", 1, address4(100 + i, 1));
        add(hosts[i], "::/0", 1, address6(100 + i, 1));
      }
      for (int e = 0; e < edges.size(); e++) {
        Lab.Wire wire = new Lab.Wire();
        for (int end : edges.get(e)) {
          interfaces.get(end).add(interfaceOn(routers[end], wire, end, e, end + 1, true));
        }
      }
      for (int i = 0; i < count; i++) {
        routers[i].router.setTopology(Topology.of(interfaces.get(i)));
      }
    }

    private Interface interfaceOn(
        Lab.Node node, Lab.Wire wire, int who, int net, int host, boolean forwarding) {
      int port = node.plug(wire);
      return Interface.builder(port + 1, "eth" + port)
          .port(port)
          .mac(0x0200_0000_0000L | (long) who << 8 | port)
          .address(address4(net, host) + "/24")
          .address(address6(net, host) + "/64")
          .forwarding(forwarding)
          .redirects(false)
          .build();
    }

    static String address4(int net, int host) {
      return "10." + net + ".0." + host;
    }

    static String address6(int net, int host) {
      return "fd00:" + Integer.toHexString(net) + "::" + Integer.toHexString(host);
    }

    private static void add(Lab.Node node, String prefix, int index, String gateway) {
      NextHop hop = new NextHop(index, IpAddress.parse(gateway));
      node.router.addRoute(Route.via(IpPrefix.parse(prefix), hop));
    }

    /** Distances from a router to all, over wires that are there. */
    int[] distances(int from) {
      int[] distance = new int[count];
      Arrays.fill(distance, -1);
      distance[from] = 0;
      ArrayDeque<Integer> queue = new ArrayDeque<>(List.of(from));
      while (!queue.isEmpty()) {
        int at = queue.removeFirst();
        for (int[] edge : edges) {
          int next = edge[0] == at ? edge[1] : edge[1] == at ? edge[0] : -1;
          if (next >= 0 && distance[next] < 0) {
            distance[next] = distance[at] + 1;
            queue.addLast(next);
          }
        }
      }
      return distance;
    }

    /** Routes of one router to all hosts' networks, over the first of the shortest ways. */
    private void routes(int from) {
      for (int to = 0; to < count; to++) {
        if (to == from) {
          continue;
        }
        int[] distance = distances(to);
        int index = 1;
        for (int e = 0; e < edges.size(); e++) {
          int[] edge = edges.get(e);
          if (edge[0] != from && edge[1] != from) {
            continue;
          }
          index++;
          int next = edge[0] == from ? edge[1] : edge[0];
          if (distance[next] == distance[from] - 1) {
            int net = 100 + to;
            add(routers[from], address4(net, 0) + "/24", index, address4(e, next + 1));
            String prefix6 = "fd00:" + Integer.toHexString(net) + "::/64";
            add(routers[from], prefix6, index, address6(e, next + 1));
            break;
          }
        }
      }
    }
  }

  @Test
  void everyHostReachesEveryOtherAsFarAsItsHopLimitAllows() {
    int reached = 0;
    int expired = 0;
    for (int seed = 0; seed < NETWORKS; seed++) {
      Network network = new Network(seed);
      for (int i = 0; i < ECHOES; i++) {
        int from = network.random.nextInt(network.count);
        int to = network.random.nextInt(network.count);
        if (from == to) {
          continue;
        }
        int hops = network.distances(from)[to] + 1;
        int limit = 1 + network.random.nextInt(8);
        boolean ipv6 = network.random.nextBoolean();
        int type = ask(network, from, to, limit, ipv6, network.random.nextInt(1200));
        String what = "seed %d echo %d".formatted(seed, i);
        if (limit > hops) {
          assertThat(type).as(what).isEqualTo(ipv6 ? 129 : 0);
          reached++;
        } else {
          assertThat(type).as(what).isEqualTo(ipv6 ? 3 : 11);
          expired++;
        }
        network.lab.requireBalance();
      }
    }
    assertThat(reached).isGreaterThan(500);
    assertThat(expired).isGreaterThan(300);
  }

  /** Sends an echo request; returns the type of the ICMP message that comes back. */
  private static int ask(Network network, int from, int to, int limit, boolean ipv6, int data) {
    Lab.Node host = network.hosts[from];
    byte[] packet =
        ipv6
            ? Packets.icmp6(
                Network.address6(100 + from, 200),
                Network.address6(100 + to, 200),
                limit,
                Packets.message(128, 0, data, new byte[data]))
            : Packets.ipv4(
                Network.address4(100 + from, 200),
                Network.address4(100 + to, 200),
                1,
                limit,
                0,
                new byte[0],
                Packets.icmp(8, 0, data, new byte[data]));
    host.punted.clear();
    host.send(packet);
    network.lab.pass(0.2);
    assertThat(host.punted)
        .as(() -> "ipv6 %s limit %d %s".formatted(ipv6, limit, network.lab))
        .hasSize(1);
    byte[] back = host.punted.get(0);
    assertThat(ipv6 ? Packets.isSound6(back) : Packets.isSound4(back)).isTrue();
    return Packets.u8(back, ipv6 ? 40 : 20);
  }

  @Test
  void afterAWireIsCutPacketsAreHeldThenRefusedAndLaterFlowAgain() {
    Network network = new Network(3);
    Lab lab = network.lab;
    assertThat(ask(network, 0, 1, 64, false, 10)).isZero();
    // All neighbours age; then the answer of the next one is lost.
    lab.pass(60);
    for (Lab.Node node : lab.nodes) {
      node.router.neighbors().flush(1);
    }
    Lab.Node host = network.hosts[0];
    host.punted.clear();
    byte[] lost =
        Packets.ipv4(
            Network.address4(100, 200),
            Network.address4(100, 77),
            1,
            Packets.icmp(8, 0, 1, new byte[8]));
    host.send(lost);
    assertThat(host.stack.counters().get(StackCounters.Total.HELD)).isEqualTo(1);
    lab.requireBalance();
    lab.pass(4);
    assertThat(host.stack.counters().get(StackCounters.Total.HELD)).isZero();
    assertThat(host.stack.counters().dropped(DropReason.NEIGHBOR_FAILED)).isEqualTo(1);
    assertThat(ask(network, 0, 1, 64, false, 10)).isZero();
    lab.requireBalance();
  }
}
