package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.DeviceMap;
import org.xdp4j.bpf.map.MapProgram;
import org.xdp4j.bpf.map.QueueMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.ProgramPlan;
import org.xdp4j.engine.plan.WorkerPlan;
import org.xdp4j.testing.Covers;

/**
 * What entries of maps hold outlives the version that put it there, for as long as the entry is
 * there: programs with their maps, maps in maps, timers with their callbacks. Frames flow all the
 * while, on two workers.
 */
class KeptEntriesTest {
  private static final int WORKERS = 2;
  private static final int VALUES = 64 * Long.BYTES;
  private static final byte[] FIRST = ForwarderProgramTest.le32(0);

  @TempDir static Path folder;
  private static Path first;
  private static Path second;

  private TestNetwork net = new TestNetwork(2, WORKERS);
  private final Set<BpfMap> known = new LinkedHashSet<>();

  @BeforeEach
  void needsClang() throws Exception {
    Clang.assume();
    if (first == null) {
      first = KeptObjects.build(folder, 1);
      second = KeptObjects.build(folder, 2);
    }
  }

  private ForwarderPlan plan(ProgramPlan... programs) {
    ForwarderPlan plan = net.plan(WORKERS);
    return TestNetwork.with(plan.withLimits(plan.limits().withWarmUp(Duration.ZERO)), programs);
  }

  private static ProgramPlan program(Path object, String function, String... maps) {
    return ProgramPlan.of("test", object, "p1").withChain(function).withMaps(maps);
  }

  private BpfMap map(Forwarder forwarder, String name) {
    forwarder.maps().forEach(view -> known.add(view.map()));
    return forwarder.maps().stream().filter(m -> m.name().equals(name)).findAny().get().map();
  }

