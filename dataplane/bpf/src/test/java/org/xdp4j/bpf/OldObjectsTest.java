package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;

/**
 * Objects as they were built before 2018 load unchanged: no BTF, maps as plain structures of each
 * loader of the time, old section names, the first instruction set.
 */
class OldObjectsTest {
  private static final int FRAMES = 40;

  @TempDir Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  private BpfObject build(int style, String cpu) throws Exception {
    return Clang.build(
        folder, "old.bpf.c", "-O2", "-mcpu=" + cpu, "-DSTYLE=" + style, "-Wno-unused-variable");
  }

  /** A definition of goebpf's points at that of its inner maps and at a path, if it has them. */
  @ParameterizedTest
  @ValueSource(strings = {"", "static "})
  void aDefinitionMayPointAtItsInnerMaps(String linkage) throws Exception {
    Path file = folder.resolve("goebpf.c");
    Files.writeString(
        file,
        """
        #define SEC(NAME) __attribute__((section(NAME), used))
        struct bpf_map_def {
          unsigned int type, key_size, value_size, max_entries, map_flags;
          void *inner_map_def;
          const char *persistent_path;
        };
        static const char path[] = "/sys/fs/bpf/counters";
        LINKAGE struct bpf_map_def SEC("maps") before = {6, 4, 8, 2, 0, 0, path};
        LINKAGE struct bpf_map_def SEC("maps") inner = {1, 4, 16, 7};
        LINKAGE struct bpf_map_def SEC("maps") outer = {13, 4, 4, 3, 0, &inner};
        static void *(*lookup)(void *, void *) = (void *)1;
        SEC("xdp") int pass(void *ctx) {
          unsigned int key = 0;
          return lookup(&outer, &key) && lookup(&before, &key) ? 1 : 2;
        }
        """
            .replace("LINKAGE", linkage));
    BpfObject object = Clang.build(file, folder.resolve("goebpf.o"), "-O2");
    MapSpec inner = object.map("outer").orElseThrow().inner();
    assertThat(inner.type()).isEqualTo(MapType.HASH);
    assertThat(inner.valueSize()).isEqualTo(16);
    assertThat(inner.maxEntries()).isEqualTo(7);
    assertThat(object.map("before").orElseThrow().inner()).isNull();
    try (Region region = Region.reserve(1 << 22);
        LoadedObject loaded =
            LoadedObject.load(object, region, new LoadOptions(1, false, false, Set.of()))) {
      XdpProgram program = loaded.program("pass").orElseThrow();
      assertThat(TestRun.run(program, new XdpContext(region, 0), new byte[64], 1).returnCode())
          .isEqualTo(2);
    }
  }

  private static final String IPROUTE2 =
      """
      #define SEC(NAME) __attribute__((section(NAME), used))
      struct bpf_elf_map {
        unsigned int type, size_key, size_value, max_elem, flags, id, pinning, inner_id, inner_idx;
      };
      static void *(*lookup)(void *, void *) = (void *)1;
      static int (*tail_call)(void *, void *, int) = (void *)12;
      struct bpf_elf_map SEC("maps") jumps = {3, 4, 4, SLOTS, 0, 7};
      struct bpf_elf_map SEC("maps") other = {3, 4, 4, 4, 0, 9};
      struct bpf_elf_map SEC("maps") inner = {2, 4, 8, 1, 0, 8, PIN, 0, 1};
      struct bpf_elf_map SEC("maps") none = {2, 4, 8, 1, 0, 8, 0, 0, -1};
      struct bpf_elf_map SEC("maps") outer = {12, 4, 4, 3, 0, 0, 0, 8};
      struct bpf_elf_map SEC("maps") again = {13, 4, 4, 3, 0, 0, 0, 8};
      SEC("TAIL") int tail(void *ctx) { return 1; }
      SEC("5/1") int of_none(void *ctx) { return 4; }
      SEC("MAIN") int main_prog(void *ctx) {
        int key = 1, zero = 0;
        void *found = lookup(&outer, &key);
        if (found) {
          long *value = lookup(found, &zero);
          if (value) *value += 5;
        }
        found = lookup(&again, &key);
        if (!found || lookup(&outer, &zero)) return 5;
        tail_call(ctx, &jumps, 1);
        return 2;
      }
      """;

  private BpfObject iproute2(String tail, String main, int slots, int pin) throws Exception {
    Path file = folder.resolve("iproute2.c");
    String source = IPROUTE2.replace("TAIL", tail).replace("\"MAIN\"", '"' + main + '"');
    Files.writeString(
        file, source.replace("SLOTS", String.valueOf(slots)).replace("PIN", String.valueOf(pin)));
    return Clang.build(file, folder.resolve("iproute2.o"), "-O2");
  }

