package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.memory.Region;

/** Which definitions make a map, and what is said of those that do not. */
class MapCreationTest {
  private final Region region = Region.reserve(1 << 20);

  @AfterEach
  void close() {
    region.close();
  }

  @ParameterizedTest
  @CsvSource({
    "HASH, 0, 4, 1, 0, keys of 0 bytes",
    "HASH, 4, 0, 1, 0, values of 0 bytes",
    "HASH, 4, 4, 0, 0, max_entries 0",
    "HASH, 4, 4, -1, 0, max_entries 4294967295",
    "HASH, 4, 4, 1, 1048576, flags 0x100000",
    "ARRAY, 8, 4, 1, 0, keys of 8 bytes",
    "PERCPU_ARRAY, 4, 40000, 1, 0, per-CPU values of 40000 bytes",
    "LPM_TRIE, 8, 4, 1, 0, without BPF_F_NO_PREALLOC",
    "LPM_TRIE, 300, 4, 1, 1, keys of 300 bytes",
    "DEVMAP, 4, 12, 1, 0, takes values of 4 or 8",
    "PROG_ARRAY, 4, 8, 1, 0, takes values of 4",
    "RINGBUF, 4, 0, 4096, 0, has keys or values",
    "ARRAY, 4, 1000000, 1000, 0, does not fit",
    "SOCKMAP, 4, 2, 1, 0, takes values of 4 or 8",
    "SOCKHASH, 600, 4, 1, 0, keys of 600 bytes",
    "SK_STORAGE, 4, 4, 0, 1, which belongs to a kernel's sockets"
  })
  void aRefusalNamesTheMapAndTheReason(
      MapType type, int key, int value, int entries, int flags, String reason) {
    long before = region.free();
    MapSpec spec = MapSpec.of("flows", type, key, value, entries, flags);
    assertThatThrownBy(() -> MapFactory.create(spec, region, 1))
        .isInstanceOf(MapException.class)
        .hasMessageStartingWith("map 'flows' ")
        .hasMessageContaining(reason);
    assertThat(region.free()).isEqualTo(before);
  }

  @Test
  void anUnknownTypeIsRefused() {
    MapSpec spec = MapSpec.of("odd", 999, 4, 4, 1, 0);
    assertThatThrownBy(() -> MapFactory.create(spec, region, 1))
        .hasMessage("map 'odd' has the unknown type 999 (EINVAL)");
  }

  @Test
  void aNodeThatIsNotThereIsNamed() {
    MapSpec spec = MapSpec.of("far", MapType.HASH, 4, 4, 1, MapSpec.F_NUMA_NODE).withNumaNode(1023);
    assertThatThrownBy(() -> MapFactory.create(spec, region, 1))
        .hasMessageStartingWith("map 'far' is to be on NUMA node 1023, and this machine has 0");
  }

  @Test
  void nodesAreReadAsLinuxWritesThem() {
    assertThat(NumaNodes.parse("0-2,5").toString()).isEqualTo("{0, 1, 2, 5}");
    for (String bad : new String[] {"", "x", "2-1", "0-99999999", "0,,1"}) {
      assertThatThrownBy(() -> NumaNodes.parse(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void whatIsFreedCanBeUsedAgain() throws MapException {
    long before = region.free();
    for (int i = 0; i < 100; i++) {
      MapFactory.create(MapSpec.of("m", MapType.HASH, 4, 4, 10_000, 0), region, 1).free();
    }
    assertThat(region.free()).isEqualTo(before);
  }

  @Test
  void aFrozenSectionIsFilledAndThenConstant() throws MapException {
    MapSpec spec =
        MapSpec.of(".rodata", MapType.ARRAY, 4, 3, 1, MapSpec.F_RDONLY_PROG)
            .withData(new byte[] {1, 2, 3})
            .withFrozen(true);
    BpfMap map = MapFactory.create(spec, region, 1);
    assertThat(map.get(new byte[4])).containsExactly(1, 2, 3);
    assertThat(map.put(new byte[4], new byte[3], 0)).isEqualTo(Errno.EPERM);
    assertThat(map.frozen()).isTrue();
  }

  @Test
  void aRingBufferGrowsToAPowerOfTwoAsLibbpfMakesIt() throws MapException {
    BpfMap map = MapFactory.create(MapSpec.of("r", MapType.RINGBUF, 0, 0, 5000, 0), region, 1);
    assertThat(map.spec().maxEntries()).isEqualTo(8192);
  }
}
