package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapBudget;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.oracle.BpfTool;

/**
 * Objects that are refused, each for another reason, leave nothing: no map's memory, in the region
 * or counted, no pinned map and no thread. The sentence names the map or the instruction.
 */
class RefusedObjectsTest {
  private static final int DAMAGED = Integer.getInteger("xdp4j.refused.objects", 3_000);
  private static final long SEED = 0xdead;
  private static final long BUDGET = 64L << 20;
  private static final MapSpec GOOD =
      MapSpec.of("good", MapType.HASH, 4, 8, 1000, 0).withPinning(MapSpec.PIN_BY_NAME);
  private static final MapSpec INNER = MapSpec.of("inner", MapType.ARRAY, 4, 8, 4, 0);
  private static final String LOOK_UP =
      """
      *(u32 *)(r10 - 4) = 0
      r1 = map[0] ll
      r2 = r10
      r2 += -4
      call 1
      """;
  private static final String USE_OTHER = "r3 = map[1] ll\n";

  @TempDir private static Path folder;

  private final Region region = Region.reserve(1L << 30);
  private final MapBudget budget = new MapBudget(BUDGET);
  private final PinnedMaps pins = new PinnedMaps();
  private final LoadOptions options =
      new LoadOptions(2, true, false, Set.of()).within(budget).pinnedIn(pins);

