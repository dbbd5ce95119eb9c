package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xdp4j.engine.forward.TestNetwork.frame;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.NatPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.WorkerPlan;

/** Workers come and go while frames flow: none is lost, every one is counted once. */
class WorkerCountTest {
  private static final int MOST = 4;

  private static ForwarderPlan plan(TestNetwork net, int workers, WorkerPlan.Idle idle) {
    return net.plan().withWorkers(new WorkerPlan(workers, List.of(), idle, MOST));
  }

  @ParameterizedTest
  @CsvSource({"1, YIELD", "2, YIELD", "3, PARK", "2, POLL"})
  void thereComeToBeMoreAndFewerWhileFramesFlow(int queues, WorkerPlan.Idle idle) throws Exception {
    TestNetwork net = new TestNetwork(2, Math.max(2, queues));
    try (Forwarder forwarder = Forwarder.start(plan(net, queues, idle))) {
      AtomicBoolean done = new AtomicBoolean();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread reader =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      while (!done.get()) {
                        assertThat(forwarder.books().difference()).isZero();
                        forwarder.workers();
                        forwarder.latency();
                      }
                    } catch (Throwable e) {
                      failure.set(e);
                    }
                  });
      long sent =
          ForwarderLoadTest.load(
              net,
              forwarder,
              running -> {
                for (int i = 0; i < 40; i++) {
                  int count = 1 + (i * 7 + i / 3) % MOST;
                  int ring = 1024 >> i % 2; // either has room for all that are outstanding
                  ForwarderPlan plan = plan(net, count, idle);
                  running.apply(plan.withLimits(plan.limits().withRing(ring)));
                  assertThat(running.plan().workers().count()).isEqualTo(count);
                  assertThat(running.workers().stream().filter(WorkerView::active).count())
                      .isEqualTo(count);
                  awaitMore(running, 200); // as many as come to each of them
                }
              });
      done.set(true);
      reader.join();
      assertThat(failure.get()).isNull();
      ForwardBooks books = net.stop(forwarder);
      assertThat(books.received()).isEqualTo(sent);
      assertThat(books.transmitted()).isEqualTo(sent);
      assertThat(books.dropped()).isZero();
      assertThat(forwarder.workers()).hasSize(MOST).allMatch(each -> each.received() > 0);
    }
  }

  private static void awaitMore(Forwarder forwarder, int frames) {
    long received = forwarder.books().received();
    while (forwarder.books().received() < received + frames) {
      Thread.onSpinWait();
    }
  }

  @Test
  void whatWaitsForANeighbourAtAWorkerThatLeavesIsSentInTheEnd() throws Exception {
    TestNetwork net = new TestNetwork(2, 1);
    try (Forwarder forwarder = Forwarder.start(plan(net, 4, WorkerPlan.Idle.PARK))) {
      for (int flow = 0; flow < 32; flow++) {
        byte[] udp = Frames.udp(1000 + flow, 2000, new byte[18]);
        net.wire(1).send(frame(1, Frames.ipv4("10.0.1.2", "10.0.2.9", Frames.UDP, 64, udp)));
      }
      ForwarderTest.awaitReceived(forwarder, 32);
      while (forwarder.workers().stream().mapToLong(WorkerView::held).sum() < 32) {
        Thread.sleep(1);
      }
      assertThat(forwarder.workers()).filteredOn(each -> each.held() > 0).hasSizeGreaterThan(1);
      forwarder.apply(plan(net, 1, WorkerPlan.Idle.PARK));
      long mac = TestNetwork.HOST + 9;
      byte[] answer = Frames.arp(2, mac, "10.0.2.9", TestNetwork.ROUTER + 2, "10.0.2.1");
      net.wire(2).send(Frames.ethernet(TestNetwork.ROUTER + 2, mac, 0x0806, answer));
      int came = 0;
      while (came < 32) {
        byte[] frame = net.wire(2).await();
        if (Frames.type(frame) == 0x0800) {
          assertThat(Frames.destination(frame)).isEqualTo(mac);
          came++;
        }
      }
      net.stop(forwarder);
    }
  }

  /** Ports of a fragmented datagram are in its first part only: what is known of it goes along. */
  @Test
  void fragmentsAreTranslatedLikeTheirFirstWhileWorkersComeAndGo() throws Exception {
    TestNetwork net = new TestNetwork(2, 2);
    NatPlan nat = new NatPlan(List.of("p2"), List.of(TestNetwork.ip("10.0.2.1")), 1024, List.of());
    AtomicBoolean done = new AtomicBoolean();
    try (Forwarder forwarder = Forwarder.start(plan(net, 2, WorkerPlan.Idle.YIELD).withNat(nat))) {
      CompletableFuture<Void> changer =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 40; i++) {
                  apply(forwarder, plan(net, 2 + (i + 1) % 2, WorkerPlan.Idle.YIELD).withNat(nat));
                }
                done.set(true);
              });
      int sent = 0;
      int came = 0;
      long deadline = System.nanoTime() + 20_000_000_000L;
      while (!done.get() || came < sent) {
        assertThat(System.nanoTime()).as(forwarder.books().toString()).isLessThan(deadline);
        for (int i = 0; i < 16 && sent - came < 400 && !done.get(); i++) {
          for (int part = 0; part < 2; part++) {
            net.wire(1).send(fragment(sent / 2, part), sent / 2 % 2);
            sent++;
          }
        }
        for (byte[] out = net.wire(2).poll(); out != null; out = net.wire(2).poll()) {
          assertThat(Frames.sourceIp(out)).isEqualTo("10.0.2.1");
          came++;
        }
      }
      changer.get();
      ForwardBooks books = net.stop(forwarder);
      assertThat(books.transmitted()).isEqualTo(sent);
      assertThat(books.dropped()).isZero();
    }
  }

  /** Both parts of the datagram with this number, each of its own flow out of 64. */
  private static byte[] fragment(int datagram, int part) {
    byte[] udp = Frames.udp(1000 + datagram % 64, 2000, new byte[56]);
    byte[] bytes = Arrays.copyOfRange(udp, 32 * part, 32 * part + 32);
    int offset = part == 0 ? 0x2000 : 4;
    byte[] packet =
        Frames.ipv4(
            TestNetwork.ip("10.0.1.2").ipv4(),
            TestNetwork.ip("10.2.3.4").ipv4(),
            Frames.UDP,
            64,
            offset,
            bytes);
    packet[4] = (byte) (datagram >> 8);
    packet[5] = (byte) datagram;
    packet[10] = packet[11] = 0;
    int sum = Frames.sum(packet, 0, Frames.IPV4, 0);
    packet[10] = (byte) (sum >> 8);
    packet[11] = (byte) sum;
    return frame(1, packet);
  }

  private static void apply(Forwarder forwarder, ForwarderPlan plan) {
    try {
      forwarder.apply(plan);
    } catch (ForwarderException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatComesThroughQueuesThatOneWorkerKeepsIsDealtToThoseThatCome() throws Exception {
    TestNetwork net = new TestNetwork(2, 2);
    List<PortPlan> ports = new ArrayList<>(net.plan().ports());
    ports.set(0, WrappedPort.staying(net.wire(1)));
    ForwarderPlan one = plan(net, 1, WorkerPlan.Idle.YIELD).withPorts(ports);
    ForwarderPlan two = plan(net, 2, WorkerPlan.Idle.YIELD).withPorts(ports);
    try (Forwarder forwarder = Forwarder.start(one)) {
      long sent = ForwarderLoadTest.load(net, forwarder, running -> running.apply(two));
      sent += ForwarderLoadTest.load(net, forwarder, running -> {});
      long received = forwarder.workers().get(1).received();
      assertThat(received).as("of the second worker, out of " + sent).isGreaterThan(sent / 10);
      sent += ForwarderLoadTest.load(net, forwarder, running -> running.apply(one));
      assertThat(net.stop(forwarder).transmitted()).isEqualTo(sent);
    }
  }

  @Test
  void aWorkerWhoseQueuesStayWithItCannotLeave() throws Exception {
    TestNetwork net = new TestNetwork(2, 2);
    List<PortPlan> ports = new ArrayList<>(net.plan().ports());
    ports.set(0, WrappedPort.staying(net.wire(1)));
    ForwarderPlan two = plan(net, 2, WorkerPlan.Idle.YIELD).withPorts(ports);
    try (Forwarder forwarder = Forwarder.start(two)) {
      assertThatThrownBy(
              () -> forwarder.apply(plan(net, 1, WorkerPlan.Idle.YIELD).withPorts(ports)))
          .isInstanceOf(ForwarderException.class)
          .hasMessage(
              "port 'p1': with workers.count = 1 the worker goes that owns one of its sockets,"
                  + " which is in that worker's memory");
      long sent = ForwarderLoadTest.load(net, forwarder, running -> {});
      assertThat(net.stop(forwarder).transmitted()).isEqualTo(sent);
    }
  }

  @Test
  void moreThanThereCanBeAreRefused() throws Exception {
    TestNetwork net = new TestNetwork(1);
    try (Forwarder forwarder = Forwarder.start(plan(net, 1, WorkerPlan.Idle.PARK))) {
      WorkerPlan five = new WorkerPlan(5, List.of(), WorkerPlan.Idle.PARK, 5);
      assertThatThrownBy(() -> forwarder.apply(net.plan().withWorkers(five)))
          .isInstanceOf(ForwarderException.class)
          .hasMessageContaining("workers.most: cannot change from 4 to 5");
      net.stop(forwarder);
    }
  }

  @Test
  void workersWhoseFramesHaveNoRoomAreRefusedAndThoseThereAreGoOn() throws Exception {
    TestNetwork net = new TestNetwork(2, 2);
    ForwarderPlan one = inLittleMemory(plan(net, 1, WorkerPlan.Idle.YIELD));
    try (Forwarder forwarder = Forwarder.start(one)) {
      long sent = ForwarderLoadTest.load(net, forwarder, running -> {}); // the wire has its frames
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(
                () -> forwarder.apply(inLittleMemory(plan(net, 2, WorkerPlan.Idle.YIELD))))
            .isInstanceOf(ForwarderException.class)
            .hasMessageContaining("bytes have no room for the frames")
            .hasMessageContaining("worker 2 of 2");
        assertThat(forwarder.workers()).hasSize(1);
        assertThat(forwarder.plan().workers().count()).isEqualTo(1);
      }
      sent += ForwarderLoadTest.load(net, forwarder, running -> {});
      assertThat(net.stop(forwarder).transmitted()).isEqualTo(sent);
    }
  }

  @Test
  void workersWhoseRingsTakeTooMuchHeapAreRefused() {
    ForwarderPlan plan = new TestNetwork(1).plan(256);
    assertThatThrownBy(() -> Forwarder.start(plan.withLimits(plan.limits().withRing(1 << 16))))
        .isInstanceOf(ForwarderException.class)
        .hasMessageMatching(
            "workers.count: rings of 65536 frames between any two of 256 workers take 1[67]\\d{3}"
                + " MiB of Java heap, more than half of the \\d+ MiB there are: .*");
  }

  @Test
  void theFirstWorkersAreRefusedToo() {
    TestNetwork net = new TestNetwork(2, 2);
    assertThatThrownBy(() -> Forwarder.start(inLittleMemory(plan(net, 4, WorkerPlan.Idle.YIELD))))
        .isInstanceOf(ForwarderException.class)
        .hasMessageContaining("bytes have no room for the frames");
  }

  /** Room for the frames of one worker and two wires and half of another's. */
  private static ForwarderPlan inLittleMemory(ForwarderPlan plan) {
    long worker = (long) plan.limits().frames() * FramePool.spacing();
    long wires = 2L * TestWire.FRAMES * FramePool.spacing();
    return plan.withLimits(plan.limits().withRegionBytes(worker + wires + worker / 2));
  }
}
