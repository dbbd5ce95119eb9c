package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xdp4j.engine.forward.TestNetwork.HOST;
import static org.xdp4j.engine.forward.TestNetwork.ROUTER;
import static org.xdp4j.engine.forward.TestNetwork.datagram;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.engine.plan.BridgePlan;
import org.xdp4j.engine.plan.FilterPlan;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.NatPlan;
import org.xdp4j.engine.plan.RoutePlan;
import org.xdp4j.engine.plan.WorkerPlan;
import org.xdp4j.net.filter.Verdict;
import org.xdp4j.net.route.RouteType;

/** The whole forwarding path in memory: what goes into one wire comes out of another. */
class ForwarderTest {
  @Test
  void aPacketIsRoutedToItsNextHop() throws Exception {
    TestNetwork net = new TestNetwork(2);
    try (Forwarder forwarder = Forwarder.start(net.plan())) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      byte[] out = net.wire(2).await();
      assertThat(Frames.destination(out)).isEqualTo(HOST + 2);
      assertThat(Frames.source(out)).isEqualTo(ROUTER + 2);
      assertThat(Frames.ttl(out)).isEqualTo(63);
      assertThat(Frames.hasRightHeaderSum(out)).isTrue();
      ForwardBooks books = net.stop(forwarder);
      assertThat(books.received()).isEqualTo(1);
      assertThat(books.transmitted()).isEqualTo(1);
      assertThat(books.dropped()).isZero();
      assertThat(forwarder.latency().histogram().getTotalCount()).isEqualTo(1);
    }
  }

  @Test
  void packetsWaitWhileTheirNextHopIsResolved() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan plan = net.plan().withNeighbors(List.of());
    try (Forwarder forwarder = Forwarder.start(plan)) {
      for (int i = 0; i < 10; i++) {
        net.wire(1).send(datagram(1, "10.0.1.2", "10.0.2.2", 10 + i));
      }
      byte[] question = net.wire(2).await();
      assertThat(Frames.type(question)).isEqualTo(0x0806);
      byte[] answer = Frames.arp(2, HOST + 2, "10.0.2.2", ROUTER + 2, "10.0.2.1");
      net.wire(2).send(Frames.ethernet(ROUTER + 2, HOST + 2, 0x0806, answer));
      List<byte[]> out = net.wire(2).await(10);
      for (int i = 0; i < 10; i++) {
        assertThat(Frames.ttl(out.get(i))).as("in the order they came").isEqualTo(9 + i);
      }
      ForwardBooks books = net.stop(forwarder);
      assertThat(books.dropped()).isZero();
      assertThat(books.generated()).as("the question").isEqualTo(1);
      assertThat(books.delivered()).as("the answer").isEqualTo(1);
    }
  }

  @Test
  void whatWaitsWhenItStopsIsANamedDrop() throws Exception {
    TestNetwork net = new TestNetwork(2);
    try (Forwarder forwarder = Forwarder.start(net.plan().withNeighbors(List.of()))) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.0.2.2", 64));
      net.wire(2).await();
      long deadline = System.nanoTime() + 5_000_000_000L;
      ForwardBooks now = forwarder.books();
      while (now.inFlight() != 1 && System.nanoTime() < deadline) {
        assertThat(now.difference()).isZero();
        now = forwarder.books(); // the question may still be with the port
      }
      assertThat(now.inFlight()).isEqualTo(1);
      assertThat(net.stop(forwarder).dropped("stopped")).isEqualTo(1);
    }
  }

  @Test
  void aPacketThatEndsHereIsAnsweredFromHere() throws Exception {
    TestNetwork net = new TestNetwork(2);
    try (Forwarder forwarder = Forwarder.start(net.plan())) {
      byte[] echo = Frames.echo(7, 1, new byte[30]);
      net.wire(1)
          .send(TestNetwork.frame(1, Frames.ipv4("10.0.1.2", "10.0.1.1", Frames.ICMP, 64, echo)));
      byte[] reply = net.wire(1).await();
      assertThat(reply[Frames.ETHERNET + Frames.IPV4]).as("echo reply").isZero();
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 1));
      byte[] error = net.wire(1).await();
      assertThat(error[Frames.ETHERNET + Frames.IPV4]).as("time exceeded").isEqualTo((byte) 11);
      assertThat(Frames.sourceIp(error)).isEqualTo("10.0.1.1");
      net.wire(1).send(datagram(1, "10.0.1.2", "172.16.0.1", 64));
      assertThat(net.wire(1).await()[Frames.ETHERNET + Frames.IPV4]).isEqualTo((byte) 3);
      ForwardBooks books = net.stop(forwarder);
      assertThat(books.dropped("ttl-exceeded")).isEqualTo(1);
      assertThat(books.dropped("no-route")).isEqualTo(1);
      DropCount drop =
          forwarder.drops().stream().filter(d -> d.reason().equals("no-route")).findAny().get();
      assertThat(drop.layer()).isEqualTo("stack");
      assertThat(drop.lastSeen())
          .isBetween(java.time.Instant.now().minusSeconds(60), java.time.Instant.now());
    }
  }

  @Test
  void whatIsOursButNotTheStacksIsPunted() throws Exception {
    TestNetwork net = new TestNetwork(3);
    try (Forwarder forwarder = Forwarder.start(net.plan().withPunt("p3"))) {
      byte[] frame = datagram(1, "10.0.1.2", "10.0.1.1", 64);
      net.wire(1).send(frame);
      assertThat(net.wire(3).await()).isEqualTo(frame);
      forwarder.apply(net.plan());
      net.wire(1).send(frame);
      assertThat(net.wire(1).await()[Frames.ETHERNET + Frames.IPV4])
          .as("refused")
          .isEqualTo((byte) 3);
      ForwardBooks books = net.stop(forwarder);
      assertThat(books.punted()).isEqualTo(1);
      assertThat(forwarder.punts()).contains(new PuntCount("local", 1));
      assertThat(books.dropped("no-listener")).isEqualTo(1);
    }
  }

  @Test
  void aBridgeFloodsThenKnows() throws Exception {
    TestNetwork net = new TestNetwork(3);
    ForwarderPlan plan =
        ForwarderPlan.empty()
            .withPorts(net.plan().ports())
            .withBridges(
                List.of(
                    new BridgePlan(
                        "br",
                        List.of(
                            BridgePlan.Member.of("p1"),
                            BridgePlan.Member.of("p2"),
                            BridgePlan.Member.of("p3")))));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      byte[] frame = Frames.ethernet(HOST + 2, HOST + 1, 0x0800, new byte[46]);
      net.wire(1).send(frame);
      assertThat(net.wire(2).await()).isEqualTo(frame);
      assertThat(net.wire(3).await()).isEqualTo(frame);
      net.wire(2).send(Frames.ethernet(HOST + 1, HOST + 2, 0x0800, new byte[46]));
      net.wire(1).await();
      forwarder.apply(plan.withPunt("p3"));
      net.wire(1).send(frame);
      assertThat(net.wire(2).await()).isEqualTo(frame);
      ForwardBooks books = net.stop(forwarder);
      assertThat(net.wire(3).poll()).as("who has spoken is known, also after a change").isNull();
      assertThat(books.received()).isEqualTo(3);
      assertThat(books.generated()).isEqualTo(1);
      assertThat(books.transmitted()).isEqualTo(4);
    }
  }

  @Test
  void vlansOfAPortAreRoutedBetween() throws Exception {
    TestNetwork net = new TestNetwork(1);
    ForwarderPlan plan =
        ForwarderPlan.empty()
            .withPorts(net.plan().ports())
            .withInterfaces(
                List.of(
                    InterfacePlan.of("v10", "p1", "10.0.1.1/24").withTag(InterfacePlan.Tag.of(10)),
                    InterfacePlan.of("v20", "p1", "10.0.2.1/24").withTag(InterfacePlan.Tag.of(20))))
            .withNeighbors(
                List.of(
                    new org.xdp4j.engine.plan.NeighborPlan(
                        "v20", TestNetwork.ip("10.0.2.2"), HOST + 2)));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      byte[] packet = Frames.ipv4("10.0.1.2", "10.0.2.2", Frames.UDP, 64, new byte[26]);
      byte[] tagged = new byte[packet.length + 4];
      tagged[1] = 10;
      tagged[2] = 8;
      System.arraycopy(packet, 0, tagged, 4, packet.length);
      net.wire(1).send(Frames.ethernet(ROUTER + 1, HOST + 1, 0x8100, tagged));
      byte[] out = net.wire(1).await();
      assertThat(Frames.type(out)).isEqualTo(0x8100);
      assertThat(Frames.u16(out, 14)).isEqualTo(20);
      assertThat(Frames.destination(out)).isEqualTo(HOST + 2);
      net.stop(forwarder);
    }
  }

  @Test
  void natAndFilterStandBetweenInsideAndOutside() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan plan =
        net.plan()
            .withNat(
                new NatPlan(List.of("p2"), List.of(TestNetwork.ip("10.0.2.1")), 1024, List.of()))
            .withFilter(
                new FilterPlan(
                    List.of(
                        new FilterPlan.Rule(
                            "p1", "p2", null, null, -1, null, null, Verdict.ACCEPT)),
                    Verdict.DROP,
                    1024));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      byte[] out = net.wire(2).await();
      assertThat(Frames.sourceIp(out)).isEqualTo("10.0.2.1");
      int port = Frames.u16(out, Frames.ETHERNET + Frames.IPV4);
      byte[] reply = Frames.udp(2000, port, new byte[18]);
      net.wire(2)
          .send(TestNetwork.frame(2, Frames.ipv4("10.2.3.4", "10.0.2.1", Frames.UDP, 64, reply)));
      assertThat(Frames.destinationIp(net.wire(1).await())).isEqualTo("10.0.1.2");
      net.wire(2).send(datagram(2, "10.2.3.4", "10.0.1.2", 64));
      ForwardBooks books = awaitReceived(forwarder, 3);
      assertThat(books.dropped("filtered")).isEqualTo(1);
      net.stop(forwarder);
    }
  }

  @Test
  void aMirroredInterfaceIsSeenElsewhere() throws Exception {
    TestNetwork net = new TestNetwork(3);
    try (Forwarder forwarder = Forwarder.start(mirrored(net.plan()))) {
      byte[] frame = datagram(1, "10.0.1.2", "10.2.3.4", 64);
      net.wire(1).send(frame);
      assertThat(net.wire(3).await()).as("as it came").isEqualTo(frame);
      assertThat(Frames.ttl(net.wire(2).await())).isEqualTo(63);
      assertThat(net.stop(forwarder).generated()).isEqualTo(1);
    }
  }

  /** The plan with a copy of what comes in on p1 for p3. */
  private static ForwarderPlan mirrored(ForwarderPlan plan) {
    List<InterfacePlan> interfaces =
        plan.interfaces().stream()
            .map(
                each ->
                    each.name().equals("p1")
                        ? each.withOptions(InterfacePlan.Options.defaults().withMirror(true))
                        : each)
            .toList();
    return plan.withInterfaces(interfaces).withMirror("p3");
  }

  @Test
  void aChangeHoldsForTheNextFrame() throws Exception {
    TestNetwork net = new TestNetwork(3);
    ForwarderPlan plan = net.plan(2);
    byte[] frame = datagram(1, "10.0.1.2", "10.2.3.4", 64);
    int changes = 200;
    try (Forwarder forwarder = Forwarder.start(plan)) {
      for (int i = 0; i < changes; i++) {
        forwarder.apply(mirrored(plan));
        net.wire(1).send(frame);
        net.wire(2).await();
        net.wire(3).await();
        forwarder.apply(plan);
        net.wire(1).send(frame);
        net.wire(2).await();
      }
      assertThat(net.stop(forwarder).generated()).isEqualTo(changes);
    }
  }

  @Test
  void flowsAreSpreadOverNextHopsAndKeepTheirs() throws Exception {
    TestNetwork net = new TestNetwork(3);
    RoutePlan spread =
        new RoutePlan(
            org.xdp4j.net.wire.IpPrefix.parse("10.99.0.0/16"),
            RouteType.UNICAST,
            List.of(
                new RoutePlan.Hop(null, TestNetwork.ip("10.0.2.2"), 1),
                new RoutePlan.Hop(null, TestNetwork.ip("10.0.3.2"), 1)));
    List<RoutePlan> routes = new java.util.ArrayList<>(net.plan().routes());
    routes.add(spread);
    try (Forwarder forwarder = Forwarder.start(net.plan().withRoutes(routes))) {
      int second = 0;
      for (int flow = 0; flow < 200; flow++) {
        Set<Integer> outs = new TreeSet<>();
        for (int i = 0; i < 3; i++) {
          byte[] udp = Frames.udp(1000 + flow, 53, new byte[18]);
          net.wire(1)
              .send(
                  TestNetwork.frame(1, Frames.ipv4("10.0.1.2", "10.99.1.1", Frames.UDP, 64, udp)));
          outs.add(firstOf(net.wire(2), net.wire(3)));
        }
        assertThat(outs).as("one flow, one way").hasSize(1);
        second += outs.contains(1) ? 1 : 0;
      }
      assertThat(second).isBetween(60, 140);
      net.stop(forwarder);
    }
  }

  private static int firstOf(TestWire... wires) {
    long deadline = System.nanoTime() + 5_000_000_000L;
    while (System.nanoTime() < deadline) {
      for (int i = 0; i < wires.length; i++) {
        if (wires[i].poll() != null) {
          return i;
        }
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("nothing came out");
  }

  /** Queues fewer than workers, as many, and more. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void severalWorkersLoseNothingAndKeepFlowsInOrder(int queues) throws Exception {
    TestNetwork net = new TestNetwork(2, queues);
    int flows = 50;
    int frames = 4000;
    try (Forwarder forwarder = Forwarder.start(net.plan(2))) {
      int[] next = new int[flows];
      int received = 0;
      for (int i = 0; i < frames; i++) {
        int flow = i % flows;
        byte[] payload = java.nio.ByteBuffer.allocate(18).putInt(flow).putInt(i / flows).array();
        byte[] udp = Frames.udp(5000 + flow, 53, payload);
        byte[] packet = Frames.ipv4("10.0.1.2", "10.2.3.4", Frames.UDP, 64, udp);
        net.wire(1).send(TestNetwork.frame(1, packet), flow % queues);
        while (i - received > 500) {
          received += checkOrder(net.wire(2).await(), next);
        }
      }
      while (received < frames) {
        received += checkOrder(net.wire(2).await(), next);
      }
      ForwardBooks books = net.stop(forwarder);
      assertThat(books.received()).isEqualTo(frames);
      assertThat(books.transmitted()).isEqualTo(frames);
      assertThat(forwarder.workers()).allMatch(worker -> worker.received() > 0);
    }
  }

  private static int checkOrder(byte[] frame, int[] next) {
    if (frame == null) {
      return 0;
    }
    int payload = Frames.ETHERNET + Frames.IPV4 + 8;
    int flow = Frames.i32(frame, payload);
    assertThat(Frames.i32(frame, payload + 4)).as("flow " + flow).isEqualTo(next[flow]++);
    return 1;
  }

  @ParameterizedTest
  @EnumSource(WorkerPlan.Idle.class)
  void aWorkerWakesHoweverItIsIdle(WorkerPlan.Idle idle) throws Exception {
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan plan = net.plan().withWorkers(WorkerPlan.one().withIdle(idle));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      for (int i = 0; i < 3; i++) {
        Thread.sleep(20);
        net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
        net.wire(2).await();
      }
      WorkerView worker = forwarder.workers().getFirst();
      assertThat(worker.received()).isEqualTo(3);
      assertThat(worker.busyRounds()).isGreaterThanOrEqualTo(3);
      assertThat(worker.utilisation()).isBetween(0.0, 1.0);
      net.stop(forwarder);
    }
  }

  @Test
  void aFrameWithoutAWholeHeaderIsDroppedBeforeAllElse() throws Exception {
    TestNetwork net = new TestNetwork(2);
    try (Forwarder forwarder = Forwarder.start(net.plan())) {
      net.wire(1).send(new byte[13]);
      net.wire(1).send(new byte[1]);
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      assertThat(net.stop(forwarder).dropped("too-short")).isEqualTo(2);
    }
  }

  static ForwardBooks awaitReceived(Forwarder forwarder, long frames) throws InterruptedException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (true) {
      ForwardBooks books = forwarder.books();
      if (books.received() >= frames || System.nanoTime() > deadline) {
        return books;
      }
      Thread.sleep(1);
    }
  }
}
