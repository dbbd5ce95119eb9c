package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xdp4j.engine.forward.TestNetwork.datagram;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.ProgramPlan;

/** A program goes when no frame is left that it is to run on, and its maps with it. */
class RetiredProgramTest {
  @TempDir static Path folder;

  @BeforeEach
  void needsClang() throws Exception {
    Clang.assume();
  }

  /**
   * Worker 0 has a frame for worker 1 and is held up at its next queue; worker 1 goes over to the
   * plan without the program, and is held up before it looks into its rings; worker 0 hands the
   * frame over and goes over too. Now all have, and one frame is left that the program is to run
   * on.
   */
  @Test
  void aFrameOnItsWayByACpuMapStillHasTheMapsOfItsProgram() throws Exception {
    Path object = ForwarderProgramTest.build(folder.resolve("forward.o"));
    TestNetwork net = new TestNetwork(2, 2);
    WrappedPort.Gate giver = new WrappedPort.Gate();
    WrappedPort.Gate taker = new WrappedPort.Gate();
    List<PortPlan> ports = new ArrayList<>(net.plan().ports());
    ports.set(0, WrappedPort.gated(net.wire(1), 1, taker));
    ports.set(1, WrappedPort.gated(net.wire(2), 0, giver));
    ForwarderPlan without = net.plan(2).withPorts(ports);
    ProgramPlan program =
        ProgramPlan.of("test", object, "p1").withChain("to_cpu").withMaps("cpus=0=64,1=64+on_cpu");
    try (Forwarder forwarder = Forwarder.start(TestNetwork.with(without, program));
        giver;
        taker) {
      giver.shut();
      net.wire(1).send(datagram(1, "10.0.1.3", "10.2.3.4", 64), 0);
      giver.awaitSomebody();
      long free = forwarder.region().free();
      CompletableFuture<Void> applied = CompletableFuture.runAsync(() -> apply(forwarder, without));
      while (!forwarder.plan().programs().isEmpty()) {
        Thread.onSpinWait();
      }
      Thread.sleep(20); // worker 1 goes over meanwhile
      taker.shut();
      taker.awaitSomebody();
      giver.open();
      Thread.sleep(100); // worker 0 goes over, and whoever waits for all to do so has seen it
      assertThat(applied).isNotDone();
      assertThat(forwarder.region().free()).as("no map is given back").isEqualTo(free);
      taker.open();
      applied.get(10, TimeUnit.SECONDS);
      assertThat(forwarder.region().free()).as("the maps are given back").isGreaterThan(free);
      net.wire(2).await();
      assertThat(net.stop(forwarder).transmitted()).isEqualTo(1);
    }
  }

  private static void apply(Forwarder forwarder, ForwarderPlan plan) {
    try {
      forwarder.apply(plan);
    } catch (ForwarderException e) {
      throw new IllegalStateException(e);
    }
  }
}
