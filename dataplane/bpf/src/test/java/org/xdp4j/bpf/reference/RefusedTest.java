package org.xdp4j.bpf.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.LoadException;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.helper.RefusedHelper;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.verifier.Verifier;

/**
 * What is refused says what it is and why, and leaves nothing behind: each line of {@code
 * refused.txt}, which names all of it.
 */
class RefusedTest {
  private static final String NAMES = "refused.txt";

  @TempDir private static Path folder;

  /** Programs that each call one function that is refused, and one that calls none. */
  private static BpfObject callers;

  static Stream<String> helpers() {
    return names("helper");
  }

  static Stream<String> maps() {
    return names("map");
  }

  static Stream<String> functions() {
    return names("kfunc");
  }

  private static Stream<String> names(String kind) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(RefusedTest.class.getResourceAsStream(NAMES)),
                StandardCharsets.UTF_8))) {
      List<String> names =
          lines
              .lines()
              .filter(line -> line.startsWith(kind + " "))
              .map(line -> line.substring(kind.length() + 1))
              .toList();
      return names.stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("helpers")
  void aHelper(String name) {
    RefusedHelper helper =
        Helpers.refused().stream().filter(h -> h.name().equals(name)).findFirst().orElseThrow();
    BpfProgram program =
        BpfProgram.of(
            List.of(
                new Instruction(Opcode.JMP | Opcode.CALL, 0, 0, 0, helper.id()),
                new Instruction(Opcode.JMP | Opcode.EXIT, 0, 0, 0, 0)));
    assertThatThrownBy(() -> Verifier.verify(program, List.of()))
        .hasMessageContaining(name)
        .hasMessageContaining(helper.reason());
  }

  @ParameterizedTest
  @MethodSource("maps")
  void aMap(String name) {
    MapType type = MapType.valueOf(name);
    String reason = MapFactory.refusal(type);
    assertThat(reason).isNotEmpty();
    try (Region region = Region.reserve(1 << 20)) {
      long free = region.free();
      assertThatThrownBy(() -> MapFactory.create(MapSpec.of("odd", type, 4, 4, 1, 0), region, 1))
          .isInstanceOf(MapException.class)
          .hasMessageContaining("odd", name, reason);
      assertThat(region.free()).isEqualTo(free);
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void aKernelFunction(String name) throws Exception {
    Clang.assume();
    String reason = Kfuncs.refusal(name);
    assertThat(reason).isNotEmpty();
    String sentence = "kernel function '%s' %s".formatted(name, reason);
    BpfObject object = callers();
    try (Region region = Region.reserve(1 << 20)) {
      long free = region.free();
      assertThatThrownBy(() -> LoadedObject.load(object, region, only("call_" + name)))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining(sentence);
      assertThat(region.free()).isEqualTo(free);
      LoadedObject.load(object, region, only("calls_none")).close();
    }
  }

  private static LoadOptions only(String program) {
    return new LoadOptions(1, true, false, Set.of(program));
  }

  private static BpfObject callers() throws Exception {
    if (callers == null) {
      String programs =
          functions()
              .map(
                  name ->
                      """
                      extern void %1$s(void) __ksym;
                      SEC("xdp") int call_%1$s(void *ctx) { %1$s(); return 2; }
                      """
                          .formatted(name))
              .collect(Collectors.joining());
      Path source = folder.resolve("callers.bpf.c");
      Files.writeString(
          source,
          """
          #include <linux/bpf.h>
          #include <bpf/bpf_helpers.h>
          %s
          SEC("xdp") int calls_none(void *ctx) { return 2; }
          char _license[] SEC("license") = "GPL";
          """
              .formatted(programs));
      callers = Clang.build(source, folder.resolve("callers.bpf.o"), "-O2", "-g", "-mcpu=v3");
    }
    return callers;
  }
}
