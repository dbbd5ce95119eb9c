package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xdp4j.engine.forward.TestNetwork.HOST;
import static org.xdp4j.engine.forward.TestNetwork.datagram;
import static org.xdp4j.engine.forward.TestNetwork.ip;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xdp4j.engine.plan.BridgePlan;
import org.xdp4j.engine.plan.FilterPlan;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.LimitPlan;
import org.xdp4j.engine.plan.NatPlan;
import org.xdp4j.engine.plan.NeighborPlan;
import org.xdp4j.engine.plan.RoutePlan;
import org.xdp4j.engine.plan.WorkerPlan;
import org.xdp4j.net.filter.Verdict;

/** What was learned and agreed on with others stays when another plan is applied. */
class ForwarderKeepsTest {
  private static final int UDP = 17;

  private static NatPlan nat(int capacity, List<String> pool, NatPlan.Forward... forwards) {
    return new NatPlan(
        List.of("p2"), pool.stream().map(TestNetwork::ip).toList(), capacity, List.of(forwards));
  }

  private static NatPlan.Forward forward(int outside, String inside, int port) {
    return new NatPlan.Forward(UDP, ip("10.0.2.1"), outside, ip(inside), port);
  }

  /** Something goes out; returns the outside endpoint that stands for 10.0.1.2, port 1000. */
  private static String open(TestNetwork net) throws Exception {
    net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
    byte[] out = net.wire(2).await();
    return Frames.sourceIp(out) + ":" + Frames.u16(out, Frames.ETHERNET + Frames.IPV4);
  }

  /** An answer comes to an outside endpoint. */
  private static void answer(TestNetwork net, String endpoint) {
    String[] parts = endpoint.split(":");
    byte[] udp = Frames.udp(2000, Integer.parseInt(parts[1]), new byte[18]);
    net.wire(2).send(TestNetwork.frame(2, Frames.ipv4("10.2.3.4", parts[0], Frames.UDP, 64, udp)));
  }

  @Test
  void mappingsOfAddressesThatStayGoOnAndOthersEnd() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan plan = net.plan().withNat(nat(1024, List.of("10.0.2.1")));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      String endpoint = open(net);
      // Another address, another capacity and a port forward are no reason to forget a mapping.
      List<String> more = List.of("10.0.2.1", "10.0.2.7");
      forwarder.apply(plan.withNat(nat(4096, more, forward(8080, "10.0.1.9", 80))));
      answer(net, endpoint);
      byte[] in = net.wire(1).await();
      assertThat(Frames.destinationIp(in)).isEqualTo("10.0.1.2");
      assertThat(Frames.u16(in, Frames.ETHERNET + Frames.IPV4 + 2)).isEqualTo(1000);
      assertThat(open(net)).isEqualTo(endpoint);
      assertThat(forwarder.router().nat().list()).hasSize(2);

      // Fewer are room enough for those there are.
      forwarder.apply(plan.withNat(nat(4, more)));
      assertThat(forwarder.router().nat().list()).hasSize(1);
      assertThat(open(net)).isEqualTo(endpoint);

