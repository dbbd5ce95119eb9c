package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xdp4j.engine.forward.TestNetwork.datagram;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.map.MapSnapshot;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.LimitPlan;
import org.xdp4j.engine.plan.ProgramPlan;

/** Programs are run on trial before they take over, and nobody sees anything of it. */
class WarmUpTest {
  private static final int FRAMES = 300;

  @TempDir private Path folder;
  private Path object;

  @BeforeEach
  void needsClang() throws Exception {
    Clang.assume();
    object = ForwarderProgramTest.build(folder.resolve("one.o"));
  }

  private static ForwarderPlan within(TestNetwork net, Duration time, ProgramPlan program) {
    return TestNetwork.with(net.plan(), program).withLimits(LimitPlan.defaults().withWarmUp(time));
  }

  private ProgramPlan program(Path file, String function) {
    return ProgramPlan.of("test", file, "p1").withChain(function);
  }

  private static void send(TestNetwork net) throws InterruptedException {
    for (int i = 0; i < FRAMES; i++) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3." + i % 250, 64));
    }
    net.wire(2).await(FRAMES);
  }

  /** Every map's every entry. */
  private static Map<String, List<MapSnapshot.Entry>> contents(Forwarder forwarder) {
    return forwarder.maps().stream()
        .filter(view -> !view.name().equals("records"))
        .collect(Collectors.toMap(MapView::name, view -> MapSnapshot.of(view.map()).entries()));
  }

  @Test
  void mapsAndCountersAreAsIfThereHadBeenNoTrial() throws Exception {
    Path other = Files.copy(object, folder.resolve("two.o"), StandardCopyOption.REPLACE_EXISTING);
    TestNetwork net = new TestNetwork(2);
    Duration time = Duration.ofMillis(200);
    List<ForwarderEvent> heard = Collections.synchronizedList(new ArrayList<>());
    try (Forwarder forwarder = Forwarder.start(within(net, time, program(object, "count")))) {
      Subscription listening = forwarder.events(heard::add);
      assertThat(forwarder.lastWarmup()).as("nothing came in yet").isNull();
      send(net);
      Map<String, List<MapSnapshot.Entry>> before = contents(forwarder);
      long began = System.nanoTime();
      forwarder.apply(within(net, time, program(other, "count")));
      long took = System.nanoTime() - began;

      assertThat(forwarder.lastWarmup().frames()).isGreaterThan(1000);
      assertThat(forwarder.lastWarmup().took()).isLessThan(Duration.ofSeconds(2));
      System.out.printf(
          "a trial of %d ms: %,d frames, %.0f ns each at first and %.0f at best; the change took"
              + " %d ms%n",
          forwarder.lastWarmup().took().toMillis(),
          forwarder.lastWarmup().frames(),
          forwarder.lastWarmup().firstNanos(),
          forwarder.lastWarmup().bestNanos(),
          took / 1_000_000);
      assertThat(contents(forwarder)).isEqualTo(before);
      ProgramView view = forwarder.programs().list().getFirst();
      assertThat(view.object()).isEqualTo(other);
      assertThat(view.runs()).containsOnly(0L);
      assertThat(view.faults()).isZero();
      assertThat(ForwarderProgramTest.count(forwarder, 0)).isEqualTo(FRAMES);

      send(net);
      assertThat(ForwarderProgramTest.count(forwarder, 0)).isEqualTo(2 * FRAMES);
      assertThat(heard).allMatch(ForwarderEvent.Applied.class::isInstance);
      ForwardBooks books = net.stop(forwarder);
      assertThat(books.received()).isEqualTo(2 * FRAMES);
      assertThat(books.transmitted()).isEqualTo(2 * FRAMES);
      listening.close();
    }
  }

  @Test
  void whatATrialSaysIsNotHeard() throws Exception {
    TestNetwork net = new TestNetwork(2);
    Duration time = Duration.ofMillis(100);
    List<ForwarderEvent> heard = Collections.synchronizedList(new ArrayList<>());
    try (Forwarder forwarder = Forwarder.start(within(net, time, program(object, "count")))) {
      Subscription listening = forwarder.events(heard::add);
      send(net);
      forwarder.programs().replace("p1", program(object, "record"));
      assertThat(forwarder.lastWarmup().frames()).isPositive();
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      long deadline = System.nanoTime() + 5_000_000_000L;
      while (heard.size() < 3 && System.nanoTime() < deadline) {
        Thread.sleep(2);
      }
      net.stop(forwarder);
      listening.close();
    }
    assertThat(heard).as("applied, and one frame's record and line").hasSize(3);
  }

  @Test
  void noTimeMeansNoTrial() throws Exception {
    TestNetwork net = new TestNetwork(2);
    try (Forwarder forwarder =
        Forwarder.start(within(net, Duration.ZERO, program(object, "count")))) {
      send(net);
      forwarder.programs().replace("p1", program(object, "record"));
      assertThat(forwarder.lastWarmup()).isNull();
      forwarder.apply(within(net, Duration.ofMillis(50), program(object, "count")));
      assertThat(forwarder.lastWarmup().frames()).as("the time can change").isPositive();
      net.stop(forwarder);
    }
  }
}
