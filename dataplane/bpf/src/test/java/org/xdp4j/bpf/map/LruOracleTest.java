package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.BoundThread;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.testing.Covers;

/**
 * Which keys leave a full LRU hash, and when: the same as in the running kernel, under the same
 * updates, look-ups by programs, readings by user space and deletions, on one CPU and on changing
 * ones. The kernel makes its choice one operation after the other, so nothing is left to chance.
 */
class LruOracleTest {
  private static final int OPERATIONS = Integer.getInteger("xdp4j.lru.operations", 3000);

  private static int compared;

  /** Looks the key up that begins 14 bytes into the frame: 2 when it is there, else 1. */
  private static final String LOOK_UP =
      """
      r2 = *(u32 *)(r1 + 4)
      r1 = *(u32 *)(r1 + 0)
      r3 = r1
      r3 += 18
      if r3 > r2 goto +8
      r3 = *(u32 *)(r1 + 14)
      *(u32 *)(r10 - 4) = r3
      r1 = map[0] ll
      r2 = r10
      r2 += -4
      call 1
      if r0 != 0 goto +2
      r0 = 1
      exit
      r0 = 2
      exit
      """;

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @AfterAll
  static void count() {
    System.out.println("LRU hashes and the kernel: " + compared + " operations, 0 differences");
  }

  static Stream<MapSpec> maps() {
    int cpus = KernelOracle.available() ? KernelOracle.possibleCpus() : 1;
    return Stream.of(MapType.LRU_HASH, MapType.LRU_PERCPU_HASH)
        .flatMap(
            type ->
                IntStream.of(1, 2, 3, 4, 5, 8, 64, 300, 1100)
                    .boxed()
                    .flatMap(
                        entries ->
                            Stream.of(0, MapSpec.F_NO_COMMON_LRU)
                                // The kernel looks for a free element of a CPU that has none.
                                .filter(flags -> flags == 0 || entries >= cpus)
                                .map(flags -> MapSpec.of("m", type, 4, 8, entries, flags))));
  }

  @Covers({"LRU_HASH", "LRU_PERCPU_HASH"})
  @ParameterizedTest
  @MethodSource("maps")
  void theSameKeysLeaveOnOneCpu(MapSpec spec) throws Exception {
    BoundThread.run(() -> agree(spec, 1));
  }

  @ParameterizedTest
  @MethodSource("maps")
  void theSameKeysLeaveOnChangingCpus(MapSpec spec) throws Exception {
    BoundThread.run(() -> agree(spec, Math.min(64, KernelOracle.possibleCpus())));
  }

  private static void agree(MapSpec spec, int cpusUsed) throws MapException {
    BpfProgram program = BpfProgram.of(Assembler.assemble(LOOK_UP));
    try (Region region = Region.reserve(1 << 24);
        KernelMap kernel = KernelMap.create(spec);
        KernelProgram lookUp =
            KernelOracle.load(program, List.of(kernel), KernelOracle.LOG_NONE).program()) {
      BpfMap map = MapFactory.create(spec, region, KernelOracle.possibleCpus());
      Random random = new Random(spec.maxEntries() + cpusUsed);
      long key = region.allocate(8, 8);
      long value = region.allocate(8, 8);
      int userSize = kernel.userValueSize();
      int cpu = 0;
      BoundThread.moveTo(cpu);
      for (int i = 0; i < OPERATIONS; i++) {
        if (random.nextInt(16) == 0 && cpusUsed > 1) {
          cpu = random.nextInt(cpusUsed);
          BoundThread.moveTo(cpu);
        }
        // Some keys come again and again, most seldom.
        int range = random.nextInt(3) == 0 ? spec.maxEntries() / 2 + 1 : spec.maxEntries() * 3 + 2;
        byte[] k = BpfMap.indexKey(random.nextInt(range));
        map.fill(key, k);
        String step = spec + " step " + i;
        switch (random.nextInt(8)) {
          case 0 -> assertThat(map.delete(key)).as(step).isEqualTo(kernel.delete(k));
          case 1 -> assertThat(map.get(k) != null).as(step).isEqualTo(kernel.lookup(k) != null);
          case 2, 3 -> {
            byte[] packet = Arrays.copyOf(new byte[14], 64);
            System.arraycopy(k, 0, packet, 14, 4);
            int found = map.lookup(key, cpu) == 0 ? 1 : 2;
            assertThat(found).as(step).isEqualTo(lookUp.run(packet).returnCode());
          }
          default -> {
            long flags = random.nextInt(4) == 0 ? random.nextInt(4) : BpfMap.ANY;
            int expected = kernel.update(k, new byte[userSize], flags);
            assertThat(map.update(key, value, flags, cpu)).as(step).isEqualTo(expected);
          }
        }
        compared++;
        if (i % 97 == 0 || i == OPERATIONS - 1) {
          assertThat(sorted(map.keys())).as(step).isEqualTo(sorted(kernel.keys()));
        }
      }
    }
  }

  private static List<Integer> sorted(Iterable<byte[]> keys) {
    List<Integer> numbers = new ArrayList<>();
    keys.forEach(key -> numbers.add(ArrayOfMaps.number(key)));
    numbers.sort(null);
    return numbers;
  }
}