  private static long value(BpfMap map, int key) {
    byte[] value = map.get(ForwarderProgramTest.le32(key));
    return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private static void await(String what, BooleanSupplier come) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!come.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      Thread.sleep(1);
    }
  }

  private static void awaitMore(BpfMap counts) throws InterruptedException {
    long before = value(counts, 0);
    await("it is counted on", () -> value(counts, 0) > before + 50);
  }

  /** Whatever is free, so that what is written into memory that was given back is seen. */
  private static List<Long> traps(Region region) {
    return IntStream.range(0, 64).mapToObj(i -> region.allocate(VALUES, 16)).toList();
  }

  private static void assertUntouched(Region region, List<Long> traps) {
    for (long trap : traps) {
      byte[] bytes = region.segment().asSlice(trap, VALUES).toArray(Region.BYTE);
      assertThat(bytes).containsOnly(0);
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "jump, next, 0, next=0=jumped, own1",
        "to_cpu, cpus, 1, \"cpus=0=64+on_cpu,1=64+on_cpu\", own1",
        "to_port, ports, 2, ports=2=p2+on_port, own1",
        "to_hashed, hashed, 2, hashed=2=p2+on_port, own1",
        "look, outer, 1, , inner1",
        "look_by_key, outers, 1, , inner1",
      })
  @Covers({"PROG_ARRAY", "CPUMAP", "DEVMAP", "DEVMAP_HASH", "ARRAY_OF_MAPS", "HASH_OF_MAPS"})
  void whatAKeptEntryHasLivesUntilTheEntryGoes(
      String function, String kept, int key, String contents, String own) throws Exception {
    String[] maps = contents == null ? new String[0] : new String[] {contents};
    for (Ending ending : Ending.values()) {
      net = new TestNetwork(2, WORKERS);
      known.clear();
      try (Forwarder forwarder = Forwarder.start(plan(program(first, function, maps)))) {
        try (Traffic _ = Traffic.start(net, WORKERS)) {
          BpfMap counts =
              contents == null ? map(forwarder, kept).innerMaps().getFirst() : map(forwarder, own);
          known.add(counts);
          awaitMore(counts);
          forwarder.apply(plan(program(second, function)));
          List<Long> traps = traps(forwarder.region());
          BpfMap holder = map(forwarder, kept);
          awaitMore(counts);
          ending.happen(forwarder, holder, key, maps);
          await("nothing of it is left", () -> counts.holders() == 0);
          Thread.sleep(5);
          assertUntouched(forwarder.region(), traps);
          forwarder.apply(plan());
          assertThat(known).as("whatever there was").allMatch(map -> map.holders() == 0);
        }
        assertThat(net.stop(forwarder).dropped("internal-error")).isZero();
      }
    }
  }

  /** How an entry goes. */
  private enum Ending {
    REMOVED {
      @Override
      void happen(Forwarder forwarder, BpfMap holder, int key, String[] maps) {
        assertThat(holder.remove(ForwarderProgramTest.le32(key))).isZero();
        if (holder.name().equals("cpus")) {
          holder.remove(FIRST);
        }
      }
    },
    DETACHED {
      @Override
      void happen(Forwarder forwarder, BpfMap holder, int key, String[] maps) throws Exception {
        forwarder.programs().detach("p1");
      }
    },
    REPLACED {
      @Override
      void happen(Forwarder forwarder, BpfMap holder, int key, String[] maps) throws Exception {
        if (maps.length == 0) {
          holder.remove(ForwarderProgramTest.le32(key));
          return;
        }
        ProgramPlan running = forwarder.plan().programs().getFirst();
        forwarder.programs().replace("p1", running.withMaps(maps));
      }
    };

    abstract void happen(Forwarder forwarder, BpfMap holder, int key, String[] maps)
        throws Exception;
  }

  /** Its callback is of the version before, which counts into a map of its own. */
  @Test
  @Covers({"bpf_timer_set_callback"})
  void aKeptTimerGoesOnWithItsCallback() throws Exception {
    try (Forwarder forwarder = Forwarder.start(plan(program(first, "arm")))) {
      try (Traffic _ = Traffic.start(net, WORKERS)) {
        BpfMap counts = map(forwarder, "own1");
        await("it is due", () -> value(counts, 0) > 2);
        forwarder.apply(plan(program(second, "peek")));
        List<Long> traps = traps(forwarder.region());
        BpfMap timers = map(forwarder, "timers");
        long before = value(counts, 0);
        await("it is due again", () -> value(counts, 0) > before + 2);
        assertThat(timers.remove(FIRST)).isZero();
        await("nothing of it is left", () -> counts.holders() == 0);
        assertUntouched(forwarder.region(), traps);
      }
      net.stop(forwarder);
    }
  }

  /** Pinned by the one, and found by the other, which is there when the first has gone. */
  @ParameterizedTest
  @ValueSource(strings = {"look outer", "look_by_key outers"})
  void aPinnedMapKeepsTheMapsThatAreInIt(String names) throws Exception {
    String function = names.split(" ")[0];
    String outer = names.split(" ")[1];
    ProgramPlan one = pinning("one", first, "p1", function, outer);
    ProgramPlan other = pinning("other", second, "p2", function, outer);
    try (Forwarder forwarder = Forwarder.start(plan(one))) {
      try (Traffic _ = Traffic.start(net, WORKERS)) {
        BpfMap holder = map(forwarder, outer);
        BpfMap counts = holder.innerMaps().getFirst();
        awaitMore(counts);
        forwarder.apply(plan(one, other));
        forwarder.apply(plan(other.withPorts(List.of("p1"))));
        List<Long> traps = traps(forwarder.region());
        awaitMore(counts);
        forwarder.apply(plan());
        assertThat(counts.holders()).as("the pin has the map, and that has this one").isEqualTo(1);
        assertThat(holder.remove(ForwarderProgramTest.le32(1))).isZero();
        await("nothing of it is left", () -> counts.holders() == 0);
        assertUntouched(forwarder.region(), traps);
      }
      net.stop(forwarder);
    }
  }

  private static ProgramPlan pinning(
      String name, Path object, String port, String function, String pinned) {
    return new ProgramPlan(
        name, object, List.of(function), List.of(port), List.of(), List.of(pinned));
  }

  /**
   * The first program's entry is in the map already when the second's does not fit any more. By
   * then a worker is inside the entry's program.
   */
  @Test
  void aRefusedPlanWaitsForWhoMetWhatItWrote() throws Exception {
    String contents = "cpus=0=64+wait,1=64";
    ProgramPlan blocking = ProgramPlan.of("blocking", first, "p2").withChain("block");
    String tooMany =
        IntStream.rangeClosed(1, (1 << 17) + 1)
            .mapToObj(i -> i + 100 + "=1")
            .collect(Collectors.joining(",", "blocked=", ""));
    ForwarderPlan good = plan(program(first, "to_cpu", contents), blocking);
    ForwarderPlan bad =
        plan(program(second, "to_cpu", "cpus=0=64+wait,1=64+wait"), blocking.withMaps(tooMany));
    try (Forwarder forwarder = Forwarder.start(good)) {
      try (Traffic _ = Traffic.start(net, WORKERS)) {
        BpfMap gate = map(forwarder, "go");
        BpfMap cpus = map(forwarder, "cpus");
        CompletableFuture<String> refused =
            CompletableFuture.supplyAsync(() -> refusal(forwarder, bad));
        await("a worker is in it", () -> value(gate, 1) > 0);
        await("it is taken back", () -> cpus.programs().size() == 1);
        Thread.sleep(50);
        assertThat(refused).as("its maps are still used").isNotDone();
        List<Long> traps = traps(forwarder.region());
        gate.put(FIRST, new byte[] {1, 0, 0, 0, 0, 0, 0, 0}, BpfMap.ANY);
        assertThat(refused.get(10, TimeUnit.SECONDS))
            .startsWith("program 'blocking': map 'blocked': the key is outside of the map's");
        Thread.sleep(5);
        assertUntouched(forwarder.region(), traps);
        assertThat(forwarder.plan()).isSameAs(good);
        assertThat(map(forwarder, "blocked").keys()).as("all is as before").isEmpty();
        forwarder.apply(plan());
        assertThat(known).allMatch(map -> map.holders() == 0);
      }
      net.stop(forwarder);
    }
  }

  /** The map is in the entry alone, which another has while much else is written. */
  @ParameterizedTest
  @CsvSource({"look_and_add, outer", "look_by_key_and_add, outers"})
  void aRefusedPlanPutsBackTheMapThatAnEntryHad(String function, String outer) throws Exception {
    ProgramPlan blocking = ProgramPlan.of("blocking", first, "p2").withChain("block");
    String tooMany =
        IntStream.rangeClosed(1, (1 << 17) + 1)
            .mapToObj(i -> i + 100 + "=1")
            .collect(Collectors.joining(",", "blocked=", ""));
    try (Forwarder forwarder = Forwarder.start(plan(program(first, function), blocking))) {
      try (Traffic _ = Traffic.start(net, WORKERS)) {
        forwarder.apply(plan(program(second, function), blocking));
        BpfMap holder = map(forwarder, outer);
        BpfMap kept = holder.innerMaps().getFirst();
        assertThat(kept.name()).isEqualTo("inner1");
        ForwarderPlan bad =
            plan(program(second, function, outer + "=1=own2,2=own2"), blocking.withMaps(tooMany));
        assertThat(refusal(forwarder, bad)).startsWith("program 'blocking': map 'blocked'");
        assertThat(holder.innerMaps()).containsExactly(kept);
        awaitMore(kept);
        forwarder.apply(plan());
        await("nothing of it is left", () -> kept.holders() == 0);
      }
      net.stop(forwarder);
    }
  }

  /** Workers that a plan adds are started before its maps are written. */
  @Test
  void workersOfAPlanWhoseMapsCannotBeWrittenEnd() throws Exception {
    WorkerPlan two = new WorkerPlan(2, List.of(), WorkerPlan.Idle.YIELD, 3);
    WorkerPlan three = new WorkerPlan(3, List.of(), WorkerPlan.Idle.YIELD, 3);
    ProgramPlan blocking = ProgramPlan.of("blocking", first, "p2").withChain("block");
    String tooMany =
        IntStream.rangeClosed(1, (1 << 17) + 1)
            .mapToObj(i -> i + 100 + "=1")
            .collect(Collectors.joining(",", "blocked=", ""));
    List<Thread> threads = new CopyOnWriteArrayList<>();
    ThreadFactory factory =
        worker -> {
          threads.add(WorkerThreads.platform().newThread(worker));
          return threads.getLast();
        };
    Control control = Control.start(plan(blocking).withWorkers(two), factory);
    try {
      ForwarderPlan bad = plan(blocking.withMaps(tooMany)).withWorkers(three);
      assertThatThrownBy(() -> control.apply(bad)).isInstanceOf(ForwarderException.class);
      assertThat(threads).hasSize(3);
      assertThat(threads.getLast().isAlive()).isFalse();
      control.apply(plan(blocking).withWorkers(three));
      assertThat(threads).hasSize(4);
    } finally {
      control.stop();
      control.close();
    }
    assertThat(threads).noneMatch(Thread::isAlive);
  }

  /** What is put there again would come beside what is there. */
  @Test
  void aReloadPushesNothingThatTheVersionBeforePushed() throws Exception {
    try (Forwarder forwarder = Forwarder.start(plan(program(first, "line", "queued=1,2")))) {
      QueueMap queue = (QueueMap) map(forwarder, "queued");
      assertThat(queue.values()).hasSize(2);
      forwarder.apply(plan(program(first, "line", "queued=1,2", "go=0=1")));
      assertThat(queue.values()).as("by another line").hasSize(2);
      forwarder.apply(plan(program(second, "line", "queued=1,2", "go=0=1")));
      assertThat(map(forwarder, "queued")).isSameAs(queue);
      assertThat(queue.values()).as("by another object").hasSize(2);
      forwarder.apply(plan(program(second, "line", "queued=3", "go=0=1")));
      assertThat(queue.values()).as("by a line of its own").hasSize(3);
      net.stop(forwarder);
    }
  }

  private static String refusal(Forwarder forwarder, ForwarderPlan plan) {
    try {
      forwarder.apply(plan);
      return "it was not refused";
    } catch (ForwarderException e) {
      return e.getMessage();
    }
  }

  /** By either entry frames pass a program; none may come out that met no program, or another's. */
  @ParameterizedTest
  @CsvSource({"to_port, ports", "to_hashed, hashed"})
  void aFrameMeetsTheProgramOfTheEntryItLeavesBy(String function, String map) throws Exception {
    ProgramPlan program =
        program(first, function, map + "=0=p1+to_first,1=p2+to_second,2=p1+to_first");
    try (Forwarder forwarder = Forwarder.start(plan(program))) {
      int[] ifindexes = forwarder.ports().stream().mapToInt(PortView::ifindex).toArray();
      DeviceMap devices = (DeviceMap) map(forwarder, map);
      MapProgram[] programs = {devices.held(0), devices.held(1)};
      try (Traffic traffic = Traffic.start(net, WORKERS)) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(700);
        for (int i = 0; System.nanoTime() < end; i++) {
          assertThat(devices.set(2, ifindexes[i & 1], programs[i & 1])).isZero();
        }
        assertThat(traffic.came(0)).isPositive();
        assertThat(traffic.came(1)).isPositive();
        assertThat(traffic.strays()).as("frames of another entry's program, or of none").isZero();
      }
      for (MapProgram each : programs) {
        each.release();
      }
      net.stop(forwarder);
    }
  }

  /** Entries come and go by reloads and by hand at once, and each version's maps with them. */
  @Test
  void reloadsAndUpdatesAtOnceLeaveNothing() throws Exception {
    List<String> contents = List.of("next=0=jumped", "next=0=jumped,1=jumped", "next=1=jumped");
    List<BpfMap> all = new ArrayList<>();
    try (Forwarder forwarder = Forwarder.start(plan(program(first, "jump", contents.get(0))))) {
      try (Traffic _ = Traffic.start(net, WORKERS)) {
        BpfMap next = map(forwarder, "next").hold();
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Void> byHand =
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; !stop.get(); i++) {
                    next.remove(ForwarderProgramTest.le32(i & 1));
                    Thread.yield();
                  }
                });
        for (int i = 0; i < 40; i++) {
          Path object = i % 2 == 0 ? second : first;
          forwarder.apply(plan(program(object, "jump", contents.get(i % 3))));
          forwarder.maps().forEach(view -> all.add(view.map()));
        }
        forwarder.apply(plan());
        stop.set(true);
        byHand.get(10, TimeUnit.SECONDS);
        next.release();
        await("nothing is left", () -> all.stream().allMatch(map -> map.holders() == 0));
      }
      net.stop(forwarder);
    }
  }
}
