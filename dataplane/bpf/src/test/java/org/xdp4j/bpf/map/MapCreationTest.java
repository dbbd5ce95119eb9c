package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;

/** Which definitions make a map, and what is said of those that do not. */
class MapCreationTest {
  private static final int SAMPLES = 120;

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
    "SOCKMAP, 4, 4, 1, 0, which belongs to a kernel's sockets"
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
    MapSpec spec = new MapSpec("odd", 999, 4, 4, 1, 0, 0, 0, null, List.of(), null, false, 0, null);
    assertThatThrownBy(() -> MapFactory.create(spec, region, 1))
        .hasMessage("map 'odd' has the unknown type 999");
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
        new MapSpec(
            ".rodata",
            MapType.ARRAY.id(),
            4,
            3,
            1,
            MapSpec.F_RDONLY_PROG,
            0,
            0,
            null,
            List.of(),
            new byte[] {1, 2, 3},
            true,
            0,
            null);
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

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {
        "ARRAY",
        "PERCPU_ARRAY",
        "HASH",
        "PERCPU_HASH",
        "LRU_HASH",
        "LRU_PERCPU_HASH",
        "LPM_TRIE",
        "PROG_ARRAY",
        "PERF_EVENT_ARRAY",
        "DEVMAP",
        "DEVMAP_HASH",
        "RINGBUF",
        "QUEUE",
        "STACK",
        "BLOOM_FILTER",
        "CPUMAP",
        "XSKMAP"
      })
  void refusesWhatTheKernelRefuses(MapType type) {
    KernelOracle.assumeAvailable();
    List<String> differences = new ArrayList<>();
    Random random = new Random(type.id());
    for (int i = 0; i < SAMPLES; i++) {
      MapSpec spec = random(type, random);
      int kernel = KernelMap.tryCreate(MapFactory.asLibbpfWould(spec, 1), 0);
      if (kernel >= 0) {
        KernelOracle.close(kernel);
      }
      if (accepts(spec) != kernel >= 0) {
        differences.add(spec + ": kernel " + kernel);
      }
    }
    assertThat(differences).isEmpty();
  }

  private static boolean accepts(MapSpec spec) {
    try {
      MapFactory.check(spec);
      return true;
    } catch (MapException refused) {
      return false;
    }
  }

  private static MapSpec random(MapType type, Random random) {
    int[] keys = {0, 1, 4, 4, 4, 5, 8, 260, 261};
    int[] values = {0, 1, 4, 4, 4, 8, 8, 12, 32768, 32769};
    int[] entries =
        type == MapType.RINGBUF ? new int[] {0, 5, 4096, 8192, 12288} : new int[] {0, 1, 5, 64};
    int[] flags = {
      0, 0, 0, 0, 0, 1, 1, 1, 2, 1 << 3, 1 << 4, 3 << 3, 1 << 6, 1 << 7, 1 << 8, 3 << 7, 1 << 10,
      1 << 12, 1 << 5, 1 << 11, 1 << 9, 1 << 20
    };
    int key = keys[random.nextInt(keys.length)];
    int value = values[random.nextInt(values.length)];
    boolean keyless =
        type == MapType.RINGBUF
            || type == MapType.QUEUE
            || type == MapType.STACK
            || type == MapType.BLOOM_FILTER;
    if (keyless && random.nextInt(4) > 0) {
      key = 0;
      value = type == MapType.RINGBUF ? 0 : value;
    }
    return MapSpec.of(
        "m",
        type,
        key,
        value,
        entries[random.nextInt(entries.length)],
        flags[random.nextInt(flags.length)]);
  }
}
