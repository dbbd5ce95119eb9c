package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.ArenaMap;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapBudget;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.bpf.oracle.KernelTypes;
import org.xdp4j.testing.Covers;

/** Objects that clang built with an arena run as in Linux, and share it with us. */
@Covers({"ARENA", "bpf_arena_alloc_pages", "bpf_arena_free_pages", "bpf_arena_reserve_pages"})
class ArenasTest {
  private static final String SOURCE = "arena.bpf.c";
  private static final String[] OPTIONS = {"-O2", "-g", "-mcpu=v4"};
  private static final int ORDERS = 48;
  private static final int ORDER_SIZE = 32;
  private static final int PAGES = 16;

  @TempDir Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  /** Where a program runs: here, interpreted or compiled, or in the kernel. */
  private interface Machine extends AutoCloseable {
    int run();

    /** What later work left to do is done. */
    void settle() throws InterruptedException;

    byte[] variables();

    void setVariables(byte[] bytes);

    /** Bytes of the arena as user space has it; touches their pages. */
    byte[] read(int offset, int length);

    void write(int offset, byte[] bytes);

    @Override
    void close();
  }

  private final class Ours implements Machine {
    final Region region = Region.reserve(1 << 24);
    final LoadedObject loaded;
    final XdpContext context = new XdpContext(region, 0);
    final XdpProgram program;

    Ours(BpfObject object, String name, boolean interpret) throws Exception {
      LoadOptions options = new LoadOptions(1, interpret, false, Set.of(name));
      loaded = LoadedObject.load(object, region, options);
      program = loaded.program(name).orElseThrow();
    }

    ArenaMap arena() {
      return (ArenaMap) loaded.map("arena").orElseThrow();
    }

    @Override
    public int run() {
      int code = TestRun.run(program, context, new byte[64], 1).returnCode();
      assertThat(program.faults()).isZero();
      return code;
    }

    @Override
    public void settle() {
      assertThat(loaded.runTimers(context)).isEqualTo(1);
    }

    @Override
    public byte[] variables() {
      return loaded.map(".bss").orElseThrow().get(new byte[4]);
    }

    @Override
    public void setVariables(byte[] bytes) {
      assertThat(loaded.map(".bss").orElseThrow().put(new byte[4], bytes, BpfMap.ANY)).isZero();
    }

    @Override
    public byte[] read(int offset, int length) {
      return arena().read(arena().userStart() + offset, length);
    }

    @Override
    public void write(int offset, byte[] bytes) {
      assertThat(arena().write(arena().userStart() + offset, bytes)).isTrue();
    }

    @Override
    public void close() {
      loaded.close();
      region.close();
    }
  }

  private final class Linux implements Machine {
    final List<KernelMap> maps;
    final KernelProgram program;

    Linux(BpfObject object, String name) throws Exception {
      Path file = Clang.objectFile(folder, SOURCE, OPTIONS);
      BpfProgram chosen = object.program(name).orElseThrow();
      try (KernelTypes types = KernelTypes.load(file, object.btf())) {
        maps = KernelOracle.createMaps(chosen, object.maps(), types);
        KernelOracle.Verdict verdict =
            KernelOracle.load(chosen, maps, KernelOracle.LOG_FULL, types);
        assertThat(verdict.accepted()).as(verdict.log()).isTrue();
        program = verdict.program();
      }
    }

    KernelMap map(String name) {
      return maps.stream()
          .filter(map -> map != null && map.spec().name().equals(name))
          .findFirst()
          .orElseThrow();
    }

    @Override
    public int run() {
      return program.run(new byte[64]).returnCode();
    }

    @Override
    public void settle() throws InterruptedException {
      Thread.sleep(100);
    }

    @Override
    public byte[] variables() {
      return map(".bss").lookup(new byte[4]);
    }

    @Override
    public void setVariables(byte[] bytes) {
      assertThat(map(".bss").update(new byte[4], bytes, 0)).isZero();
    }

    @Override
    public byte[] read(int offset, int length) {
      return map("arena")
          .memory()
          .asSlice(offset, length)
          .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    @Override
    public void write(int offset, byte[] bytes) {
      map("arena")
          .memory()
          .asSlice(offset, bytes.length)
          .copyFrom(java.lang.foreign.MemorySegment.ofArray(bytes));
    }

    @Override
    public void close() {
      program.close();
      maps.stream().filter(Objects::nonNull).forEach(KernelMap::close);
    }
  }

  private List<Machine> machines(String program) throws Exception {
    BpfObject object = Clang.build(folder, SOURCE, OPTIONS);
    List<Machine> machines = new ArrayList<>();
    machines.add(new Ours(object, program, false));
    machines.add(new Ours(object, program, true));
    if (KernelOracle.available()) {
      machines.add(new Linux(object, program));
    }
    return machines;
  }

  @ParameterizedTest
  @CsvSource({"variables, 3", "follow, 3"})
  void variablesLieInTheArena(String program, int runs) throws Exception {
    List<List<Integer>> codes = new ArrayList<>();
    List<byte[]> memories = new ArrayList<>();
    Btf btf = Clang.build(folder, SOURCE, OPTIONS).btf();
    for (Machine machine : machines(program)) {
      try (machine) {
        List<Integer> own = new ArrayList<>();
        if (program.equals("follow")) {
          chain(machine, offset(btf, "head"));
        }
        for (int i = 0; i < runs; i++) {
          own.add(machine.run());
        }
        codes.add(own);
        memories.add(machine.read(0, 2 * 4096));
      }
    }
    assertThat(codes.getFirst()).doesNotHaveDuplicates();
    assertThat(codes).containsOnly(codes.getFirst());
    memories.forEach(memory -> assertThat(memory).isEqualTo(memories.getFirst()));
  }

