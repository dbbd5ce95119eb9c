package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xdp4j.engine.forward.TestNetwork.HOST;
import static org.xdp4j.engine.forward.TestNetwork.datagram;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.XskMap;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.plan.ProgramPlan;

/** Programs on ports of a running forwarder, and everything they can do with a frame. */
class ForwarderProgramTest {
  @TempDir static Path folder;
  private static Path object;

  @BeforeEach
  void needsClang() throws Exception {
    Clang.assume();
    if (object == null) {
      object = build(folder.resolve("forward.o"));
    }
  }

  static Path build(Path to, String... options) throws Exception {
    Path source = Path.of(ForwarderProgramTest.class.getResource("forward.bpf.c").toURI());
    List<String> all = new ArrayList<>(List.of("-O2", "-g", "-mcpu=v3"));
    all.addAll(List.of(options));
    Clang.build(source, to, all.toArray(String[]::new));
    return to;
  }

  private static ProgramPlan program(String function, String... ports) {
    return ProgramPlan.of("test", object, ports).withChain(function);
  }

  private static BpfMap map(Forwarder forwarder, String name) {
    return forwarder.maps().stream().filter(map -> map.name().equals(name)).findAny().get().map();
  }

  /** The sum over workers of a counter of the map {@code counts}. */
  static long count(Forwarder forwarder, int key) {
    byte[] values = map(forwarder, "counts").get(le32(key));
    ByteBuffer all = ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN);
    long sum = 0;
    while (all.hasRemaining()) {
      sum += all.getLong();
    }
    return sum;
  }

  static byte[] le32(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  @Test
  void everyVerdictDoesWhatItSays() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan plan = TestNetwork.with(net.plan(), program("judge", "p1"));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      for (int verdict : new int[] {0, 1, 2, 3, 4, 77}) {
        net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3." + verdict, 64));
      }
      assertThat(Frames.destinationIp(net.wire(2).await())).isEqualTo("10.2.3.2");
      assertThat(Frames.destinationIp(net.wire(1).await())).isEqualTo("10.2.3.3");
      ForwardBooks books = ForwarderTest.awaitReceived(forwarder, 6);
      assertThat(books.dropped("xdp-aborted")).isEqualTo(1);
      assertThat(books.dropped("xdp-drop")).isEqualTo(1);
      assertThat(books.dropped("unknown-action")).isEqualTo(1);
      assertThat(books.dropped("redirect-failed")).isEqualTo(1);
      assertThat(forwarder.programs().list().getFirst().runs())
          .isEqualTo(List.of(1L, 1L, 1L, 1L, 1L, 1L));
      assertThat(forwarder.ports().getFirst().program()).isEqualTo("test");
      net.stop(forwarder);
    }
  }

  @Test
  void whatProgramsReturnedIsNeverLessThanItWas() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ProgramPlan first = program("judge", "p1");
    try (Forwarder forwarder = Forwarder.start(TestNetwork.with(net.plan(), first))) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.1", 64)); // XDP_DROP
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.2", 64));
      net.wire(2).await();
      assertThat(forwarder.programs().runs().total()).isEqualTo(List.of(0L, 1L, 1L, 0L, 0L, 0L));

      forwarder.programs().replace("p1", program("count", "p1"));
      forwarder.programs().replace("p1", first);
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.1", 64));
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.3", 64)); // XDP_TX
      net.wire(1).await();
      PastRuns runs = forwarder.programs().runs();
      assertThat(runs.total()).isEqualTo(List.of(0L, 2L, 1L, 1L, 0L, 0L));
      assertThat(runs.programs().getFirst().runs()).isEqualTo(List.of(0L, 1L, 0L, 1L, 0L, 0L));
      assertThat(runs.before(runs.programs().getFirst()).runs())
          .isEqualTo(List.of(0L, 1L, 1L, 0L, 0L, 0L));

      forwarder.programs().detach("p1");
      assertThat(forwarder.programs().runs().total()).isEqualTo(List.of(0L, 2L, 1L, 1L, 0L, 0L));
      assertThat(forwarder.books().dropped("xdp-drop")).isEqualTo(2);
      net.stop(forwarder);
    }
  }

  @Test
  void aRedirectGoesOutOfThePortWithThatIndex() throws Exception {
    TestNetwork net = new TestNetwork(3);
    ForwarderPlan plan =
        TestNetwork.with(net.plan(), program("redirect", "p1").withMaps("target=3"));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      byte[] frame = datagram(1, "10.0.1.2", "10.2.3.4", 64);
      net.wire(1).send(frame);
      assertThat(net.wire(3).await()).isEqualTo(frame);
      net.stop(forwarder);
    }
  }

  @Test
  void keysOfOneBatchLeadToOnePortOrSeveral() throws Exception {
    TestNetwork net = new TestNetwork(4);
    String ports = "ports=2=p2+on_port,3=p3,4=p4,5=p4";
    int[][] keys = {{4, 5}, {4, 3}, {5, 2}, {4, 4}}; // of a hundred frames each, in turn
    List<List<String>> expected = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    try (Forwarder forwarder =
        Forwarder.start(TestNetwork.with(net.plan(), program("to_port", "p1").withMaps(ports)))) {
      for (int i = 0; i < 400; i++) {
        int key = keys[i / 100][i % 2];
        String destination = "10.2.%d.%d".formatted(i % 100, 16 * (i / 100) + key);
        net.wire(1).send(datagram(1, "10.0.1.2", destination, 64));
        expected.get(Math.min(key, 4) - 2).add(destination);
      }
      for (int port = 2; port <= 4; port++) {
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < expected.get(port - 2).size(); i++) {
          byte[] frame = net.wire(port).await();
          assertThat(frame[11] == 2).as("the entry's program wrote the index").isEqualTo(port == 2);
          seen.add(Frames.destinationIp(frame));
        }
        assertThat(seen).isEqualTo(expected.get(port - 2));
      }
      assertThat(net.stop(forwarder).dropped()).isZero();
    }
  }

  @Test
  void deviceMapsSendRunTheirProgramsAndCopy() throws Exception {
    TestNetwork net = new TestNetwork(4);
    String ports = "ports=1=p1,2=p2+on_port,3=p3+no_port,4=p4";
    ForwarderPlan one = TestNetwork.with(net.plan(), program("to_port", "p1").withMaps(ports));
    try (Forwarder forwarder = Forwarder.start(one)) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(4).await();
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.2", 64));
      assertThat(net.wire(2).await()[11])
          .as("the entry's program wrote the index")
          .isEqualTo((byte) 2);
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.3", 64));
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.5", 64));
      ForwardBooks books = ForwarderTest.awaitReceived(forwarder, 4);
      assertThat(books.dropped("egress-program")).isEqualTo(1);
      assertThat(books.dropped()).as("an entry that is empty aborts").isEqualTo(2);

      forwarder.apply(TestNetwork.with(net.plan(), program("to_all", "p1").withMaps(ports)));
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      assertThat(net.wire(2).await()[11]).isEqualTo((byte) 2);
      assertThat(net.wire(4).await()[11]).as("copies are apart").isEqualTo((byte) (HOST + 1));
      books = net.stop(forwarder);
      assertThat(net.wire(1).poll()).isNull();
      assertThat(books.dropped("egress-program")).isEqualTo(2);
      assertThat(books.generated()).isEqualTo(2);
    }
  }

  @Test
  void aPortWhoseNameIsAnothersIndexIsNotGuessed() throws Exception {
    PortPlan first = new PortPlan.Null(PortSettings.of("2"));
    PortPlan second = new PortPlan.Null(PortSettings.of("b"));
    PortPlan third = new PortPlan.Null(PortSettings.of("9"));
    ForwarderPlan plan = ForwarderPlan.empty().withPorts(List.of(first, second, third));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      DevicePorts ports = forwarder.devicePorts();
      assertThat(ports.index("9", "map")).as("a name, and nobody's index").isEqualTo(3);
      assertThat(ports.index("0x2", "map")).isEqualTo(2);
      assertThat(ports.index("1", "map")).isEqualTo(1);
      assertThatThrownBy(() -> ports.index("2", "map"))
          .hasMessage(
              "map: '2' is a port's name and another's interface index; there are 2 (1), b (2), 9"
                  + " (3): write the index as 0x2");
    }
  }

  @Test
  void cpuMapsHandFramesToAnotherWorkersStack() throws Exception {
    TestNetwork net = new TestNetwork(2, 2);
    ForwarderPlan plan =
        TestNetwork.with(net.plan(2), program("to_cpu", "p1").withMaps("cpus=0=64,1=64+on_cpu"));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      for (int i = 0; i < 200; i++) {
        net.wire(1).send(datagram(1, "10.0.1." + (2 + i % 2), "10.2.3.4", 64), 0);
      }
      net.wire(2).await(200);
      assertThat(count(forwarder, 3)).as("ran on the other worker").isEqualTo(100);
      assertThat(forwarder.workers().get(1).received()).isGreaterThanOrEqualTo(100);
      net.stop(forwarder);
    }
  }

  @Test
  void aConsumerTakesFramesAndAFullOneIsNamed() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan plan = TestNetwork.with(net.plan(), program("to_socket", "p1"));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      FrameConsumer consumer = new FrameConsumer(8);
      ((XskMap) map(forwarder, "sockets")).set(0, consumer);
      for (int i = 0; i < 10; i++) {
        net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      }
      ForwardBooks books = ForwarderTest.awaitReceived(forwarder, 11);
      assertThat(books.dropped("consumer-full")).isEqualTo(2);
      assertThat(books.delivered()).isEqualTo(8);
      List<Integer> lengths = new ArrayList<>();
      Frame frame;
      while ((frame = consumer.poll()) != null) {
        lengths.add(frame.length());
        FrameConsumer.release(frame);
      }
      assertThat(lengths).hasSize(8).allMatch(length -> length == 60);
      net.stop(forwarder);
    }
  }

  @Test
  void programsOfAChainRunOnWhatTheOneBeforePassed() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan plan =
        TestNetwork.with(
            net.plan(),
            ProgramPlan.of("chain", object, "p1")
                .withChain("count", "judge")
                .withRunConfigs(Map.of("judge", "10")));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      for (int i = 0; i < 30; i++) {
        net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3." + (1 + i % 2), 64));
      }
      net.wire(2).await(15);
      assertThat(count(forwarder, 0)).isEqualTo(15);
      assertThat(forwarder.programs().list())
          .extracting(ProgramView::function)
          .isEqualTo(List.of("judge", "count"));
      net.stop(forwarder);
    }
  }

  @Test
  void aProgramRoutesByTheStacksOwnTables() throws Exception {
    TestNetwork net = new TestNetwork(3);
    ForwarderPlan plan = TestNetwork.with(net.plan(), program("route", "p1"));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      for (int port = 2; port <= 3; port++) {
        net.wire(1).send(datagram(1, "10.0.1.2", "10." + port + ".3.4", 64));
        byte[] out = net.wire(port).await();
        assertThat(Frames.destination(out)).isEqualTo(HOST + port);
        assertThat(Frames.ttl(out)).isEqualTo(63);
        assertThat(Frames.hasRightHeaderSum(out)).isTrue();
      }
      assertThat(forwarder.programs().list().getFirst().runs().get(4)).isEqualTo(2);
      net.wire(1).send(datagram(1, "10.0.1.2", "10.0.2.99", 64));
      assertThat(Frames.type(net.wire(2).await()))
          .as("no neighbour: the stack asks")
          .isEqualTo(0x0806);
      net.stop(forwarder);
    }
  }

  @Test
  void whatProgramsSayIsHeard() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan plan = TestNetwork.with(net.plan(), program("record", "p1"));
    List<ForwarderEvent> heard = Collections.synchronizedList(new ArrayList<>());
    try (Forwarder forwarder = Forwarder.start(plan)) {
      Subscription listening = forwarder.events(heard::add);
      for (int i = 0; i < 20; i++) {
        net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      }
      net.wire(2).await(20);
      long deadline = System.nanoTime() + 5_000_000_000L;
      while (heard.size() < 40 && System.nanoTime() < deadline) {
        Thread.sleep(2);
      }
      assertThat(heard).hasSize(40);
      assertThat(heard)
          .filteredOn(ForwarderEvent.RingRecord.class::isInstance)
          .hasSize(20)
          .allMatch(event -> ((ForwarderEvent.RingRecord) event).data()[0] == 1);
      assertThat(heard)
          .filteredOn(ForwarderEvent.Printk.class::isInstance)
          .allMatch(event -> ((ForwarderEvent.Printk) event).text().equals("frame on 1"));
      listening.close();
      net.stop(forwarder);
    }
  }
}
