package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapBudget;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelRuns;
import org.xdp4j.bpf.oracle.Pinned;
import org.xdp4j.testing.Covers;

/**
 * Programs that allocate objects, throw, lock and look at strings return, run after run, what they
 * return in Linux, interpreted and compiled; and leave nothing allocated when they are gone.
 */
@Covers({
  "bpf_kptr_xchg",
  "bpf_per_cpu_ptr",
  "bpf_this_cpu_ptr",
  "bpf_obj_new_impl",
  "bpf_obj_drop_impl",
  "bpf_percpu_obj_new_impl",
  "bpf_percpu_obj_drop_impl",
  "bpf_refcount_acquire_impl",
  "bpf_list_push_front_impl",
  "bpf_list_push_back_impl",
  "bpf_list_pop_front",
  "bpf_list_pop_back",
  "bpf_list_front",
  "bpf_list_back",
  "bpf_rbtree_add_impl",
  "bpf_rbtree_remove",
  "bpf_rbtree_first",
  "bpf_rbtree_root",
  "bpf_rbtree_left",
  "bpf_rbtree_right",
  "bpf_throw",
  "bpf_iter_bits_new",
  "bpf_iter_bits_next",
  "bpf_iter_bits_destroy",
  "bpf_res_spin_lock",
  "bpf_res_spin_unlock",
  "bpf_strcmp",
  "bpf_strcasecmp",
  "bpf_strlen",
  "bpf_strnlen",
  "bpf_strchr",
  "bpf_strnchr",
  "bpf_strchrnul",
  "bpf_strrchr",
  "bpf_strspn",
  "bpf_strcspn",
  "bpf_strstr",
  "bpf_strnstr"
})
class AllocatedObjectsTest {
  private static final int RUNS = 400;
  private static final int WORKERS = 3;
  private static final long REGION = 1 << 24;

  /** Of churn.bpf.c. */
  private static final int TURNS = 30_000;

  @TempDir Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  private BpfObject build(String source) throws Exception {
    return Clang.build(folder, source, "-O2", "-g", "-mcpu=v3");
  }

