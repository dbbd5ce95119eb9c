package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;

/**
 * Which definitions make a map and which errno refuses the others: every combination of key sizes,
 * value sizes, numbers of entries and flags, against {@code BPF_MAP_CREATE} of the running kernel.
 */
class MapCreationGridTest {
  private static final int[] KEYS = {0, 1, 4, 5, 8, 260, 261, 1 << 22, -1};
  private static final int[] VALUES = {0, 1, 4, 8, 12, 32768, 32769, 4194020, 1 << 22, 1 << 30, -1};
  private static final int[] ENTRIES = {0, 1, 5, 4096, 12288};

  /** BPF_F_TOKEN_FD (1 &lt;&lt; 16) is left out: it asks for rights, not for a map. */
  private static final int[] FLAGS = {
    0,
    1,
    2,
    3,
    1 << 2,
    1 << 2 | 1,
    1 << 2 | 2,
    1 << 3,
    1 << 4,
    3 << 3,
    3 << 3 | 1,
    1 << 5,
    1 << 6,
    1 << 6 | 1,
    1 << 7,
    1 << 8,
    3 << 7,
    1 << 7 | 1,
    3 << 7 | 1,
    1 << 9,
    1 << 10,
    1 << 11,
    1 << 12,
    1 << 12 | 1 << 10,
    1 << 13,
    1 << 14,
    1 << 15,
    1 << 17,
    1 << 18,
    1 << 19,
    1 << 20,
    1 << 31
  };

  /** Bytes that an allowed definition may make the kernel set aside. */
  private static final long MODEST = 64 << 10;

  private static int compared;
  private static int refused;

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @AfterAll
  static void count() {
    System.out.printf(
        "map definitions and the kernel: %,d compared, %,d refused, each with the same errno%n",
        compared, refused);
  }

  static Stream<MapType> types() {
    return Stream.of(MapType.values()).filter(t -> MapFactory.refusal(t).isEmpty());
  }

  @ParameterizedTest
  @MethodSource("types")
  void theKernelAnswersTheSame(MapType type) {
    MapSpec inner = MapSpec.of("inner", MapType.ARRAY, 4, 4, 1, 0);
    List<String> differences = new ArrayList<>();
    try (KernelMap kernelInner = KernelMap.create(inner)) {
      for (int key : KEYS) {
        for (int value : VALUES) {
          for (int entries : ENTRIES) {
            for (int flags : FLAGS) {
              MapSpec spec = spec(type, key, value, entries, flags, inner);
              // How many CPUs a CPUMAP may have at most is the kernel's configuration.
              boolean configured = type == MapType.CPUMAP && entries == 4096;
              if (isModest(spec) && !configured) {
                compare(spec, kernelInner.fd(), differences);
              }
            }
          }
        }
      }
    }
    assertThat(differences).isEmpty();
  }

  private static MapSpec spec(
      MapType type, int key, int value, int entries, int flags, MapSpec inner) {
    boolean holder = type == MapType.ARRAY_OF_MAPS || type == MapType.HASH_OF_MAPS;
    return MapSpec.of("m", type, key, value, entries, flags).withInner(holder ? inner : null);
  }

  /** What is refused for another reason may be as large as it likes. */
  private static boolean isModest(MapSpec spec) {
    long element =
        Integer.toUnsignedLong(spec.keySize()) + Integer.toUnsignedLong(spec.valueSize());
    return element * Integer.toUnsignedLong(spec.maxEntries()) <= MODEST
        || spec.maxEntries() == 0
        || spec.maxEntries() == 1 && element <= 5 << 20 && spec.flags() <= 1
        || answer(spec) == Errno.EINVAL;
  }

  private static int answer(MapSpec spec) {
    try {
      MapFactory.check(spec);
      return 0;
    } catch (MapException e) {
      assertThat(e).hasMessageStartingWith("map 'm' ");
      return e.error();
    }
  }

