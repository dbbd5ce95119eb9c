package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xdp4j.engine.forward.TestNetwork.frame;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.frame.FrameRing;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.PortPlan;

/** A worker that gets no processor for a moment costs no frame; one that is too slow does. */
class RestraintTest {
  /** Half of it takes a whole batch. */
  private static final int RING = 128;

  /** A moment that is well within what is waited. */
  private static final long MOMENT = Restraint.MOST / 2;

  @Test
  void itWaitsWhileMoreThanHalfOfARingIsInUse() {
    try (Region region = Region.reserve(1 << 22)) {
      FramePool pool = new FramePool(region, RING);
      FrameRing ring = new FrameRing(RING);
      FrameRing[] rings = {null, new FrameRing(RING), ring};
      Restraint restraint = new Restraint();
      for (int i = 0; i <= RING / 2; i++) {
        assertThat(restraint.holds(rings, i)).as("%d frames in it", i).isFalse();
        assertThat(ring.offer(pool.acquire(64))).isTrue();
      }
      assertThat(restraint.holds(rings, RING)).isTrue();
      ring.poll(new Frame[1], 0, 1);
      assertThat(restraint.holds(rings, RING + 1)).isFalse();
    }
  }

  @Test
  void itWaitsForATenthOfTheTimeWhenTheOtherNeverKeepsUp() {
    try (Region region = Region.reserve(1 << 22)) {
      FramePool pool = new FramePool(region, RING);
      FrameRing ring = new FrameRing(RING);
      for (int i = 0; i < RING; i++) {
        ring.offer(pool.acquire(64));
      }
      Restraint restraint = new Restraint();
      long step = 10_000;
      long steps = 100 * Restraint.MOST / step;
      long held = 0;
      long first = -1;
      for (long i = 0; i < steps; i++) {
        boolean holds = restraint.holds(new FrameRing[] {ring}, i * step);
        held += holds ? 1 : 0;
        first = !holds && first < 0 ? i : first;
      }
      assertThat(first * step).as("at once").isEqualTo(Restraint.MOST);
      assertThat((double) held / steps).as("of all time").isBetween(0.09, 0.11);
    }
  }

  @Test
  void framesForAWorkerThatStandsStillForAMomentWaitWhereTheyComeFrom() throws Exception {
    int frames = 10 * RING;
    long stood;
    ForwardBooks books;
    int tries = 0;
    do {
      assertThat(++tries).as("tries until the test itself was not held up").isLessThan(50);
      TestNetwork net = new TestNetwork(2, 1);
      try (WrappedPort.Gate gate = new WrappedPort.Gate();
          Forwarder forwarder = Forwarder.start(plan(net, gate))) {
        long shut = System.nanoTime();
        send(net, gate, frames, MOMENT / 5);
        stood = System.nanoTime() - shut;
        takeAll(net, forwarder, frames);
        books = net.stop(forwarder);
      }
    } while (stood > MOMENT);
    assertThat(books.received()).isEqualTo(frames);
    assertThat(books.dropped()).as(books.toString()).isZero();
    assertThat(books.transmitted()).isEqualTo(frames);
  }

  @Test
  void framesForAWorkerThatStandsStillForLongAreDropped() throws Exception {
    TestNetwork net = new TestNetwork(2, 1);
    try (WrappedPort.Gate gate = new WrappedPort.Gate();
        Forwarder forwarder = Forwarder.start(plan(net, gate))) {
      send(net, gate, 10 * RING, 4 * Restraint.MOST);
      takeAll(net, forwarder, 10 * RING);
      ForwardBooks books = net.stop(forwarder);
      assertThat(books.dropped("ring-full"))
          .as(books.toString())
          .isPositive()
          .isEqualTo(books.dropped());
    }
  }

  /** One worker receives from host 1, the other is stopped where it looks for frames of host 2. */
  private static ForwarderPlan plan(TestNetwork net, WrappedPort.Gate gate) {
    List<PortPlan> ports = new ArrayList<>(net.plan().ports());
    ports.set(1, WrappedPort.gated(net.wire(2), 0, gate));
    ForwarderPlan plan = net.plan(2).withPorts(ports);
    return plan.withLimits(plan.limits().withRing(RING));
  }

  private static void send(TestNetwork net, WrappedPort.Gate gate, int frames, long nanos)
      throws Exception {
    gate.shut();
    gate.awaitSomebody();
    for (int i = 0; i < frames; i++) {
      byte[] udp = Frames.udp(1000 + i % 64, 2000, new byte[18]);
      net.wire(1).send(frame(1, Frames.ipv4("10.0.1.2", "10.2.3.4", Frames.UDP, 64, udp)));
    }
    TimeUnit.NANOSECONDS.sleep(nanos);
    gate.open();
  }

  /** Takes frames from the far end until each has come or was dropped. */
  private static void takeAll(TestNetwork net, Forwarder forwarder, int frames) {
    long end = System.nanoTime() + 10_000_000_000L;
    long came = 0;
    while (came + forwarder.books().dropped() < frames) {
      assertThat(System.nanoTime()).as("%d came", came).isLessThan(end);
      came += net.wire(2).drain();
    }
  }
}
