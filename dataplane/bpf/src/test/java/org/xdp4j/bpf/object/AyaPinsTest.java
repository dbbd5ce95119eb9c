package org.xdp4j.bpf.object;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.PinnedMaps;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;

/** Old definitions of 28 bytes are samples/bpf's or aya's, which pin maps by name. */
class AyaPinsTest {
  private static byte[] object(int type, int flags, int fifth, int sixth) {
    ElfBuilder elf = new ElfBuilder();
    int xdp =
        elf.code(
            "xdp",
            Samples.slot(0x62, 10, 0, -4, 0), // *(u32 *)(r10 - 4) = 0
            Samples.lddw(1, 0),
            0,
            Samples.slot(0xbf, 2, 10, 0, 0), // r2 = r10
            Samples.slot(0x07, 2, 0, 0, -4), // r2 += -4
            Samples.slot(0x85, 0, 0, 0, 3), // call map_delete_elem
            Samples.mov(0, 2),
            Samples.EXIT);
    elf.symbol("counting", ElfBuilder.GLOBAL | ElfBuilder.FUNC, xdp, 0, 64);
    int maps = elf.data("maps", ElfBuilder.ints(type, 4, 8, 16, flags, fifth, sixth));
    int map = elf.symbol("COUNTS", ElfBuilder.GLOBAL | ElfBuilder.OBJECT, maps, 0, 28);
    elf.relocate(xdp, 8, ElfBuilder.R_64_64, map);
    return elf.license("GPL").build();
  }

  private static MapSpec map(int flags, int fifth, int sixth) throws ObjectException {
    return ObjectReader.read("aya.o", object(MapType.HASH.id(), flags, fifth, sixth))
        .maps()
        .getFirst();
  }

  @Test
  void theLastWordIsANumaNodeOfMapsThatAskForOneOnly() throws ObjectException {
    assertThat(map(0, 0, 0).pinning()).isEqualTo(MapSpec.PIN_NONE);
    assertThat(map(0, 5, 1).pinning()).isEqualTo(MapSpec.PIN_BY_NAME);
    assertThat(map(MapSpec.F_NO_PREALLOC, 5, 1).pinning()).isEqualTo(MapSpec.PIN_BY_NAME);
    assertThat(map(0, 5, 1).numaNode()).isZero();
    assertThat(map(MapSpec.F_NUMA_NODE, 0, 1).pinning()).isEqualTo(MapSpec.PIN_NONE);
    assertThat(map(MapSpec.F_NUMA_NODE, 0, 1).numaNode()).isEqualTo(1);
  }

  @Test
  void objectsThatPinByNameShareTheMap() throws Exception {
    byte[] bytes = object(MapType.HASH.id(), 0, 0, 1);
    LoadOptions options = new LoadOptions(1, false, false, Set.of()).pinnedIn(new PinnedMaps());
    try (Region region = Region.reserve(1 << 22);
        LoadedObject one = LoadedObject.load(ObjectReader.read("a.o", bytes), region, options);
        LoadedObject other = LoadedObject.load(ObjectReader.read("b.o", bytes), region, options)) {
      assertThat(other.map("COUNTS")).isPresent().isEqualTo(one.map("COUNTS"));
    }
  }
}