  private static void compare(MapSpec spec, int innerFd, List<String> differences) {
    int kernel =
        KernelMap.tryCreate(MapFactory.asLibbpfWould(spec, 1), spec.inner() == null ? 0 : innerFd);
    if (kernel >= 0) {
      KernelOracle.close(kernel);
    }
    int expected = Math.min(kernel, 0);
    int actual = answer(spec);
    compared++;
    refused += expected < 0 ? 1 : 0;
    if (actual != expected && differences.size() < 20) {
      differences.add(spec + ": kernel " + expected + ", here " + actual);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {
        "ARRAY",
        "HASH",
        "PERCPU_HASH",
        "LRU_HASH",
        "LRU_PERCPU_HASH",
        "QUEUE",
        "STACK",
        "CPUMAP",
        "DEVMAP_HASH"
      })
  void anEnormousMapIsRefusedAndNothingStaysAllocated(MapType type) {
    boolean keyless = type == MapType.QUEUE || type == MapType.STACK;
    int value = type == MapType.CPUMAP || type == MapType.DEVMAP_HASH ? 4 : 64;
    try (Region region = Region.reserve(1L << 30)) {
      long free = region.free();
      // So many that the kernel does not even try; of devices it would, with fewer than most.
      int[] enormous = type == MapType.DEVMAP_HASH ? new int[] {-1} : new int[] {1 << 31, -1};
      for (int entries : enormous) {
        MapSpec spec = MapSpec.of("m", type, keyless ? 0 : 4, value, entries, 0);
        int kernel = KernelMap.tryCreate(spec, 0);
        if (kernel >= 0) {
          KernelOracle.close(kernel);
        }
        assertThat(kernel).as("%s", spec).isNegative();
        MapException ours = creationFailure(spec, region);
        assertThat(ours)
            .isNotNull()
            .hasMessageStartingWith("map 'm' ")
            .hasMessageContaining("max_entries " + Integer.toUnsignedString(entries));
        assertThat(region.free()).isEqualTo(free);
      }
    }
  }

  private static MapException creationFailure(MapSpec spec, Region region) {
    try {
      MapFactory.create(spec, region, 2).free();
      return null;
    } catch (MapException e) {
      return e;
    }
  }

  @Test
  void aPrefixMapMayHaveAnyNumberOfEntriesAsNoneIsSetAside() throws MapException {
    for (int entries : new int[] {1 << 31, -1}) {
      MapSpec spec = MapSpec.of("m", MapType.LPM_TRIE, 8, 4, entries, MapSpec.F_NO_PREALLOC);
      KernelMap.create(spec).close();
      try (Region region = Region.reserve(1 << 22)) {
        BpfMap map = MapFactory.create(spec, region, 1);
        assertThat(map.put(new byte[8], new byte[4], 0)).isZero();
        map.free();
      }
    }
  }

  @Test
  void innerMapsAreRefusedAsInLinux() {
    List<String> differences = new ArrayList<>();
    MapSpec plain = MapSpec.of("plain", MapType.ARRAY, 4, 4, 1, 0);
    for (MapType outer : List.of(MapType.ARRAY_OF_MAPS, MapType.HASH_OF_MAPS)) {
      types()
          .forEach(
              type -> {
                MapSpec inner = valid(type, plain);
                try (KernelMap kernelInner = KernelMap.create(inner)) {
                  compare(spec(outer, 4, 4, 1, 0, inner), kernelInner.fd(), differences);
                }
              });
    }
    assertThat(differences).isEmpty();
  }

  /** Nodes count with their flag only, and -1 is no node in particular. */
  @Test
  void nodesAreThoseOfTheMachine() {
    List<String> differences = new ArrayList<>();
    MapSpec plain = MapSpec.of("plain", MapType.ARRAY, 4, 4, 1, 0);
    try (KernelMap kernelInner = KernelMap.create(plain)) {
      types()
          .forEach(
              type -> {
                MapSpec good = valid(type, plain);
                for (int node : new int[] {0, -1, -2, 1, 2, 63, 64, 77, 1023, 1024, 1 << 30}) {
                  for (int flag : new int[] {0, MapSpec.F_NUMA_NODE}) {
                    MapSpec spec =
                        spec(
                                type,
                                good.keySize(),
                                good.valueSize(),
                                good.maxEntries(),
                                good.flags() | flag,
                                plain)
                            .withNumaNode(node);
                    compare(spec, kernelInner.fd(), differences);
                  }
                }
              });
    }
    assertThat(differences).isEmpty();
  }

  /** What a bloom filter and an arena take, and no other map. */
  @Test
  void onlySomeMapsTakeMore() {
    List<String> differences = new ArrayList<>();
    MapSpec plain = MapSpec.of("plain", MapType.ARRAY, 4, 4, 1, 0);
    try (KernelMap kernelInner = KernelMap.create(plain)) {
      types()
          .forEach(
              type -> {
                for (long extra : new long[] {0, 1, 5, 15, 16, 1L << 32, 4096, -1}) {
                  MapSpec good = valid(type, plain);
                  compare(good.withExtra(extra), kernelInner.fd(), differences);
                  compare(good.withMaxEntries(0).withExtra(extra), kernelInner.fd(), differences);
                }
              });
    }
    assertThat(differences).isEmpty();
  }

  /** Of numbers that Linux 6.18 has no type for; later kernels have 34. */
  @Test
  void unknownTypesAreRefusedAsInLinux() {
    List<String> differences = new ArrayList<>();
    for (int type : new int[] {0, 35, 77, 255, 1 << 16, -1}) {
      compare(MapSpec.of("m", type, 4, 4, 1, 0), 0, differences);
    }
    assertThat(differences).isEmpty();
  }

  @Test
  void arenasLieWhereLinuxLetsThem() {
    List<String> differences = new ArrayList<>();
    long[] addresses = {
      0,
      1,
      4096,
      4097,
      1L << 44,
      (1L << 44) - 4096,
      (1L << 44) - 8192,
      (1L << 32) - 4096,
      -4096,
      -8192,
      Long.MIN_VALUE
    };
    int flags = MapSpec.F_MMAPABLE;
    for (long address : addresses) {
      for (int entries : new int[] {1, 2, 3, 1 << 20, (1 << 20) - 1, (1 << 20) + 1, -1}) {
        MapSpec spec = MapSpec.of("m", MapType.ARENA, 0, 0, entries, flags).withExtra(address);
        compare(spec, 0, differences);
      }
    }
    assertThat(differences).isEmpty();
  }

  /** A small map of this type that Linux makes. */
  static MapSpec valid(MapType type, MapSpec inner) {
    boolean bare = type == MapType.RINGBUF || type == MapType.USER_RINGBUF || type == MapType.ARENA;
    int value = bare ? 0 : 4;
    int key =
        switch (type) {
          case RINGBUF, USER_RINGBUF, QUEUE, STACK, BLOOM_FILTER, ARENA -> 0;
          case LPM_TRIE -> 8;
          default -> 4;
        };
    int entries = type == MapType.ARENA ? 1 : value == 0 ? 4096 : 1;
    int flags =
        switch (type) {
          case LPM_TRIE -> MapSpec.F_NO_PREALLOC;
          case ARENA -> MapSpec.F_MMAPABLE;
          default -> 0;
        };
    return spec(type, key, value, entries, flags, inner);
  }
}