      // Its address is no longer the router's to give.
      forwarder.apply(plan.withNat(nat(1024, List.of("10.0.2.7"))));
      assertThat(forwarder.router().nat().list()).isEmpty();
      assertThat(open(net)).isEqualTo("10.0.2.7:1000");
      net.stop(forwarder);
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void moreNeighboursComeWithTheRoomForThem() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan small = net.plan().withLimits(net.plan().limits().withNeighbors(4));
    List<NeighborPlan> many = new ArrayList<>(small.neighbors());
    for (int i = 0; i < 38; i++) {
      many.add(new NeighborPlan("p1", ip("10.0.1." + (100 + i)), TestNetwork.HOST + 100 + i));
    }
    try (Forwarder forwarder = Forwarder.start(small)) {
      assertThatThrownBy(() -> forwarder.apply(small.withNeighbors(many)))
          .isInstanceOf(ForwarderException.class)
          .hasMessage(
              "limits.neighbors: the neighbour table has 4 entries, and 40 neighbours are given");
      assertThat(forwarder.plan()).isSameAs(small);

      forwarder.apply(small.withLimits(small.limits().withNeighbors(1000)).withNeighbors(many));
      assertThat(forwarder.router().neighbors().list()).hasSize(40);
      net.wire(2).send(datagram(2, "10.0.2.2", "10.0.1.137", 64));
      net.wire(1).await();

      forwarder.apply(small);
      assertThat(forwarder.router().neighbors().list()).hasSize(2);
      assertThat(open(net)).isEqualTo("10.0.1.2:1000");
      net.stop(forwarder);
    }
  }

  @Test
  void aPortForwardTakesTheEndpointsItNames() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan plan = net.plan().withNat(nat(1024, List.of("10.0.2.1")));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      String endpoint = open(net);
      assertThat(endpoint).isEqualTo("10.0.2.1:1000");
      forwarder.apply(plan.withNat(nat(1024, List.of("10.0.2.1"), forward(1000, "10.0.1.2", 7))));
      answer(net, endpoint);
      assertThat(Frames.u16(net.wire(1).await(), Frames.ETHERNET + Frames.IPV4 + 2)).isEqualTo(7);
      assertThat(open(net)).as("another, as that one is taken").isNotEqualTo(endpoint);
      net.stop(forwarder);
    }
  }

  /** The seed of a plan reaches where ports are chosen, also when the plan is a changed one. */
  @Test
  void theSameSeedChoosesTheSamePorts() throws Exception {
    assertThat(chosen(OptionalLong.of(7))).isEqualTo(chosen(OptionalLong.of(7)));
    assertThat(chosen(OptionalLong.of(7))).isNotEqualTo(chosen(OptionalLong.of(8)));
    assertThat(chosen(OptionalLong.empty())).isNotEqualTo(chosen(OptionalLong.empty()));
  }

  /** What stands for 10.0.1.2, port 1000, time and again, where a port forward has that port. */
  private static List<String> chosen(OptionalLong seed) throws Exception {
    List<String> chosen = new ArrayList<>();
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan plan = net.plan().withNat(seeded(seed, 7));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      chosen.add(open(net));
      forwarder.apply(plan.withNat(nat(1024, List.of("10.0.2.7"))));
      forwarder.apply(plan.withNat(seeded(seed, 8)));
      chosen.add(open(net));
      net.stop(forwarder);
    }
    return chosen;
  }

  private static NatPlan seeded(OptionalLong seed, int port) {
    List<NatPlan.Forward> forwards = List.of(forward(1000, "10.0.1.9", port));
    return new NatPlan(List.of("p2"), List.of(ip("10.0.2.1")), 1024, 1024, seed, forwards);
  }

  @Test
  void aHostOverItsLimitIsRefusedByName() throws Exception {
    TestNetwork net = new TestNetwork(2);
    NatPlan limited =
        new NatPlan(
            List.of("p2"), List.of(ip("10.0.2.1")), 1024, 1, OptionalLong.empty(), List.of());
    ForwarderPlan plan = net.plan().withNat(limited);
    try (Forwarder forwarder = Forwarder.start(plan)) {
      open(net);
      byte[] other = Frames.udp(1001, 2000, new byte[18]);
      net.wire(1)
          .send(TestNetwork.frame(1, Frames.ipv4("10.0.1.2", "10.2.3.4", Frames.UDP, 64, other)));
      byte[] told = net.wire(1).await();
      assertThat(Frames.destinationIp(told)).isEqualTo("10.0.1.2");
      assertThat(net.stop(forwarder).dropped("nat-host-limit")).isEqualTo(1);
    }
  }

  @Test
  void acceptedConnectionsOutliveTheRuleThatAcceptedThem() throws Exception {
    TestNetwork net = new TestNetwork(2);
    FilterPlan.Rule rule =
        new FilterPlan.Rule("p1", "p2", null, null, -1, null, null, Verdict.ACCEPT);
    ForwarderPlan plan = net.plan();
    try (Forwarder forwarder =
        Forwarder.start(plan.withFilter(new FilterPlan(List.of(rule), Verdict.DROP, 1024)))) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      forwarder.apply(plan.withFilter(new FilterPlan(List.of(), Verdict.DROP, 64)));
      byte[] reply = Frames.udp(2000, 1000, new byte[18]);
      net.wire(2)
          .send(TestNetwork.frame(2, Frames.ipv4("10.2.3.4", "10.0.1.2", Frames.UDP, 64, reply)));
      net.wire(1).await();
      net.wire(1).send(datagram(1, "10.0.1.3", "10.2.3.4", 64));
      ForwardBooks books = ForwarderTest.awaitReceived(forwarder, 3);
      assertThat(books.dropped("filtered")).isEqualTo(1);
      net.stop(forwarder);
    }
  }

  @Test
  void stationsAndNeighboursStayKnown() throws Exception {
    TestNetwork net = new TestNetwork(4);
    ForwarderPlan plan = net.plan().withNeighbors(List.of());
    ForwarderPlan bridged =
        plan.withInterfaces(List.of(plan.interfaces().getFirst()))
            .withRoutes(List.of())
            .withBridges(List.of(bridge("p2", "p3", "p4")));
    try (Forwarder forwarder = Forwarder.start(bridged)) {
      net.wire(2).send(Frames.ethernet(HOST + 9, HOST + 2, 0x0800, new byte[46]));
      net.wire(3).await();
      net.wire(4).await();
      byte[] arp = Frames.arp(1, HOST + 1, "10.0.1.2", 0, "10.0.1.1");
      net.wire(1).send(Frames.ethernet(-1L & 0xffff_ffff_ffffL, HOST + 1, 0x0806, arp));
      net.wire(1).await();

      forwarder.apply(bridged.withBridges(List.of(bridge("p2", "p3"))));
      net.wire(3).send(Frames.ethernet(HOST + 2, HOST + 3, 0x0800, new byte[46]));
      net.wire(2).await();
      net.wire(1).send(datagram(1, "10.0.1.2", "10.0.1.1", 64));
      assertThat(Frames.type(net.wire(1).await()))
          .as("the answer to a closed port needs no question first")
          .isEqualTo(0x0800);
      net.stop(forwarder);
    }
  }

  private static BridgePlan bridge(String... ports) {
    return new BridgePlan("br", java.util.Arrays.stream(ports).map(BridgePlan.Member::of).toList());
  }

  @Test
  void workersIdleOtherwiseAndAreBoundWhileFramesFlow() throws Exception {
    TestNetwork net = new TestNetwork(2, 2);
    ForwarderPlan plan = net.plan(2);
    try (Forwarder forwarder = Forwarder.start(plan)) {
      int sent = 0;
      for (WorkerPlan.Idle idle : WorkerPlan.Idle.values()) {
        for (List<Integer> cpus : List.of(List.of(0, 0), List.<Integer>of())) {
          forwarder.apply(plan.withWorkers(WorkerPlan.of(2).withIdle(idle).withCpus(cpus)));
          for (int i = 0; i < 50; i++, sent++) {
            net.wire(1).send(datagram(1, "10.0.1." + (2 + i % 9), "10.2.3.4", 64), i % 2);
          }
          net.wire(2).await(50);
          forwarder.books(); // Each worker has done by now what it was asked before.
          int bound = cpus.isEmpty() ? -1 : 0;
          assertThat(forwarder.workers()).allMatch(worker -> worker.boundCpu() == bound);
        }
      }
      assertThat(net.stop(forwarder).transmitted()).isEqualTo(sent);
    }
  }

  @Test
  void limitsOfWhatIsMadeHereChangeWhileItRuns() throws Exception {
    TestNetwork net = new TestNetwork(2);
    LimitPlan limits = LimitPlan.defaults();
    ForwarderPlan plan = net.plan().withLimits(limits);
    try (Forwarder forwarder = Forwarder.start(plan)) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 1));
      assertThat(Frames.ttl(net.wire(1).await())).isEqualTo(64);
      LimitPlan other =
          new LimitPlan(
              limits.frames(),
              limits.ring(),
              limits.regionBytes(),
              99,
              1,
              5, // of which one host may have three
              limits.neighbors(),
              limits.heldPerNeighbor(),
              limits.held());
      forwarder.apply(plan.withLimits(other));
      Thread.sleep(300); // Stacks look after such things ten times a second.
      IntStream.range(0, 20).forEach(i -> net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 1)));
      for (byte[] error : net.wire(1).await(3)) {
        assertThat(Frames.ttl(error)).isEqualTo(99);
      }
      ForwarderTest.awaitReceived(forwarder, 21);
      assertThat(net.wire(1).drain()).as("more than three at once").isLessThan(3);
      forwarder.apply(plan.withRoutes(List.of(RoutePlan.via("10.77.0.0/16", "10.0.2.2"))));
      net.stop(forwarder);
    }
  }
}