  /** User space makes a list, of pointers as it has them itself, that crosses pages. */
  private static void chain(Machine machine, int head) {
    long start = 1L << 44;
    for (int i = 0; i < 20; i++) {
      int at = 512 + i * 300 & -8;
      int next = 512 + (i + 1) * 300 & -8;
      ByteBuffer node = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
      node.putLong(i == 19 ? 0 : start + next).putLong(i * 5L + 1);
      machine.write(at, node.array());
    }
    ByteBuffer pointer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    machine.write(head, pointer.putLong(0, start + 512).array());
  }

  /** Where the variable of this name lies in the arena. */
  private static int offset(Btf btf, String name) {
    int section = btf.find(BtfType.Datasec.class, ".addr_space.1");
    return ((BtfType.Datasec) btf.type(section))
        .variables().stream()
            .filter(variable -> btf.type(variable.type()).name().equals(name))
            .mapToInt(BtfType.Secinfo::offset)
            .findFirst()
            .orElseThrow();
  }

  /** Orders that work carries out: pages asked for, given back, reserved, touched. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18})
  void pagesComeAndGoAsInLinux(long seed) throws Exception {
    List<byte[]> results = new ArrayList<>();
    for (Machine machine : machines("hand_over")) {
      try (machine) {
        machine.setVariables(orders(new Random(seed)));
        machine.write(3 * 4096, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        assertThat(machine.run()).isEqualTo(2);
        machine.settle();
        results.add(machine.variables());
      }
    }
    for (byte[] result : results) {
      for (int i = 0; i < ORDERS; i++) {
        assertThat(order(result, i)).as("order %d", i).isEqualTo(order(results.getLast(), i));
      }
    }
  }

  private static List<Long> order(byte[] variables, int i) {
    ByteBuffer words = ByteBuffer.wrap(variables).order(ByteOrder.LITTLE_ENDIAN);
    int at = i * ORDER_SIZE;
    return List.of(
        (long) words.getInt(at),
        (long) words.getInt(at + 4),
        (long) words.getInt(at + 8),
        (long) words.getInt(at + 12),
        words.getLong(at + 16),
        words.getLong(at + 24));
  }

  private static byte[] orders(Random random) {
    ByteBuffer words = ByteBuffer.allocate(ORDERS * ORDER_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < ORDERS; i++) {
      int what = random.nextInt(5);
      int[] counts = {0, 1, 1, 1, 2, 3, 5, 16, 17, -1};
      int crooked = random.nextInt(12) == 0 ? 8 << 8 : 0;
      words.putInt(what).putInt(random.nextInt(PAGES + 2));
      words.putInt(counts[random.nextInt(counts.length)]);
      words.putInt(random.nextInt(10) == 0 ? 1 : crooked).putLong(0).putLong(0);
    }
    return words.array();
  }

  @ParameterizedTest
  @ValueSource(strings = {"variables"})
  void itsMemoryGoesBack(String program) throws Exception {
    BpfObject object = Clang.build(folder, SOURCE, OPTIONS);
    try (Region region = Region.reserve(1 << 22)) {
      long free = region.free();
      LoadOptions options = new LoadOptions(1, false, false, Set.of(program));
      LoadedObject loaded = LoadedObject.load(object, region, options);
      ArenaMap arena = (ArenaMap) loaded.map("arena").orElseThrow();
      assertThat(arena.pagesInUse()).isEqualTo(1);
      assertThat(arena.read(arena.userEnd() - 8, 8)).containsOnly(0);
      assertThat(arena.read(arena.userEnd() - 7, 8)).isNull();
      assertThat(arena.read(arena.userStart() - 1, 8)).isNull();
      assertThat(arena.peek(arena.userStart() + 4096, 8)).containsOnly(0);
      assertThat(arena.pagesInUse()).isEqualTo(2);
      assertThat(arena.get(new byte[0])).isNull();
      assertThat(arena.keys()).isEmpty();
      loaded.close();
      assertThat(region.free()).isEqualTo(free);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1 << 20})
  void whereMemoryIsShortNothingIsLost(long size) throws Exception {
    BpfObject object = Clang.build(folder, SOURCE, OPTIONS);
    try (Region region = Region.reserve(size)) {
      LoadOptions options =
          new LoadOptions(1, false, false, Set.of("variables"))
              .within(new MapBudget(1680 + 3 * 4096));
      assertThatThrownBy(
              () -> LoadedObject.load(object, region, options.within(new MapBudget(100))))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("arena");
      try (LoadedObject loaded = LoadedObject.load(object, region, options)) {
        ArenaMap arena = (ArenaMap) loaded.map("arena").orElseThrow();
        assertThat(arena.allocate(0, 4, 0)).isZero();
        assertThat(arena.pagesInUse()).isEqualTo(1);
        assertThat(arena.allocate(0, 1, 0)).isEqualTo(arena.userStart() + 4096);
      }
    }
  }
}