  private static List<byte[]> frames() {
    Random random = new Random(20);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      byte[] frame = new byte[64];
      random.nextBytes(frame);
      frames.add(frame);
    }
    return frames;
  }

  /** What a run of {@code program} over each frame returns, nothing being left behind. */
  private static List<Integer> run(BpfObject object, String program, boolean interpret)
      throws LoadException {
    List<Integer> results = new ArrayList<>();
    LoadOptions options = new LoadOptions(2, interpret, false, Set.of(program));
    try (Region region = Region.reserve(REGION)) {
      try (LoadedObject loaded = LoadedObject.load(object, region, options)) {
        XdpProgram loadedProgram = loaded.program(program).orElseThrow();
        XdpContext context = new XdpContext(region, 0);
        for (byte[] frame : frames()) {
          results.add(TestRun.run(loadedProgram, context, frame, 1).returnCode());
        }
        assertThat(loadedProgram.faults()).isZero();
      }
      assertThat(region.objects().live()).isZero();
    }
    return results;
  }

  @ParameterizedTest
  @CsvSource({
    "allocated.bpf.c, lists",
    "allocated.bpf.c, trees",
    "allocated.bpf.c, kptrs",
    "allocated.bpf.c, refcounts",
    "allocated.bpf.c, per_cpu",
    "allocated.bpf.c, hashed",
    "thrown.bpf.c, throws",
    "thrown.bpf.c, handles",
    "thrown.bpf.c, bits",
    "thrown.bpf.c, locks",
    "thrown.bpf.c, strings"
  })
  void runsReturnWhatTheyReturnInLinux(String source, String program) throws Exception {
    BpfObject object = build(source);
    List<Integer> compiled = run(object, program, false);
    assertThat(run(object, program, true)).isEqualTo(compiled);
    if (!KernelOracle.available()) {
      return;
    }
    List<Integer> kernel = new ArrayList<>();
    Pinned.run(0, () -> kernel.addAll(inKernel(object, source, program)));
    assertThat(compiled).isEqualTo(kernel);
  }

  private List<Integer> inKernel(BpfObject object, String source, String name) {
    Path file = Clang.objectFile(folder, source, "-O2", "-g", "-mcpu=v3");
    return KernelRuns.of(object, file, name, frames());
  }

  /** Objects that maps still hold are freed with them, and their memory goes back. */
  @ParameterizedTest
  @ValueSource(strings = {"lists", "trees", "kptrs", "refcounts", "per_cpu", "hashed"})
  void whatMapsHoldIsFreedWithThem(String program) throws Exception {
    BpfObject object = build("allocated.bpf.c");
    try (Region region = Region.reserve(REGION)) {
      XdpContext context = new XdpContext(region, 0);
      long free = region.free();
      LoadOptions options = new LoadOptions(1, false, false, Set.of(program));
      try (LoadedObject loaded = LoadedObject.load(object, region, options)) {
        ByteBuffer frame = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 50; i++) {
          frame.putInt(0, i * 7919);
          context.reset();
          TestRun.run(loaded.program(program).orElseThrow(), context, frame.array(), 1);
        }
        assertThat(region.objects().live()).isPositive();
      }
      assertThat(region.objects().live()).isZero();
      assertThat(region.free()).isEqualTo(free);
    }
  }

  /** Workers that share maps neither lose objects nor drop one twice. */
  @ParameterizedTest
  @ValueSource(strings = {"lists", "trees", "kptrs", "refcounts", "hashed"})
  void workersShareWhatMapsHold(String program) throws Exception {
    BpfObject object = build("allocated.bpf.c");
    LoadOptions options = new LoadOptions(WORKERS, false, false, Set.of(program));
    try (Region region = Region.reserve(REGION)) {
      try (LoadedObject loaded = LoadedObject.load(object, region, options)) {
        XdpProgram shared = loaded.program(program).orElseThrow();
        List<Thread> workers = new ArrayList<>();
        for (int cpu = 0; cpu < WORKERS; cpu++) {
          XdpContext context = new XdpContext(region, cpu);
          workers.add(
              Thread.ofPlatform()
                  .start(() -> frames().forEach(f -> TestRun.run(shared, context, f, 20))));
        }
        for (Thread worker : workers) {
          worker.join();
        }
        assertThat(shared.faults()).isZero();
        assertThat(region.objects().live()).isPositive();
      }
      assertThat(region.objects().live()).isZero();
    }
  }

  /**
   * What only one run could see is used again in that run; what others may look at, after it. In
   * Linux iterators give their memory back at once (bpf_mem_free).
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRunAllocatesMoreThanThereIsMemory(boolean interpret) throws Exception {
    BpfObject object = build("churn.bpf.c");
    MapBudget budget = new MapBudget(1 << 20);
    LoadOptions options = new LoadOptions(1, interpret, false, Set.of()).within(budget);
    try (Region region = Region.reserve(1 << 22)) {
      long free = region.free();
      try (LoadedObject loaded = LoadedObject.load(object, region, options)) {
        XdpContext context = new XdpContext(region, 0);
        int iterators = run(loaded, "iterators", context);
        assertThat(iterators).isBetween(TURNS, 2 * TURNS);
        if (KernelOracle.available()) {
          Path file = Clang.objectFile(folder, "churn.bpf.c", "-O2", "-g", "-mcpu=v3");
          List<byte[]> frames = List.of(new byte[64]);
          assertThat(KernelRuns.of(object, file, "iterators", frames)).containsExactly(iterators);
        }
        assertThat(run(loaded, "objects", context)).isEqualTo(TURNS);
        for (int i = 0; i < 3; i++) {
          assertThat(run(loaded, "exchanges", context)).isBetween(6000, 9000);
        }
        assertThat(budget.used()).as("all of it is counted").isBetween(900L << 10, 1L << 20);
        MapSpec large = MapSpec.of("large", MapType.ARRAY, 4, 8, 100 << 10, 0);
        BpfMap map = MapFactory.create(large, region, 1, budget);
        assertThat(run(loaded, "objects", context)).as("in what is left").isEqualTo(TURNS);
        map.free();
      }
      assertThat(budget.used()).isZero();
      assertThat(region.free()).isBetween(free - 1024 * 1024, free);
    }
  }

  private static int run(LoadedObject loaded, String name, XdpContext context) {
    XdpProgram program = loaded.program(name).orElseThrow();
    int result = TestRun.run(program, context, new byte[64], 1).returnCode();
    assertThat(program.faults()).isZero();
    return result;
  }
}