  private static BpfObject object(String code, MapSpec... maps) {
    try {
      List<Instruction> instructions = Assembler.assemble(code + "r0 = 2\nexit\n");
      return new BpfObject(
          "bad.o",
          List.of(BpfProgram.of(instructions).withType(ProgramType.XDP)),
          List.of(maps),
          Btf.EMPTY,
          "GPL");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Arguments map(MapSpec spec, String reason) {
    return Arguments.of(
        object(LOOK_UP + USE_OTHER, GOOD, spec), "map '" + spec.name() + "' " + reason);
  }

  private static Arguments map(MapType type, int key, int value, int entries, String reason) {
    return map(MapSpec.of("odd", type, key, value, entries, 0), reason);
  }

  private static MapSpec holder(MapSpec inner, MapSpec.Slot... slots) {
    return MapSpec.of("holder", MapType.ARRAY_OF_MAPS, 4, 4, 2, 0)
        .withInner(inner)
        .withSlots(List.of(slots));
  }

  private static Arguments held(MapSpec other, String reason) {
    MapSpec holder = holder(INNER, new MapSpec.Slot(0, "other"));
    return Arguments.of(
        object(LOOK_UP + USE_OTHER, GOOD, holder, other),
        "map holder cannot hold map other at 0: " + reason);
  }

  private static MapSpec other(MapType type, int key, int value, int entries, int flags) {
    return MapSpec.of("other", type, key, value, entries, flags);
  }

  static Stream<Arguments> refused() {
    int enormous = 1 << 31;
    return Stream.of(
        map(MapType.HASH, 0, 4, 1, "has keys of 0 bytes"),
        map(MapType.HASH, 4, 0, 1, "has values of 0 bytes"),
        map(MapType.HASH, 4, 4, 0, "has max_entries 0"),
        map(MapType.HASH, 4, 4, enormous, "has max_entries 2147483648, more than"),
        map(MapType.ARRAY, 8, 4, 1, "has keys of 8 bytes, but ARRAY takes keys of 4"),
        map(MapType.ARRAY, 4, -1, 1, "has values of 4294967295 bytes"),
        map(MapType.ARRAY, 4, 1 << 20, 64, "does not fit: of 64 MiB that maps may take"),
        map(MapType.LPM_TRIE, 8, 4, 1, "is an LPM_TRIE without BPF_F_NO_PREALLOC"),
        map(MapType.RINGBUF, 4, 0, 4096, "has keys or values"),
        map(MapType.QUEUE, 4, 4, 1, "has keys of 4 bytes, but QUEUE takes keys of 0"),
        map(MapType.STACK_TRACE, 4, 8, 1, "has the type STACK_TRACE, which keeps call stacks"),
        map(MapSpec.of("odd", MapType.HASH, 4, 4, 1, 1 << 20), "has flags 0x100000"),
        map(MapSpec.of("odd", 999, 4, 4, 1, 0), "has the unknown type 999"),
        map(holder(null), "does not say what its inner maps are"),
        map(holder(holder(INNER)), "cannot hold maps of type ARRAY_OF_MAPS"),
        inner(),
        held(other(MapType.HASH, 4, 8, 4, 0), "it is a map of type HASH, not a map of type ARRAY"),
        held(other(MapType.ARRAY, 4, 16, 4, 0), "it has values of 16 bytes, not 8"),
        held(other(MapType.ARRAY, 4, 8, 5, 0), "it has max_entries 5, not 4"),
        held(other(MapType.ARRAY, 4, 8, 4, 1 << 7), "it has map_flags 0x80, not 0x0"),
        held(
            other(MapType.HASH, 8, 4, 4, 1),
            "it is a map of type HASH, not a map of type ARRAY, has keys of 8 bytes, not 4, has"
                + " values of 4 bytes, not 8, has map_flags 0x1, not 0x0"),
        Arguments.of(
            object(
                LOOK_UP + USE_OTHER,
                GOOD,
                holder(INNER, new MapSpec.Slot(2, "other")),
                other(MapType.ARRAY, 4, 8, 4, 0)),
            "map holder cannot hold map other at 2: it has room for 2 maps (E2BIG)"),
        Arguments.of(
            object(LOOK_UP + USE_OTHER, GOOD, holder(INNER, new MapSpec.Slot(0, "other"))),
            "map holder holds map other at 0, which the object does not have"),
        Arguments.of(object(LOOK_UP + "call 9999\n", GOOD), "instruction 6"),
        Arguments.of(object(LOOK_UP + "r0 = *(u64 *)(r0 + 0)\n", GOOD), "instruction 6"),
        Arguments.of(object(LOOK_UP + "r0 = *(u64 *)(r3 + 0)\n", GOOD), "instruction 6"));
  }

  private static Arguments inner() {
    return Arguments.of(
        object(LOOK_UP + USE_OTHER, GOOD, holder(INNER.withMaxEntries(0))),
        "map 'inner' has max_entries 0");
  }

  @ParameterizedTest
  @MethodSource("refused")
  void aRefusalNamesWhatIsRefusedAndLeavesNothing(BpfObject object, String sentence) {
    long free = region.free();
    Set<Thread> threads = Thread.getAllStackTraces().keySet();
    assertThatThrownBy(() -> LoadedObject.load(object, region, options))
        .isInstanceOf(LoadException.class)
        .hasMessageStartingWith("bad.o: ")
        .hasMessageContaining(sentence)
        .hasMessageNotContaining("\n");
    assertNothingIsLeft(free);
    assertThat(threads).containsAll(Thread.getAllStackTraces().keySet());
  }

  /**
   * What needs no run to be known, and no map to be made, is known beforehand in the same words.
   */
  @ParameterizedTest
  @MethodSource("refused")
  void aRefusalIsToldBeforeAnythingIsMade(BpfObject object, String sentence) {
    String objection = LoadedObject.objection(object, object.programs().getFirst(), options);
    boolean ofTheProgram = sentence.startsWith("instruction");
    boolean ofMemory = sentence.contains("does not fit");
    if (ofTheProgram || ofMemory) {
      assertThat(objection).isNull();
    } else {
      assertThat(objection).contains(sentence);
      assertThatThrownBy(() -> LoadedObject.load(object, region, options))
          .hasMessage("bad.o: " + objection);
    }
  }

  /** An object that names maps in C, of which its program uses the last or none. */
  private BpfObject inC(String name, String maps, boolean used) throws Exception {
    Path source = folder.resolve(name + ".bpf.c");
    Files.writeString(
        source,
        """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        #define MAP(t, n, k, v, f) __uint(type, t); __uint(max_entries, n); __type(key, k); \
        __type(value, v); __uint(map_flags, f)
        struct inner { MAP(BPF_MAP_TYPE_HASH, 4, __u32, __u32, 0); };
        %s
        SEC("xdp") int look(void *ctx) { __u32 key = 0; return %s ? 1 : 2; }
        char _license[] SEC("license") = "GPL";
        """
            .formatted(maps, used ? "bpf_map_lookup_elem(&m, &key)" : "key"));
    return Clang.build(source, folder.resolve(name + ".bpf.o"), "-O2", "-g");
  }

  private static String holder(String other, int slot) {
    return """
    struct { %s; } x SEC(".maps");
    struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __uint(max_entries, 1); __type(key, __u32);
    __array(values, struct inner); } m SEC(".maps") = { .values = { [%d] = (void *)&x } };
    """
        .formatted(other, slot);
  }

  private static String plain(String definition) {
    return "struct { " + definition + "; } m SEC(\".maps\");";
  }

  /** Definitions, and whether Linux makes them; asked whether a program uses the map or not. */
  static Stream<Arguments> definitions() {
    return Stream.of(
        Arguments.of("fits", holder("MAP(BPF_MAP_TYPE_HASH, 9, __u32, __u32, 0)", 2), true),
        Arguments.of("value", holder("MAP(BPF_MAP_TYPE_HASH, 4, __u32, __u64, 0)", 2), false),
        Arguments.of("key", holder("MAP(BPF_MAP_TYPE_HASH, 4, __u64, __u32, 0)", 2), false),
        Arguments.of("flags", holder("MAP(BPF_MAP_TYPE_HASH, 4, __u32, __u32, 1)", 2), false),
        Arguments.of("type", holder("MAP(BPF_MAP_TYPE_LRU_HASH, 4, __u32, __u32, 0)", 2), false),
        Arguments.of("empty", plain("MAP(BPF_MAP_TYPE_HASH, 0, __u32, __u32, 0)"), false),
        Arguments.of("unknown", plain("MAP(77, 1, __u32, __u32, 0)"), false),
        Arguments.of("later", plain("MAP(34, 1, __u32, __u32, 0)"), false),
        Arguments.of("flag", plain("MAP(BPF_MAP_TYPE_HASH, 1, __u32, __u32, 1 << 19)"), false),
        Arguments.of("lru", plain("MAP(BPF_MAP_TYPE_LRU_HASH, 1, __u32, __u32, 1)"), false),
        Arguments.of("bare", plain("MAP(BPF_MAP_TYPE_ARRAY_OF_MAPS, 1, __u32, __u32, 0)"), false),
        Arguments.of(
            "node",
            plain("MAP(BPF_MAP_TYPE_HASH, 1, __u32, __u32, 4); __uint(numa_node, 77)"),
            false),
        Arguments.of("node0", plain("MAP(BPF_MAP_TYPE_HASH, 1, __u32, __u32, 4)"), true));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("definitions")
  void mapsAreJudgedAsInLinuxWhetherTheyAreUsedOrNot(String name, String maps, boolean made)
      throws Exception {
    Clang.assume();
    for (boolean used : new boolean[] {true, false}) {
      BpfObject object = inC(name + used, maps, used);
      String objection = LoadedObject.objection(object, object.programs().getFirst(), options);
      assertThat(objection == null).as(objection).isEqualTo(made);
      assertThat(loadAndLeave(object)).isEqualTo(made);
      if (BpfTool.isThere()) {
        assertThat(BpfTool.loads(folder.resolve(name + used + ".bpf.o"))).isEqualTo(made);
      }
    }
  }

  private void assertNothingIsLeft(long free) {
    assertThat(budget.used()).as("bytes counted").isZero();
    assertThat(region.free()).as("bytes of the region").isEqualTo(free);
    assertThat(pins.names()).as("pinned maps").isEmpty();
  }

  /** A map's fault is told before the fault of an instruction that uses it. */
  @Test
  void aMapIsRefusedBeforeTheInstructionThatUsesIt() {
    MapSpec odd = MapSpec.of("odd", MapType.HASH, 600, 0, 1, 0);
    assertThatThrownBy(() -> LoadedObject.load(object(LOOK_UP, odd), region, options))
        .hasMessageContaining("map 'odd' has values of 0 bytes");
  }

  /** As libbpf makes all maps; but what only a kernel can make is no matter until it is used. */
  @Test
  void aMapThatNoProgramUsesIsRefusedOnlyAsInLinux() throws Exception {
    MapSpec bad = MapSpec.of("unused", MapType.HASH, 4, 4, 0, 0);
    assertThatThrownBy(() -> LoadedObject.load(object("", bad), region, options))
        .hasMessage("bad.o: map 'unused' has max_entries 0 (EINVAL)");
    MapSpec stacks = MapSpec.of("stacks", MapType.STACK_TRACE, 4, 8, 1, 0);
    LoadedObject.load(object("", stacks), region, options).close();
  }

  @Test
  void aPinThatWasThereStays() throws Exception {
    LoadedObject first = LoadedObject.load(object(LOOK_UP, GOOD), region, options);
    long used = budget.used();
    MapSpec odd = MapSpec.of("odd", MapType.ARRAY, 4, 1 << 20, 64, 0);
    assertThatThrownBy(
            () -> LoadedObject.load(object(LOOK_UP + USE_OTHER, GOOD, odd), region, options))
        .hasMessageContaining("map 'odd' does not fit");
    assertThat(pins.names()).containsExactly("good");
    BpfMap good = pins.find("good").orElseThrow();
    assertThat(good.put(new byte[4], new byte[8], 0)).isZero();
    first.close();
    assertThat(budget.used()).isEqualTo(used);
    pins.close();
    assertThat(budget.used()).isZero();
  }

  /** Numbers of entries have 32 bits in both kinds of definition, as in Linux. */
  @ParameterizedTest
  @CsvSource({
    "LPM_TRIE, '__uint(map_flags, 1);', true",
    "HASH, '', false",
    "ARRAY, '', false",
  })
  void anEnormousNumberOfEntriesIsForTheTypeToRefuse(String type, String more, boolean loads)
      throws Exception {
    Clang.assume();
    Path source = folder.resolve(type + ".bpf.c");
    String key = type.equals("LPM_TRIE") ? "__u64" : "__u32";
    Files.writeString(
        source,
        """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        struct { __uint(type, BPF_MAP_TYPE_%s); __uint(max_entries, 0xffffffff); %s
        __type(key, %s); __type(value, __u64[8]); } huge SEC(".maps");
        SEC("xdp") int look(void *ctx) { %s key = 0; return bpf_map_lookup_elem(&huge, &key) ? 1 : 2; }
        """
            .formatted(type, more, key, key));
    Path file = folder.resolve(type + ".bpf.o");
    BpfObject object = Clang.build(source, file, "-O2", "-g");
    assertThat(object.map("huge").orElseThrow().maxEntries()).isEqualTo(-1);
    assertThat(loadAndLeave(object)).isEqualTo(loads);
    BpfTool.assume();
    boolean inLinux = true;
    try {
      BpfTool.load(file).close();
    } catch (IOException refused) {
      inLinux = false;
    }
    assertThat(inLinux).isEqualTo(loads);
  }

  @Test
  void anOldDefinitionMayHaveAsMany() throws Exception {
    Clang.assume();
    Path source = folder.resolve("old.bpf.c");
    Files.writeString(
        source,
        """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        struct { unsigned int type, key, value, entries, flags; } huge
            __attribute__((section("maps"), used)) = { BPF_MAP_TYPE_LPM_TRIE, 8, 8, ~0u, 1 };
        SEC("xdp") int look(void *ctx) { __u64 key = 0; return bpf_map_lookup_elem(&huge, &key) ? 1 : 2; }
        """);
    BpfObject object = Clang.build(source, folder.resolve("old.bpf.o"), "-O2");
    assertThat(object.map("huge").orElseThrow().maxEntries()).isEqualTo(-1);
    assertThat(loadAndLeave(object)).isTrue();
  }

  /** The folder of mistakes, as clang builds them. */
  @Test
  void mistakesInCLeaveNothing() throws Exception {
    Clang.assume();
    Path sources =
        Path.of(System.getProperty("xdp4j.root"), "dataplane/bpf/src/test/resources/mistakes");
    int refused = 0;
    try (Stream<Path> files = Files.list(sources)) {
      for (Path source : files.filter(f -> f.toString().endsWith(".bpf.c")).sorted().toList()) {
        BpfObject object =
            Clang.build(source, folder.resolve(source.getFileName() + ".o"), "-O2", "-g");
        refused += loadAndLeave(object) ? 0 : 1;
      }
    }
    assertThat(refused).isGreaterThan(10);
  }

  /** Files of the tree with bytes of their headers, types, maps or code changed. */
  @Test
  void damagedObjectsLeaveNothing() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    List<byte[]> files = files();
    int unread = 0;
    int refused = 0;
    for (int i = 0; i < DAMAGED; i++) {
      byte[] file = damaged(files.get(random.nextInt(files.size())), random);
      try {
        refused += loadAndLeave(ObjectReader.read("damaged.o", file)) ? 0 : 1;
      } catch (ObjectException e) {
        assertThat(e).hasMessageStartingWith("damaged.o: ");
        unread++;
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("damaged object " + i, e);
      }
    }
    System.out.printf(
        "damaged objects: %d of %d not read, %d not loaded, %d loaded; nothing is left of any%n",
        unread, DAMAGED, refused, DAMAGED - unread - refused);
    assertThat(unread).isGreaterThan(DAMAGED / 10);
    assertThat(refused).isGreaterThan(DAMAGED / 10);
    assertThat(unread + refused).isLessThan(DAMAGED);
  }

  /** Whether it can be loaded; either way nothing is left when it is closed. */
  private boolean loadAndLeave(BpfObject object) {
    long free = region.free();
    boolean loads = true;
    try {
      LoadedObject.load(object, region, options).close();
      pins.close();
    } catch (LoadException e) {
      assertThat(e.getMessage()).isNotBlank();
      loads = false;
    }
    assertNothingIsLeft(free);
    return loads;
  }

  private static List<byte[]> files() throws Exception {
    List<byte[]> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("xdp4j.root"), "filters"))) {
      for (Path file : all.filter(f -> f.toString().endsWith(".bpf.o")).sorted().toList()) {
        files.add(Files.readAllBytes(file));
      }
    }
    return files;
  }

  private static byte[] damaged(byte[] file, SplittableRandom random) {
    byte[] bytes =
        random.nextInt(20) == 0 ? Arrays.copyOf(file, random.nextInt(file.length)) : file.clone();
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes && bytes.length > 8; i++) {
      int at = random.nextInt(bytes.length - 4);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        default -> System.arraycopy(file, random.nextInt(file.length - 4), bytes, at, 4);
      }
    }
    return bytes;
  }
}
