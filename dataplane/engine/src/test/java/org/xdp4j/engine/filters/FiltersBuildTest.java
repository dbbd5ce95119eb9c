package org.xdp4j.engine.filters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ObjectReader;

class FiltersBuildTest {
  /** Where a build on somebody's machine would have left its mark. */
  private static final Pattern MACHINE_PATH =
      Pattern.compile("/(home|root|tmp|work|Users|builds)/");

  static List<Path> objects() {
    return Repository.objects();
  }

  @Test
  void theObjectsAreWhatClangMakesOfTheSources(@TempDir Path built) throws Exception {
    assumeTrue(runs("clang-19"), "clang-19 is not installed");
    assumeTrue(runs("llvm-strip-19"), "llvm-strip-19 is not installed");
    assumeTrue(Files.exists(Path.of("/usr/include/bpf/bpf_helpers.h")), "libbpf-dev is missing");
    build(built);
    assertThat(Repository.files(built, ".*\\.bpf\\.o"))
        .extracting(Path::getFileName)
        .isEqualTo(objects().stream().map(Path::getFileName).toList());
    for (Path committed : objects()) {
      Path fresh = built.resolve(committed.getFileName());
      if (Arrays.equals(Files.readAllBytes(committed), Files.readAllBytes(fresh))) {
        continue;
      }
      // Other headers than the ones it was built with may differ in types nobody here uses.
      assertThat(essence(ObjectReader.read(fresh)))
          .as("%s is not what filters/build makes of its source", committed.getFileName())
          .isEqualTo(essence(ObjectReader.read(committed)));
      System.out.printf(
          "%s: same programs and maps, other bytes: this machine's headers are not those it was"
              + " built with%n",
          committed.getFileName());
    }
  }

  /** What the machine sees of an object: instructions, and maps without their types' numbers. */
  private static List<Object> essence(BpfObject object) {
    return List.of(
        object.license(),
        object.programs().stream().map(BpfProgram::name).toList(),
        object.programs().stream().map(BpfProgram::section).toList(),
        object.programs().stream().map(BpfProgram::instructions).toList(),
        object.maps().stream().map(FiltersBuildTest::shape).toList());
  }

  private static List<Object> shape(MapSpec map) {
    return List.of(
        map.name(),
        map.typeId(),
        map.keySize(),
        map.valueSize(),
        map.maxEntries(),
        map.flags(),
        map.slots(),
        map.data() == null ? "" : Arrays.toString(map.data()));
  }

  private static void build(Path to) throws IOException, InterruptedException {
    Path log = to.resolve("build.log");
    Process build =
        new ProcessBuilder(Repository.FILTERS.resolve("build").toString(), to.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(build.waitFor()).as("filters/build: %s", Files.readString(log)).isZero();
  }

  private static boolean runs(String tool) throws InterruptedException {
    try {
      return new ProcessBuilder(tool, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @ParameterizedTest
  @MethodSource("objects")
  void noObjectNamesThePlaceItWasBuiltIn(Path object) throws IOException {
    String bytes = Files.readString(object, StandardCharsets.ISO_8859_1);
    assertThat(MACHINE_PATH.matcher(bytes).find()).isFalse();
    assertThat(bytes).doesNotContain(".debug_");
  }

  @ParameterizedTest
  @MethodSource("objects")
  void everyObjectHasTypesAndLines(Path object) throws Exception {
    BpfObject read = ObjectReader.read(object);
    assertThat(read.btf().count()).isGreaterThan(1);
    assertThat(read.programs()).isNotEmpty().noneMatch(program -> program.lines().isEmpty());
  }
}
