package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;

/** What a loader decides about maps, as libbpf's bpf_map__set_* functions let it. */
class MapSettingsTest {
  private static final int PASS = 2;

  @TempDir Path folder;
  private BpfObject object;

  @BeforeEach
  void build() throws Exception {
    Clang.assume();
    object = Clang.build(folder, "unsized.bpf.c", "-O2", "-g", "-mcpu=v3");
  }

  private static final LoadOptions SIZED =
      LoadOptions.defaults()
          .withMaxEntries("unsized", 3)
          .withMaxEntries("records", 5000)
          .withInnerMap("holder", MapSpec.of("inner", MapType.ARRAY, 4, 8, 2, 0));

  private static int run(LoadedObject loaded, Region region) {
    XdpProgram program = loaded.program("counts").orElseThrow();
    return TestRun.run(program, new XdpContext(region, 0), new byte[64], 1).returnCode();
  }

  @Test
  void anObjectThatLeavesSizesOpenIsRefusedWithoutAndRunsWithThem() throws Exception {
    try (Region region = Region.reserve(1 << 24)) {
      assertThatThrownBy(() -> LoadedObject.load(object, region, LoadOptions.defaults()))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("map 'unsized' has max_entries 0 (EINVAL)");
      try (LoadedObject loaded = LoadedObject.load(object, region, SIZED)) {
        assertThat(run(loaded, region)).isEqualTo(PASS);
        BpfMap unsized = loaded.map("unsized").orElseThrow();
        assertThat(unsized.keys()).hasSize(3);
        assertThat(unsized.get(new byte[4])).startsWith(1, 0);
        assertThat(loaded.map("records").orElseThrow().spec().maxEntries()).isEqualTo(8192);
        assertThat(loaded.map("holder").orElseThrow().spec().inner().maxEntries()).isEqualTo(2);
      }
    }
  }

  /** The bound of an array's index is what the loader said, and not what the object does. */
  @Test
  void programsAreVerifiedWithWhatWasSet() throws Exception {
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, SIZED.withMaxEntries("fixed", 1))) {
      assertThat(run(loaded, region)).isZero();
    }
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, SIZED)) {
      assertThat(run(loaded, region)).isEqualTo(PASS);
    }
  }

  @Test
  void mapsArePinnedUnderAnotherNameOrNotAtAll() throws Exception {
    try (Region region = Region.reserve(1 << 24);
        PinnedMaps pins = new PinnedMaps()) {
      LoadOptions shared = SIZED.pinnedIn(pins).withPin("fixed", "tc/globals/fixed");
      try (LoadedObject one = LoadedObject.load(object, region, shared.withPin("pinned", ""));
          LoadedObject two = LoadedObject.load(object, region, shared)) {
        assertThat(pins.names()).containsExactly("pinned", "tc/globals/fixed");
        assertThat(one.map("fixed")).containsSame(two.map("fixed").orElseThrow());
        assertThat(one.map("pinned")).get().isNotSameAs(two.map("pinned").orElseThrow());
      }
    }
  }

  @Test
  void aMapThatIsNotThereIsNamed() {
    try (Region region = Region.reserve(1 << 24)) {
      assertThatThrownBy(
              () ->
                  LoadedObject.load(
                      object, region, LoadOptions.defaults().withMaxEntries("nothing", 1)))
          .isInstanceOf(LoadException.class)
          .hasMessageEndingWith("no map named nothing, of which something was to be set");
    }
  }
}
