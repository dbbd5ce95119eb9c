package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xdp4j.engine.forward.TestNetwork.frame;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.ProgramPlan;
import org.xdp4j.engine.plan.RoutePlan;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/** Changes while frames flow as fast as they are taken: none is lost, every one is counted. */
class ForwarderLoadTest {
  private static final int OUTSTANDING = 400;
  private static final int ROUTES = 20_000;

  @TempDir static Path folder;
  private static Path object;

  @BeforeEach
  void needsClang() throws Exception {
    Clang.assume();
    if (object == null) {
      object = ForwarderProgramTest.build(folder.resolve("forward.o"));
    }
  }

  /** What is done while frames flow. */
  interface Change {
    void run(Forwarder forwarder) throws Exception;
  }

  /** Keeps frames flowing from wire 1 to wire 2 until the change is done; how many there were. */
  static long load(TestNetwork net, Forwarder forwarder, Change change) throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread changer =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    change.run(forwarder);
                  } catch (Throwable e) {
                    failure.set(e);
                  }
                  done.set(true);
                });
    List<byte[]> frames = new ArrayList<>();
    for (int flow = 0; flow < 64; flow++) {
      byte[] udp = Frames.udp(1000 + flow, 2000, new byte[18]);
      frames.add(frame(1, Frames.ipv4("10.0.1.2", "10.2.3." + flow, Frames.UDP, 64, udp)));
    }
    long sent = 0;
    long received = 0;
    long end = System.nanoTime() + 60_000_000_000L;
    while (!done.get() || sent < 2000) {
      assertThat(System.nanoTime()).as("%d sent, %d came", sent, received).isLessThan(end);
      for (int i = 0; i < 32 && sent - received < OUTSTANDING; i++) {
        net.wire(1).send(frames.get((int) (sent % frames.size())), (int) (sent % 2));
        sent++;
      }
      received += net.wire(2).drain();
    }
    changer.join();
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (received < sent && System.nanoTime() < deadline) {
      received += net.wire(2).drain();
    }
    assertThat(failure.get()).isNull();
    assertThat(received).as("frames that came through of those sent").isEqualTo(sent);
    return sent;
  }

  private static ProgramPlan program(int version) {
    return ProgramPlan.of("count", object, "p1", "p2")
        .withChain("count")
        .withMaps("version=" + version);
  }

  @Test
  void aProgramIsReplacedManyTimesAndEveryFrameIsRunOnce() throws Exception {
    TestNetwork net = new TestNetwork(2, 2);
    ForwarderPlan plan = TestNetwork.with(net.plan(2), program(1));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      long sent =
          load(
              net,
              forwarder,
              running -> {
                for (int i = 0; i < 12; i++) {
                  running.programs().load(program(1 + i % 2));
                }
              });
      assertThat(ForwarderProgramTest.count(forwarder, 0)).isEqualTo(sent);
      assertThat(
              ForwarderProgramTest.count(forwarder, 1) + ForwarderProgramTest.count(forwarder, 2))
          .isEqualTo(sent);
      ForwardBooks books = net.stop(forwarder);
      assertThat(books.received()).isEqualTo(sent);
      assertThat(books.transmitted()).isEqualTo(sent);
      assertThat(books.dropped()).isZero();
    }
  }

  @Test
  void routesMapsPortsAndBooksChangeAndAreReadWithoutLoss() throws Exception {
    TestNetwork net = new TestNetwork(3, 2);
    ForwarderPlan plan = TestNetwork.with(net.plan(2), program(1));
    List<RoutePlan> many = new ArrayList<>(plan.routes());
    RoutePlan.Hop hop = new RoutePlan.Hop(null, TestNetwork.ip("10.0.2.2"), 1);
    for (int i = 0; i < ROUTES; i++) {
      IpPrefix prefix = new IpPrefix(IpAddress.of(0x5000_0000 + (i << 8)), 24);
      many.add(new RoutePlan(prefix, org.xdp4j.net.route.RouteType.UNICAST, List.of(hop)));
    }
    ForwarderPlan fewPorts =
        plan.withPorts(plan.ports().subList(0, 2))
            .withInterfaces(plan.interfaces().subList(0, 2))
            .withNeighbors(plan.neighbors().subList(0, 2))
            .withRoutes(plan.routes().subList(0, 2));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      long sent =
          load(
              net,
              forwarder,
              running -> {
                for (int i = 0; i < 6; i++) {
                  running.apply(plan.withRoutes(many));
                  assertThat(running.books().difference()).isZero();
                  running.apply(fewPorts);
                  assertThat(running.router().fib(false).size()).isLessThan(100);
                  running.drops();
                  running.workers();
                  running.latency();
                  assertThat(running.books().difference()).isZero();
                  running.apply(plan);
                }
              });
      ForwardBooks books = net.stop(forwarder);
      assertThat(books.received()).isEqualTo(sent);
      assertThat(books.transmitted()).isEqualTo(sent);
    }
  }

  /** What is routed to a port that comes with the same change finds it there. */
  @Test
  void aRouteMovesToAPortThatIsNewWithoutLoss() throws Exception {
    for (int i = 0; i < 20; i++) {
      TestNetwork net = new TestNetwork(3, 1);
      ForwarderPlan all = net.plan(2);
      RoutePlan before = RoutePlan.via("10.9.0.0/16", "10.0.2.2");
      ForwarderPlan fewPorts =
          all.withPorts(all.ports().subList(0, 2))
              .withInterfaces(all.interfaces().subList(0, 2))
              .withNeighbors(all.neighbors().subList(0, 2))
              .withRoutes(List.of(before));
      ForwarderPlan after = all.withRoutes(List.of(RoutePlan.via("10.9.0.0/16", "10.0.3.2")));
      try (Forwarder forwarder = Forwarder.start(fewPorts)) {
        CompletableFuture<Void> change =
            CompletableFuture.runAsync(
                () -> {
                  try {
                    forwarder.apply(after);
                  } catch (ForwarderException e) {
                    throw new IllegalStateException(e);
                  }
                });
        byte[] frame = TestNetwork.datagram(1, "10.0.1.2", "10.9.3.4", 64);
        long sent = 0;
        long came = 0;
        for (int more = 100; more > 0; more -= change.isDone() ? 1 : 0) {
          if (sent - came < OUTSTANDING) {
            net.wire(1).send(frame);
            sent++;
          }
          came += net.wire(2).drain();
          came += change.isDone() ? net.wire(3).drain() : 0;
        }
        change.get();
        long end = System.nanoTime() + 10_000_000_000L;
        while (came + forwarder.books().dropped() < sent && System.nanoTime() < end) {
          came += net.wire(2).drain() + net.wire(3).drain();
        }
        ForwardBooks books = forwarder.stop();
        assertThat(books.dropped()).as(books.toString()).isZero();
        assertThat(came).isEqualTo(sent);
      }
    }
  }

  /** Twice and ten times what the far end takes. */
  @Test
  void overloadEndsInNamedDropsOnlyAndControlStillAnswers() throws Exception {
    for (int factor : new int[] {2, 10}) {
      TestNetwork net = new TestNetwork(2, 1);
      try (Forwarder forwarder = Forwarder.start(net.plan(2))) {
        byte[] udp = Frames.udp(1000, 2000, new byte[18]);
        byte[] frame = frame(1, Frames.ipv4("10.0.1.2", "10.2.3.4", Frames.UDP, 64, udp));
        long received = 0;
        for (int i = 0; i < 30_000; i++) {
          net.wire(1).send(frame, 0);
          received += i % factor == 0 && net.wire(2).poll() != null ? 1 : 0;
          if (i % 10_000 == 0) {
            long asked = System.nanoTime();
            assertThat(forwarder.books().difference()).isZero();
            assertThat(System.nanoTime() - asked).isLessThan(1_000_000_000L);
          }
        }
        ForwardBooks books = net.stop(forwarder);
        received += net.wire(2).drain();
        assertThat(books.received()).isEqualTo(30_000);
        assertThat(books.dropped()).as(books.toString()).isGreaterThan(5_000);
        assertThat(
                books.dropped("port-full")
                    + books.dropped("ring-full")
                    + books.dropped("transmit-failed"))
            .as(books.toString())
            .isEqualTo(books.dropped());
        assertThat(books.transmitted()).isEqualTo(received);
      }
    }
  }
}
