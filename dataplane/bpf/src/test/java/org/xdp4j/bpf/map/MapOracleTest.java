package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.testing.Covers;

/** Each map type against the running kernel's, under the same generated operations. */
class MapOracleTest {
  private static final int OPERATIONS = 3000;

  static Stream<MapSpec> maps() {
    return MapShapes.small();
  }

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @Covers({
    "HASH",
    "ARRAY",
    "PERCPU_HASH",
    "PERCPU_ARRAY",
    "LRU_HASH",
    "LRU_PERCPU_HASH",
    "LPM_TRIE"
  })
  @ParameterizedTest
  @MethodSource("maps")
  void answersAsTheKernelDoes(MapSpec spec) throws MapException {
    int cpus = KernelOracle.possibleCpus();
    try (Region region = Region.reserve(1 << 24);
        KernelMap kernel = KernelMap.create(spec)) {
      BpfMap map = MapFactory.create(spec, region, cpus);
      Random random = new Random(7);
      for (int i = 0; i < OPERATIONS; i++) {
        step(map, kernel, random, cpus);
      }
      assertThat(keys(map.keys(), spec)).isEqualTo(keys(present(kernel), spec));
    }
  }

  private static void step(BpfMap map, KernelMap kernel, Random random, int cpus) {
    MapSpec spec = map.spec();
    byte[] k = MapShapes.key(spec, random);
    long flags = random.nextInt(10) == 0 ? random.nextInt(5) - 1 : random.nextInt(10) / 7;
    switch (random.nextInt(4)) {
      case 0 -> assertThat(map.remove(k)).isEqualTo(kernel.delete(k));
      case 1 -> assertThat(map.get(k)).isEqualTo(packed(kernel.lookup(k), spec, cpus));
      default -> {
        byte[] v = MapShapes.value(spec, cpus, random);
        int expected = kernel.update(k, padded(v, spec, cpus), flags);
        assertThat(map.put(k, v, flags)).isEqualTo(expected);
      }
    }
  }

  /** The kernel's per-CPU values come a multiple of 8 apart, ours side by side. */
  private static byte[] packed(byte[] value, MapSpec spec, int cpus) {
    if (value == null || !spec.type().isPerCpu()) {
      return value;
    }
    int size = spec.valueSize();
    byte[] packed = new byte[size * cpus];
    for (int cpu = 0; cpu < cpus; cpu++) {
      System.arraycopy(value, (size + 7 & -8) * cpu, packed, size * cpu, size);
    }
    return packed;
  }

  private static byte[] padded(byte[] value, MapSpec spec, int cpus) {
    if (!spec.type().isPerCpu()) {
      return value;
    }
    int size = spec.valueSize();
    byte[] padded = new byte[(size + 7 & -8) * cpus];
    for (int cpu = 0; cpu < cpus; cpu++) {
      System.arraycopy(value, size * cpu, padded, (size + 7 & -8) * cpu, size);
    }
    return padded;
  }

  /** The kernel lists the empty slots of a device map too. */
  private static List<byte[]> present(KernelMap kernel) {
    return kernel.keys().stream().filter(k -> kernel.lookup(k) != null).toList();
  }

  /** In the order they come where Linux has one, else sorted. */
  private static List<String> keys(Iterable<byte[]> keys, MapSpec spec) {
    List<String> list = new ArrayList<>();
    keys.forEach(k -> list.add(Arrays.toString(k)));
    boolean ordered =
        spec.type() == MapType.LPM_TRIE
            || spec.type() == MapType.ARRAY
            || spec.type() == MapType.PERCPU_ARRAY
            || spec.type() == MapType.DEVMAP;
    if (!ordered) {
      list.sort(Comparator.naturalOrder());
    }
    return list;
  }
}
