package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;

/** What loaders put right, or leave out, before a kernel sees it. */
class OtherLoadersTest {
  @TempDir private Path folder;
  private final Region region = Region.reserve(1 << 22);

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  @Test
  void aProgramOfAnOptionalSectionIsLoadedWhenItIsNamedOnly() throws Exception {
    BpfObject object = Clang.build(folder, "optional.bpf.c", "-O2", "-g");
    try (LoadedObject loaded = LoadedObject.load(object, region, LoadOptions.defaults())) {
      assertThat(loaded.programs()).hasSize(1);
      assertThat(loaded.programs().getFirst().name()).isEqualTo("always");
    }
    LoadOptions named = new LoadOptions(1, false, false, Set.of("optional"));
    assertThatThrownBy(() -> LoadedObject.load(object, region, named))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("program optional refused");
  }

  /** The sizes are those that Linux wants; the type of events is for who reads them. */
  @Test
  void mapsOfCiliumAreTakenAsItsLoaderTakesThem() throws Exception {
    BpfObject object = Clang.build(folder, "events.bpf.c", "-O2", "-g");
    assertThat(shape(object, "bare")).isEqualTo("4 4 untyped");
    assertThat(shape(object, "sampled")).isEqualTo("4 4 event");
    assertThat(shape(object, "ring")).isEqualTo("0 0 event");
    assertThat(shape(object, "hash")).isEqualTo("4 4 untyped");
    try (LoadedObject loaded = LoadedObject.load(object, region, LoadOptions.defaults())) {
      assertThat(loaded.programs()).hasSize(1);
    }
  }

  private static String shape(BpfObject object, String name) {
    MapSpec map = object.map(name).orElseThrow();
    assertThat(map.problem()).isNull();
    String type = map.valueBtf() == 0 ? "untyped" : object.btf().type(map.valueBtf()).name();
    return map.keySize() + " " + map.valueSize() + " " + type;
  }
}