  /** As iproute2's loader (lib/bpf_legacy.c) puts programs and maps into the maps of an object. */
  @ParameterizedTest
  @CsvSource({
    "7/1, xdp, 1",
    "7/1, prog, 1",
    "07/0x1, xdp, 1",
    "7/01 of many, xdp, 1",
    "7/2, xdp, 2",
    "9/1, xdp, 2",
    "6/1, xdp, 2",
    "7, xdp, 2"
  })
  void iproute2PutsProgramsWhereTheirSectionsSay(String tail, String main, int expected)
      throws Exception {
    BpfObject object = iproute2(tail, main, 4, 0);
    LoadOptions options = new LoadOptions(1, false, main.equals("prog"), Set.of("main_prog"));
    try (Region region = Region.reserve(1 << 22);
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      XdpProgram program = loaded.program("main_prog").orElseThrow();
      assertThat(TestRun.run(program, new XdpContext(region, 0), new byte[64], 1).returnCode())
          .isEqualTo(expected);
      assertThat(loaded.map("inner").orElseThrow().get(new byte[4])[0]).isEqualTo((byte) 5);
    }
  }

  @Test
  void iproute2RefusesASlotThatIsNotThere() throws Exception {
    BpfObject object = iproute2("7/4", "xdp", 4, 0);
    try (Region region = Region.reserve(1 << 22)) {
      assertThatThrownBy(
              () ->
                  LoadedObject.load(
                      object, region, new LoadOptions(1, false, false, Set.of("main_prog"))))
          .hasMessageEndingWith(
              "map jumps cannot hold program tail at 4: the map has room for 4 entries (E2BIG)");
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 2", "2, 1", "3, 0"})
  void iproute2PinsInItsOwnNamespaces(int pin, int expected) throws Exception {
    BpfObject object = iproute2("7/1", "xdp", 4, pin);
    assertThat(object.map("inner").orElseThrow().pinning()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"0, v1", "1, v1", "2, v1", "0, v2"})
  void theyCountAndDecideAsInLinux(int style, String cpu) throws Exception {
    KernelOracle.assumeAvailable();
    BpfObject object = build(style, cpu);
    BpfProgram program = object.program("count").orElseThrow();
    List<KernelMap> maps = KernelOracle.createMaps(program, object.maps());
    try (Region region = Region.reserve(1 << 22);
        LoadedObject loaded =
            LoadedObject.load(object, region, new LoadOptions(1, false, false, Set.of()));
        KernelProgram kernel = KernelOracle.load(program, maps, KernelOracle.LOG_NONE).program()) {
      assertThat(loaded.programs()).extracting(XdpProgram::name).containsExactly("count", "jump");
      XdpContext context = new XdpContext(region, 0);
      XdpProgram ours = loaded.program("count").orElseThrow();
      Random random = new Random(style);
      for (int i = 0; i < FRAMES; i++) {
        byte[] frame = frame(random);
        assertThat(TestRun.run(ours, context, frame, 1).returnCode())
            .isEqualTo(kernel.run(frame).returnCode());
      }
      List<String> names = new ArrayList<>();
      for (int m = 0; m < maps.size(); m++) {
        if (maps.get(m) != null) {
          compare(loaded.map(object.maps().get(m).name()).orElseThrow(), maps.get(m));
          names.add(object.maps().get(m).name());
        }
      }
      assertThat(names).containsExactlyInAnyOrder("counts", "sources");
    } finally {
      maps.stream().filter(Objects::nonNull).forEach(KernelMap::close);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 60, 1", "0, 61, 2", "2, 61, 2"})
  void aProgramOfIproutesSectionRunsWhenAskedFor(int style, int length, int code) throws Exception {
    BpfObject object = build(style, "v1");
    try (Region region = Region.reserve(1 << 22);
        LoadedObject loaded =
            LoadedObject.load(object, region, new LoadOptions(1, false, true, Set.of("iproute")))) {
      XdpProgram program = loaded.program("iproute").orElseThrow();
      XdpContext context = new XdpContext(region, 0);
      assertThat(TestRun.run(program, context, new byte[length], 1).returnCode()).isEqualTo(code);
    }
  }

  private static void compare(BpfMap ours, KernelMap kernel) {
    assertThat(ours.keys()).containsExactlyInAnyOrderElementsOf(kernel.keys());
    for (byte[] key : ours.keys()) {
      assertThat(ours.get(key)).isEqualTo(kernel.lookup(key));
    }
  }

  /** IPv4 or not, of few protocols and sources. */
  private static byte[] frame(Random random) {
    byte[] frame = new byte[random.nextInt(20, 70)];
    frame[12] = (byte) (random.nextInt(5) == 0 ? 0x86 : 8);
    if (frame.length > 26) {
      frame[23] = (byte) (random.nextBoolean() ? 17 : 6);
      frame[26] = (byte) random.nextInt(6);
    }
    return frame;
  }
}
