package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.oracle.BpfTool;
import org.xdp4j.bpf.oracle.KernelOracle;

/**
 * Objects whose types Linux does not take are loaded without them by libbpf, and judged so: no
 * function is global, no callback is known, no part of a map's values is a lock.
 */
class UntypedObjectsTest {
  @TempDir Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  @ParameterizedTest
  @CsvSource({
    "plain, '', true",
    "plain, -DSPLIT, true",
    "plain, -DUNNAMED, true",
    "global, '', false",
    "global, -DSPLIT, true",
    "global, -DUNNAMED, true",
    "callback, '', true",
    "callback, -DSPLIT, false",
    "callback, -DUNNAMED, false",
    "locked, '', true",
    "locked, -DSPLIT, false",
    "locked, -DUNNAMED, false",
    "allocates, '', true",
    "allocates, -DSPLIT, false",
    "allocates, -DUNNAMED, false",
    "overwritten, '', false",
    "overwritten, -DSPLIT, true",
    "overwritten, -DUNNAMED, true"
  })
  void theVerdictIsThatOfLibbpf(String program, String variant, boolean accepted) throws Exception {
    for (String cpu : new String[] {"-mcpu=v1", "-mcpu=v3"}) {
      String[] options = {
        "-O2", "-g", cpu, "-w", "-DONLY_" + program, variant.isEmpty() ? "-DNOTHING" : variant
      };
      BpfObject object = Clang.build(folder, "untyped.bpf.c", options);
      assertThat(loads(object)).as(cpu).isEqualTo(accepted);
      if (KernelOracle.available()) {
        assertThat(loadsInLinux(Clang.objectFile(folder, "untyped.bpf.c", options)))
            .as("%s in Linux", cpu)
            .isEqualTo(accepted);
      }
    }
  }

  private static boolean loads(BpfObject object) {
    try (Region region = Region.reserve(1 << 22);
        LoadedObject loaded = LoadedObject.load(object, region, LoadOptions.defaults())) {
      return loaded.programs().size() == 1;
    } catch (LoadException refused) {
      if (object.untyped() != null) {
        assertThat(refused.getMessage())
            .contains("which Linux does not take: type ")
            .containsAnyOf("which the optimizer took apart", "a parameter that has no name");
      }
      return false;
    }
  }

  private static boolean loadsInLinux(Path file) throws InterruptedException {
    BpfTool.assume();
    try (BpfTool.Loaded loaded = BpfTool.load(file)) {
      return loaded != null;
    } catch (IOException refused) {
      return false;
    }
  }
}
