package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.testing.Covers;

/** Clocks, random numbers, other CPUs' values and strings. */
class SystemHelpersTest {
  private static final int FIRST_CPU = 0;

  private final HelperLab lab = new HelperLab();

  @AfterEach
  void close() {
    lab.close();
  }

  /** What the running kernel's helper says now. */
  private static long kernel(int helper) {
    List<MapSpec> specs = List.of(MapSpec.of("out", MapType.ARRAY, 4, 8, 1, 0));
    BpfProgram program = BpfProgram.of(new Snippet().callOnly(helper).keep(0, 0, 0).instructions());
    List<KernelMap> maps = KernelOracle.createMaps(program, specs);
    try (KernelMap out = maps.getFirst();
        KernelProgram loaded = KernelOracle.load(program, maps, KernelOracle.LOG_NONE).program()) {
      loaded.run(new byte[14]);
      byte[] value = out.lookup(new byte[4]);
      return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }
  }

  private long ours(int helper) {
    try {
      return (long)
          Helpers.byId(helper).orElseThrow().handle().invokeExact(lab.context, 0L, 0L, 0L, 0L, 0L);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  @Covers({"bpf_ktime_get_ns", "bpf_ktime_get_tai_ns"})
  @ParameterizedTest
  @ValueSource(ints = {5, 208})
  void aClockStandsWhereTheKernelsStands(int helper) {
    KernelOracle.assumeAvailable();
    long before = kernel(helper);
    long now = ours(helper);
    assertThat(now).isBetween(before, kernel(helper));
  }

  @Covers({"bpf_ktime_get_boot_ns", "bpf_ktime_get_coarse_ns", "bpf_jiffies64"})
  @Test
  void everyClockShowsTheFramesTimeInAReplay() {
    lab.context.frameTime = true;
    lab.context.frameNanos = 1_700_000_000_123_456_789L;
    for (int helper : new int[] {5, 125, 160, 208}) {
      assertThat(ours(helper)).isEqualTo(1_700_000_000_123_456_789L);
    }
    assertThat(ours(118)).isEqualTo(1_700_000_000_123_456_789L / 4_000_000);
  }

  @Covers("bpf_get_prandom_u32")
  @Test
  void randomNumbersHave32BitsAndRepeatFromASeed() {
    lab.context.prandomState = 7;
    long[] first = LongStream.generate(() -> ours(7)).limit(1000).toArray();
    assertThat(LongStream.of(first)).allSatisfy(x -> assertThat(x).isBetween(0L, 0xFFFFFFFFL));
    assertThat(LongStream.of(first).distinct().count()).isGreaterThan(990);
    lab.context.prandomState = 7;
    assertThat(LongStream.generate(() -> ours(7)).limit(1000).toArray()).isEqualTo(first);
  }

  @Covers({"bpf_get_smp_processor_id", "bpf_get_numa_node_id"})
  @Test
  void theCpuIsTheContextsSlotAndTheNodeTheOnlyOne() {
    assertThat(ours(8)).isEqualTo(FIRST_CPU);
    assertThat(ours(42)).isZero();
  }

  @Covers("bpf_map_lookup_percpu_elem")
  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"PERCPU_ARRAY", "PERCPU_HASH", "LRU_PERCPU_HASH"})
  void anotherCpusValueIsThereAsInLinux(MapType type) throws MapException {
    KernelOracle.assumeAvailable();
    int entries = type == MapType.LRU_PERCPU_HASH ? 2048 : 4;
    List<MapSpec> maps = List.of(MapSpec.of("m", type, 4, 8, entries, 0));
    Snippet snippet = new Snippet().writeInt(-4, 1).writeLong(-16, 5);
    snippet.map(1, 0).stack(2, -4).stack(3, -16).set(4, 0).call(2);
    for (int key : new int[] {0, 1, 3, 4}) {
      for (int cpu : new int[] {0, 1, KernelOracle.possibleCpus(), 4096, -1}) {
        snippet.writeInt(-4, key).map(1, 0).stack(2, -4).set(3, cpu).callOnly(195);
        // fold whether there is one
        snippet.add(0x15, 0, 0, 1, 0).set(0, 1).fold(0);
      }
    }
    lab.agree(type.name(), snippet, maps, new byte[14]);
  }

  @Covers("bpf_strncmp")
  @ParameterizedTest
  @ValueSource(strings = {"abc", "abd", "ab", "", "abcdef", "Abc", "ab\u00e9", "ab\0x", "zzz"})
  void stringsCompareAsInLinux(String text) throws MapException {
    KernelOracle.assumeAvailable();
    byte[] constant = {'a', 'b', 'c', 0, 'q'};
    MapSpec strings =
        MapSpec.of("strings", MapType.ARRAY, 4, constant.length, 1, MapSpec.F_RDONLY_PROG)
            .withData(constant)
            .withFrozen(true);
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    Snippet snippet = new Snippet().write(-16, new byte[16]).write(-16, bytes);
    for (int size : new int[] {1, 2, 3, 4, 5, 16}) {
      snippet.stack(1, -16).set(2, size).mapValue(3, 0, 0).call(182);
    }
    lab.agree(text, snippet, List.of(strings), new byte[14]);
  }

  @Covers("bpf_trace_vprintk")
  @ParameterizedTest
  @ValueSource(strings = {"%d %d", "%d", "%d %d %d", "plain", "%q", "%lld|%c", "%5d|%-5d"})
  void longTextsAreAcceptedAsInLinux(String format) throws MapException {
    KernelOracle.assumeAvailable();
    byte[] text = (format + "\0").getBytes(StandardCharsets.US_ASCII);
    for (int size : new int[] {0, 8, 16, 12, 24}) {
      Snippet snippet = new Snippet().write(-64, new byte[64]).write(-64, text);
      snippet.stack(1, -64).set(2, text.length).stack(3, -24).set(4, size).call(177);
      lab.agree(format + " " + size, snippet, List.of(), new byte[14]);
    }
  }
}
