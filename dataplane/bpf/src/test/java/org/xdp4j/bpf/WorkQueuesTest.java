package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.bpf.oracle.KernelTypes;
import org.xdp4j.testing.Covers;

/** Work that programs hand over runs soon, and they are told what Linux tells them. */
@Covers({"bpf_wq_init", "bpf_wq_set_callback_impl", "bpf_wq_start"})
class WorkQueuesTest {
  private static final String SOURCE = "work.bpf.c";
  private static final String[] OPTIONS = {"-O2", "-g", "-mcpu=v3"};

  @TempDir Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  /** What a program left: its results, and how often the work ran and what it added up. */
  private record Left(List<Integer> results, long runs, long sum) {
    static Left of(byte[] results, byte[] value) {
      ByteBuffer words = ByteBuffer.wrap(results).order(ByteOrder.LITTLE_ENDIAN);
      ByteBuffer element = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
      List<Integer> all = java.util.stream.Stream.generate(words::getInt).limit(16).toList();
      return new Left(all, element.getLong(0), element.getLong(8));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "hand_over, works, 2, false",
    "hand_over, works, 2, true",
    "hand_over_hashed, hashed, 1, false",
    "hand_over_hashed, hashed, 1, true"
  })
  void itRunsAsInLinux(String program, String map, int key, boolean interpret) throws Exception {
    BpfObject object = Clang.build(folder, SOURCE, OPTIONS);
    byte[] index = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(key).array();
    Left here = here(object, program, map, index, interpret);
    assertThat(here.runs()).isEqualTo(3);
    assertThat(here.sum()).isEqualTo(3 * (key + 10L));
    if (KernelOracle.available()) {
      assertThat(here).isEqualTo(inLinux(object, program, map, index));
    }
  }

  private static Left here(
      BpfObject object, String program, String map, byte[] key, boolean interpret)
      throws Exception {
    LoadOptions options = new LoadOptions(1, interpret, false, Set.of(program));
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      XdpContext context = new XdpContext(region, 0);
      XdpProgram handOver = loaded.program(program).orElseThrow();
      assertThat(TestRun.run(handOver, context, new byte[64], 1).returnCode()).isEqualTo(2);
      int ran = 0;
      for (int i = 0; i < 5; i++) {
        ran += loaded.runTimers(context);
      }
      assertThat(ran).isEqualTo(3);
      assertThat(handOver.faults()).isZero();
      return Left.of(
          loaded.map(".bss").orElseThrow().get(new byte[4]),
          loaded.map(map).orElseThrow().get(key));
    }
  }

  private Left inLinux(BpfObject object, String name, String map, byte[] key) throws Exception {
    Path file = Clang.objectFile(folder, SOURCE, OPTIONS);
    BpfProgram program = object.program(name).orElseThrow();
    try (KernelTypes types = KernelTypes.load(file, object.btf())) {
      List<KernelMap> maps = KernelOracle.createMaps(program, object.maps(), types);
      KernelOracle.Verdict verdict = KernelOracle.load(program, maps, KernelOracle.LOG_FULL, types);
      assertThat(verdict.accepted()).as(verdict.log()).isTrue();
      try (KernelProgram loaded = verdict.program()) {
        assertThat(loaded.run(new byte[64]).returnCode()).isEqualTo(2);
        Left left = left(maps, map, key);
        for (int i = 0; i < 100 && left.runs() < 3; i++) {
          Thread.sleep(10);
          left = left(maps, map, key);
        }
        return left;
      } finally {
        maps.stream().filter(Objects::nonNull).forEach(KernelMap::close);
      }
    }
  }

  private static Left left(List<KernelMap> maps, String map, byte[] key) {
    return Left.of(named(maps, ".bss").lookup(new byte[4]), named(maps, map).lookup(key));
  }

  private static KernelMap named(List<KernelMap> maps, String name) {
    return maps.stream()
        .filter(map -> map != null && map.spec().name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
