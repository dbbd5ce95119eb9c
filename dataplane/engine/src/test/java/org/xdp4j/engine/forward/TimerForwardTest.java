package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xdp4j.engine.forward.TestNetwork.datagram;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.engine.Replay;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.ProgramPlan;
import org.xdp4j.engine.plan.WorkerPlan;

/** Timers of a port's program ring when they are due, also when no frame comes. */
class TimerForwardTest {
  private static final int TICKS = 1;
  private static final int GONE = 3;
  private static final int WORKED = 5;

  /**
   * Of a timer of 1 ms. One looked after every 10 ms, as neighbours are, takes 10 seconds to ring
   * as often; the machine may be busy with other things for half of them.
   */
  private static final int ENOUGH = 1000;

  private static final long PATIENCE = 5_000_000_000L;

  @TempDir Path folder;

  private static long word(Forwarder forwarder, int index) {
    byte[] bss =
        forwarder.maps().stream()
            .filter(map -> map.name().equals(".bss"))
            .findFirst()
            .orElseThrow()
            .map()
            .get(new byte[4]);
    return ByteBuffer.wrap(bss).order(ByteOrder.LITTLE_ENDIAN).getLong(8 * index);
  }

  private Path timers() throws Exception {
    Clang.assume();
    Path source = Path.of(Replay.class.getResource("timers.bpf.c").toURI());
    Path object = folder.resolve("timers.o");
    Clang.build(source, object, "-O2", "-g", "-mcpu=v3");
    return object;
  }

  @ParameterizedTest
  @EnumSource(WorkerPlan.Idle.class)
  void aTimerOfAMillisecondKeepsItsRateWithoutFrames(WorkerPlan.Idle idle) throws Exception {
    Path object = timers();
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan plan =
        TestNetwork.with(net.plan(), ProgramPlan.of("timed", object, "p1").withChain("stays"))
            .withWorkers(WorkerPlan.of(1).withIdle(idle));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      long begin = System.nanoTime();
      while (word(forwarder, TICKS) < ENOUGH && System.nanoTime() - begin < PATIENCE) {
        Thread.sleep(5);
      }
      assertThat(word(forwarder, TICKS)).isGreaterThanOrEqualTo(ENOUGH);
      assertThat(word(forwarder, GONE)).isEqualTo(1);
      assertThat(word(forwarder, WORKED)).isEqualTo(3);
      net.stop(forwarder);
    }
  }

  /**
   * Its program is gone, and so is every other: the pin alone keeps the map and the timers in it.
   */
  @ParameterizedTest
  @EnumSource(WorkerPlan.Idle.class)
  void aTimerOfAPinnedMapRingsWithoutAnyProgram(WorkerPlan.Idle idle) throws Exception {
    Path object = timers();
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan none = net.plan().withWorkers(WorkerPlan.of(1).withIdle(idle));
    ProgramPlan pinning =
        new ProgramPlan(
            "timed", object, List.of("stays"), List.of("p1"), List.of(), List.of("tickers"));
    try (Forwarder forwarder = Forwarder.start(TestNetwork.with(none, pinning))) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      BpfMap seen =
          forwarder.maps().stream().filter(m -> m.name().equals(".bss")).findFirst().get().map();
      seen.hold();
      forwarder.apply(none);
      ByteBuffer then = words(seen);
      long begin = System.nanoTime();
      while (words(seen).getLong(8 * TICKS) < then.getLong(8 * TICKS) + ENOUGH / 2
          && System.nanoTime() - begin < PATIENCE) {
        Thread.sleep(5);
      }
      assertThat(words(seen).getLong(8 * TICKS) - then.getLong(8 * TICKS))
          .isGreaterThanOrEqualTo(ENOUGH / 2);
      seen.release();
      net.stop(forwarder);
    }
  }

  private static ByteBuffer words(BpfMap bss) {
    return ByteBuffer.wrap(bss.get(new byte[4])).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void waitingEndsWhenATimerIsDue() {
    assertThat(Idler.left(200, Long.MAX_VALUE)).isEqualTo(200);
    assertThat(Idler.left(200, System.nanoTime() - 1)).isZero();
    assertThat(Idler.left(10_000_000, System.nanoTime() + 1_000_000)).isBetween(0L, 1_000_000L);
    assertThat(Idler.left(200, System.nanoTime() + 1_000_000_000)).isEqualTo(200);
  }
}
