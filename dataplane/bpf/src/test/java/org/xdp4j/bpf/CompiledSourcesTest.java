package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.btf.BtfPrinter;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.InnerMaps;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.object.Subprogram;

/** What clang makes of C sources is read, linked and run, and leaves what the sources say. */
class CompiledSourcesTest {
  @TempDir Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  private static String[] options(String cpu) {
    return new String[] {"-O2", "-g", "-mcpu=" + cpu};
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2", "v3", "v4"})
  void subprogramsOfEveryKindAreLinked(String cpu) throws Exception {
    BpfObject object = Clang.build(folder, "subprograms.bpf.c", options(cpu));
    assertThat(object.programs()).extracting(BpfProgram::problem).containsOnlyNulls();
    assertThat(object.programs())
        .extracting(BpfProgram::name)
        .containsExactly("first", "second", "third");
    BpfProgram first = object.program("first").orElseThrow();
    assertThat(first.subprograms())
        .extracting(Subprogram::name)
        .containsExactly("first", "static_sum", "hidden_twice", "weak_flip", "global_add");
    assertThat(first.subprograms())
        .extracting(Subprogram::global)
        .containsExactly(false, false, false, true, true);
    assertThat(first.gplCompatible()).isTrue();
    assertThat(object.program("second").orElseThrow().subprograms())
        .extracting(Subprogram::name)
        .containsExactly("second", "each", "global_add");
    // 2 * (0 ^ 3) + 0 + 3, of which two bits
    assertThat(run(object, "first", null)).isEqualTo(1);
    assertThat(run(object, "third", null)).isZero();
  }

  @Test
  void theHostNameOfAKernelThatWasGivenNoneIsKnown() throws Exception {
    Path file = folder.resolve("name.c");
    Files.writeString(
        file,
        """
        extern const char CONFIG_DEFAULT_HOSTNAME[8] __attribute__((section(".kconfig")));
        __attribute__((section("xdp"))) int first(void *ctx) {
          return CONFIG_DEFAULT_HOSTNAME[0];
        }
        """);
    BpfObject object = Clang.build(file, folder.resolve("name.o"), "-O2", "-g");
    assertThat(object.map(".kconfig").orElseThrow().data())
        .startsWith("(none)\0".getBytes(StandardCharsets.US_ASCII));
    assertThat(run(object, "first", null)).isEqualTo('(');
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2", "v3", "v4"})
  void variablesAreInitialisedAndDecoded(String cpu) throws Exception {
    BpfObject object = Clang.build(folder, "variables.bpf.c", options(cpu));
    StringBuilder maps = new StringBuilder();
    assertThat(run(object, "variables", maps)).isEqualTo(1);
    assertThat(maps.toString().lines())
        .contains(
            ".data.hot {\"hot\": [1, 2, 3, 4]}",
            ".rodata.limits {\"limit\": 77}",
            ".bss {\"zeros\": [9, 0, 0, 0, 0]}",
            ".bss.flags {\"flags\": [1, 0, 0]}")
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith(".data {")
                    .contains("\"total\": 189")
                    .contains("\"hidden_count\": 4")
                    .contains("\"origin\": {\"x\": -1, \"y\": 9, \"z\": 300}"))
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith(".rodata {")
                    .contains("\"mode\": ON")
                    .contains("\"name\": \"eth0\""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2", "v3", "v4"})
  void coreRelocationsSayWhatTheObjectsTypesAre(String cpu) throws Exception {
    BpfObject object = Clang.build(folder, "core.bpf.c", options(cpu));
    assertThat(object.programs()).extracting(BpfProgram::problem).containsOnlyNulls();
    StringBuilder maps = new StringBuilder();
    assertThat(run(object, "facts", maps)).isEqualTo(2);
    assertThat(maps.toString())
        .contains(
            "\"results\": [80, 64, 1, 0, 96, 96, 1, 1, 0, -4, -4, 0, 1250999896491, 1, 0, 0,");
    assertThat(run(object, "dead", null)).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2", "v3", "v4"})
  void coreRelocationsFindTheFieldsOfTheObjectsTypes(String cpu) throws Exception {
    BpfObject object = Clang.build(folder, "core.bpf.c", options(cpu));
    byte[] value = new byte[96];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) i;
    }
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = load(object, "fields", region)) {
      assertThat(loaded.map("values").orElseThrow().put(new byte[4], value, BpfMap.ANY)).isZero();
      execute(loaded, "fields", region);
      BpfMap results = loaded.map(".bss").orElseThrow();
      String text =
          BtfPrinter.text(object.btf(), results.spec().valueBtf(), results.get(new byte[4]));
      // b is the low 3 bits of byte 76, c the 7 above them, which end in byte 77
      assertThat(text)
          .contains(
              "\"results\": [%d, %d, %d, %d, %d, %d, %d, %d, 0,"
                  .formatted(
                      0x03020100,
                      0x2b2a2928,
                      0x2322,
                      71,
                      76 & 7,
                      (76 >> 3 | 77 << 5 & 0x60) << 25 >> 25,
                      0x5756555453525150L,
                      0x23222120));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void mapsOfMapsHoldWhatTheSourceSays(boolean interpret) throws Exception {
    BpfObject object = Clang.build(folder, "mapsofmaps.bpf.c", options("v3"));
    LoadOptions options = new LoadOptions(1, interpret, false, Set.of("nested"));
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      assertThat(execute(loaded, "nested", region)).isEqualTo(77);
      assertThat(loaded.map("first").orElseThrow().get(new byte[] {3, 0, 0, 0})).startsWith(5);
      MapSpec shape = loaded.map("first").orElseThrow().spec();
      InnerMaps outer = (InnerMaps) loaded.map("by_index").orElseThrow();
      assertThat(outer.set(new byte[4], MapFactory.create(shape, region, 1), BpfMap.ANY)).isZero();
      assertThat(execute(loaded, "nested", region)).isEqualTo(1);
    }
  }

  @Test
  void withoutDebugInformationMapsOfTheNewKindCannotBe() throws Exception {
    BpfObject object = Clang.build(folder, "subprograms.bpf.c", "-O2");
    assertThat(object.maps().getFirst().problem()).contains("compile with -g");
    // libbpf does not open such an object, whatever its programs use.
    assertThatThrownBy(() -> run(object, "first", null))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("map 'totals' cannot be made")
        .hasMessageContaining("compile with -g");
  }

  private static LoadedObject load(BpfObject object, String program, Region region)
      throws LoadException {
    return LoadedObject.load(object, region, new LoadOptions(1, false, true, Set.of(program)));
  }

  private static int execute(LoadedObject loaded, String program, Region region) {
    XdpContext context = new XdpContext(region, 0);
    return TestRun.run(loaded.program(program).orElseThrow(), context, new byte[64], 1)
        .returnCode();
  }

  /** Runs a program once and lists the data maps it used. */
  private static int run(BpfObject object, String program, StringBuilder maps)
      throws LoadException {
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = load(object, program, region)) {
      int returnCode = execute(loaded, program, region);
      for (BpfMap map : loaded.maps()) {
        if (maps != null && map.name().startsWith(".")) {
          byte[] value = map.get(new byte[4]);
          maps.append(map.name()).append(' ');
          maps.append(BtfPrinter.text(object.btf(), map.spec().valueBtf(), value)).append('\n');
        }
      }
      return returnCode;
    }
  }
}
