package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.testing.Covers;

/** Objects that use each other's maps: versions of a program, and maps pinned by name. */
class SharedMapsTest {
  private static final int THREADS = 2;
  private static final int SWAPS = 40;
  private static final int PASS = 2;

  @TempDir Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  private BpfObject version(int number, String... more) throws Exception {
    List<String> options = new ArrayList<>(List.of("-O2", "-g", "-mcpu=v3"));
    options.add("-DVERSION=" + number);
    options.addAll(List.of(more));
    return Clang.build(folder, "versions.bpf.c", options.toArray(String[]::new));
  }

  private static LoadOptions options(boolean interpret) {
    return new LoadOptions(THREADS, interpret, false, Set.of("count"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aNewVersionGoesOnWithTheMapsWhileFramesFlow(boolean interpret) throws Exception {
    List<BpfObject> objects = List.of(version(1), version(2));
    try (Region region = Region.reserve(1 << 24)) {
      LoadedObject current = LoadedObject.load(objects.get(0), region, options(interpret));
      AtomicReference<XdpProgram> running = new AtomicReference<>(program(current));
      Flow flow = new Flow(region, THREADS, (context, i) -> run(running.get(), context, i));
      long before = region.free();
      for (int swap = 1; swap <= SWAPS; swap++) {
        LoadedObject next =
            LoadedObject.load(objects.get(swap & 1), region, options(interpret).reuse(current));
        running.set(program(next));
        flow.pass();
        current.close();
        current = next;
      }
      long frames = flow.stop();
      assertThat(sum(current, "total")).isEqualTo(frames);
      assertThat(sum(current, "versions")).isEqualTo(frames);
      assertThat(sum(current, "jumped")).isEqualTo(frames);
      assertThat(sum(current, ".bss")).isPositive().isLessThan(frames);
      assertThat(region.free()).isEqualTo(before);
      current.close();
    }
  }

  @Test
  @Covers({"PROG_ARRAY", "bpf_tail_call"})
  void slotsOfAProgramArrayChangeWhileProgramsJumpThroughThem() throws Exception {
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(version(1), region, options(false))) {
      ProgramArrayMap next = (ProgramArrayMap) loaded.map("next").orElseThrow();
      XdpProgram first = loaded.program("first").orElseThrow();
      XdpProgram second = loaded.program("second").orElseThrow();
      Flow flow = new Flow(region, THREADS, (context, i) -> run(program(loaded), context, i));
      for (int change = 0; change < 2000; change++) {
        byte[] slot = {(byte) (change & 3), 0, 0, 0};
        switch (change % 3) {
          case 0 -> first.putInto(next, change & 3);
          case 1 -> second.putInto(next, change & 3);
          default -> next.remove(slot);
        }
        if (change % 100 == 0) {
          flow.pass();
        }
      }
      long frames = flow.stop();
      assertThat(sum(loaded, "jumped")).isEqualTo(frames);
      assertThat(first.faults() + second.faults() + program(loaded).faults()).isZero();
    }
  }

  @Test
  void anObjectIsGivenAMapByName() throws Exception {
    BpfObject object = version(1);
    try (Region region = Region.reserve(1 << 24);
        LoadedObject one = LoadedObject.load(object, region, options(false))) {
      BpfMap versions = one.map("versions").orElseThrow();
      LoadOptions shared = options(false).reuse("versions", versions);
      try (LoadedObject other = LoadedObject.load(version(2, "-DENTRIES=99"), region, shared)) {
        run(program(one), new XdpContext(region, 0), 0);
        run(program(other), new XdpContext(region, 0), 0);
        assertThat(other.map("versions")).containsSame(versions);
        assertThat(versions.spec().maxEntries()).isEqualTo(16);
        assertThat(other.definition(versions).maxEntries()).isEqualTo(99);
        assertThat(versions.keys()).hasSize(2);
        assertThat(sum(one, "total")).isEqualTo(1);
      }
      assertThat(versions.keys()).hasSize(2);
    }
  }

  @Test
  void aMapThatDoesNotFitIsRefusedAndNothingStays() throws Exception {
    BpfObject object = version(1);
    try (Region region = Region.reserve(1 << 24);
        LoadedObject one = LoadedObject.load(object, region, options(false))) {
      long before = region.free();
      BpfMap jumped = one.map("jumped").orElseThrow();
      BpfMap total = one.map("total").orElseThrow();
      LoadOptions fewer = new LoadOptions(1, false, false, Set.of("count"));
      assertThatThrownBy(() -> LoadedObject.load(object, region, fewer.reuse("jumped", jumped)))
          .isInstanceOf(LoadException.class)
          .hasMessageEndingWith(
              "map jumped cannot be the one that is there: it has values for 2 CPUs, and the"
                  + " object is loaded for 1");
      assertThatThrownBy(
              () -> LoadedObject.load(object, region, options(false).reuse("next", total)))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("ARRAY");
      BpfMap constants = one.map(".rodata").orElseThrow();
      LoadOptions frozen = options(false).reuse(".rodata", constants);
      assertThatThrownBy(() -> LoadedObject.load(version(2), region, frozen))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("it holds constants");
      try (Region other = Region.reserve(1 << 24)) {
        assertThatThrownBy(() -> LoadedObject.load(object, other, options(false).reuse(one)))
            .isInstanceOf(LoadException.class)
            .hasMessageContaining("it lives in another region");
      }
      assertThat(region.free()).isEqualTo(before);
    }
  }

  @Test
  void mapsPinnedByNameAreSharedUntilTheyAreUnpinned() throws Exception {
    try (Region region = Region.reserve(1 << 24)) {
      XdpContext context = new XdpContext(region, 0);
      long before = region.free();
      try (PinnedMaps pins = new PinnedMaps()) {
        LoadOptions pinned = options(false).pinnedIn(pins);
        for (int number = 1; number <= 3; number++) {
          try (LoadedObject loaded =
              LoadedObject.load(version(number, "-DPINNED"), region, pinned)) {
            run(program(loaded), context, 0);
            assertThat(sum(loaded, "versions")).isEqualTo(number);
            assertThat(sum(loaded, "total")).isEqualTo(1);
          }
        }
        assertThat(pins.names()).containsExactly("versions");
        assertThatThrownBy(
                () -> LoadedObject.load(version(4, "-DPINNED", "-DENTRIES=99"), region, pinned))
            .isInstanceOf(LoadException.class)
            .hasMessageEndingWith(
                "map 'versions' is not the one pinned under this name: max_entries 99 here, 16"
                    + " there");
        assertThat(pins.pin("versions", pins.find("versions").orElseThrow())).isFalse();
        assertThat(pins.unpin("none")).isFalse();
      }
      assertThat(region.free()).isEqualTo(before);
    }
  }

  private static XdpProgram program(LoadedObject loaded) {
    return loaded.program("count").orElseThrow();
  }

  private static void run(XdpProgram program, XdpContext context, long i) {
    context.rxQueueIndex = (int) i;
    if (program.run(context) != PASS) {
      throw new AssertionError("a run ended in something else than XDP_PASS");
    }
  }

  /** The sum of a map's 8-byte values. */
  private static long sum(LoadedObject loaded, String name) {
    BpfMap map = loaded.map(name).orElseThrow();
    long sum = 0;
    for (byte[] key : map.keys()) {
      ByteBuffer values = ByteBuffer.wrap(map.get(key)).order(ByteOrder.LITTLE_ENDIAN);
      while (values.hasRemaining()) {
        sum += values.getLong();
      }
    }
    return sum;
  }

  /** Threads that run frames, each over and over, until they are stopped. */
  private static final class Flow {
    private static final int PER_PASS = 64;

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLongArray passes;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    Flow(Region region, int count, BiConsumer<XdpContext, Long> run) {
      passes = new AtomicLongArray(count);
      for (int cpu = 0; cpu < count; cpu++) {
        XdpContext context = new XdpContext(region, cpu);
        threads.add(Thread.ofPlatform().start(() -> go(context, run)));
      }
    }

    private void go(XdpContext context, BiConsumer<XdpContext, Long> run) {
      try {
        while (!stop.get()) {
          for (long i = 0; i < PER_PASS; i++) {
            run.accept(context, i);
          }
          passes.incrementAndGet(context.cpu);
        }
      } catch (Throwable e) {
        failure.set(e);
      }
    }

    /** Waits until every thread has gone through a pass that began after now. */
    void pass() throws InterruptedException {
      for (int i = 0; i < passes.length(); i++) {
        long until = passes.get(i) + 2;
        while (passes.get(i) < until && failure.get() == null) {
          Thread.sleep(1);
        }
      }
    }

    /** Stops; how many frames were run. */
    long stop() throws InterruptedException {
      stop.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(failure.get()).isNull();
      long all = 0;
      for (int i = 0; i < passes.length(); i++) {
        all += passes.get(i) * PER_PASS;
      }
      return all;
    }
  }
}
