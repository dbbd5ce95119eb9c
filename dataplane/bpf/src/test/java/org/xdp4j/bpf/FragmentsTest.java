package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.testing.Covers;

/** Packets of several buffers ({@code xdp.frags}), beside Linux. */
@Covers({
  "bpf_xdp_get_buff_len",
  "bpf_xdp_load_bytes",
  "bpf_xdp_store_bytes",
  "bpf_xdp_adjust_tail",
  "bpf_xdp_adjust_head",
  "bpf_xdp_adjust_meta",
  "bpf_dynptr_from_xdp",
  "bpf_dynptr_slice",
  "bpf_dynptr_slice_rdwr",
  "bpf_dynptr_read",
  "bpf_dynptr_write",
  "bpf_check_mtu",
  "bpf_xdp_pull_data"
})
class FragmentsTest {
  private static final int STEPS = 12;
  private static final int KINDS = 15;
  private static final int TAIL = 4;
  private static final int HEAD = 5;
  private static final int META = 6;
  private static final int MTU = 12;
  private static final int PULL = 14;
  private static final int PACKETS = Integer.getInteger("xdp4j.fragments", 400);

  private static final List<String> NAMES =
      List.of(
          "length",
          "linear",
          "load",
          "store",
          "tail",
          "head",
          "meta",
          "slice",
          "slice to write",
          "slice without buffer",
          "read",
          "write",
          "mtu",
          "stale",
          "pull");

  @TempDir Path folder;
  private BpfObject object;

  @BeforeEach
  void build() throws Exception {
    Clang.assume();
    object = Clang.build(folder, "fragments.bpf.c", "-O2", "-g", "-mcpu=v3");
  }

  private static byte[] key(int index) {
    return new byte[] {(byte) index, 0, 0, 0};
  }

  /** Offsets around the ends of buffers, of the packet, and of what is allowed. */
  private static int offset(Random random, int kind, int size, int linear) {
    int near = random.nextInt(-40, 41);
    if (kind == HEAD) {
      return random.nextInt(4) == 0 ? random.nextInt(-300, 300) : near;
    }
    if (kind == META) {
      return random.nextInt(3) == 0 ? near : near * 4;
    }
    if (kind == TAIL) {
      return switch (random.nextInt(6)) {
        case 0 -> near;
        case 1 -> -size + near;
        case 2 -> linear - size + near;
        case 3 -> random.nextInt(-5000, 5000);
        case 4 -> -(size - linear) % 4096 + near;
        default -> random.nextInt(-200, 100);
      };
    }
    if (kind == PULL && random.nextInt(3) > 0) {
      return random.nextBoolean()
          ? Math.min(linear, TestRun.MAX_FRAME) + random.nextInt(300)
          : random.nextInt(TestRun.MAX_FRAME + 220);
    }
    return switch (random.nextInt(7)) {
      case 0 -> linear + near;
      case 1 -> linear + 4096 * random.nextInt(1, 4) + near;
      case 2 -> size + near;
      case 3 -> random.nextInt(size + 1);
      case 4 -> 0xffff + near;
      case 5 -> near;
      default -> random.nextInt();
    };
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void helpersDoToFragmentsWhatTheyDoInLinux(boolean interpret) throws Exception {
    KernelOracle.assumeAvailable();
    BpfProgram program = object.program("steps_on_fragments").orElseThrow();
    assertThat(program.frags()).isTrue();
    List<KernelMap> maps = KernelOracle.createMaps(program, object.maps());
    KernelOracle.Verdict verdict = KernelOracle.load(program, maps, KernelOracle.LOG_FULL);
    assertThat(verdict.accepted()).as(verdict.reason()).isTrue();
    LoadOptions options = new LoadOptions(1, interpret, false, Set.of("steps_on_fragments"));
    try (KernelProgram kernel = verdict.program();
        Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      XdpContext context = new XdpContext(region, 0);
      XdpProgram ours = loaded.programs().getFirst();
      Random random = new Random(interpret ? 1 : 2);
      int compared = 0;
      for (int i = 0; i < PACKETS; i++) {
        byte[] packet = packet(random);
        int linear = linear(random, packet.length);
        StringBuilder what =
            new StringBuilder("%d bytes, first %d:".formatted(packet.length, linear));
        BpfMap own = loaded.map("steps").orElseThrow();
        for (int s = 0; s < STEPS; s++) {
          byte[] step = step(random, packet.length, Math.min(linear, packet.length), what);
          assertThat(own.put(key(s), step, BpfMap.ANY)).isZero();
          assertThat(map(maps, "steps").update(key(s), step, 0)).isZero();
        }
        boolean whole = linear == TestRun.MAX_FRAME;
        KernelProgram.Run theirs = kernel.run(packet, 1, whole ? 0 : linear);
        assertThat(theirs.error()).as(what.toString()).isZero();
        TestRun.Result here = TestRun.run(ours, context, packet, 1, linear);
        compare(loaded, maps, what.toString());
        assertThat(here.returnCode()).isEqualTo(theirs.returnCode());
        assertThat(here.data()).as(what.toString()).isEqualTo(theirs.data());
        compared++;
      }
      assertThat(ours.faults()).isZero();
      System.out.println(
          "packets of several buffers: " + compared + " beside Linux, 0 differences");
    } finally {
      maps.stream().filter(Objects::nonNull).forEach(KernelMap::close);
    }
  }

  private static byte[] packet(Random random) {
    int size =
        switch (random.nextInt(4)) {
          case 0 -> random.nextInt(14, 200);
          case 1 -> random.nextInt(TestRun.MAX_FRAME - 20, TestRun.MAX_FRAME + 200);
          case 2 -> TestRun.MAX_FRAME + 4096 * random.nextInt(3) + random.nextInt(-10, 11);
          default -> random.nextInt(14, TestRun.MAX_FRAGMENTED + 1);
        };
    byte[] packet = new byte[size];
    random.nextBytes(packet);
    return packet;
  }

  private static int linear(Random random, int size) {
    int least = Math.max(14, size - TestRun.MAX_FRAGMENTED + TestRun.MAX_FRAME);
    int most = Math.min(size, TestRun.MAX_FRAME);
    return random.nextInt(3) > 0 || least >= most ? TestRun.MAX_FRAME : random.nextInt(least, most);
  }

  private static byte[] step(Random random, int size, int linear, StringBuilder what) {
    int kind = random.nextInt(KINDS);
    int offset = kind == MTU ? random.nextInt(-80, 80) : offset(random, kind, size, linear);
    int length = random.nextInt(1, 97);
    what.append(" %s %d %d;".formatted(NAMES.get(kind), offset, length));
    return ByteBuffer.allocate(12)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(kind)
        .putInt(offset)
        .putInt(length)
        .array();
  }

  private static KernelMap map(List<KernelMap> maps, String name) {
    return maps.stream()
        .filter(m -> m != null && m.spec().name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static void compare(LoadedObject loaded, List<KernelMap> maps, String what) {
    BpfMap ours = loaded.map("results").orElseThrow();
    KernelMap theirs = map(maps, "results");
    for (int s = 0; s < STEPS; s++) {
      assertThat(numbers(ours.get(key(s))))
          .as("step %d of %s", s, what)
          .isEqualTo(numbers(theirs.lookup(key(s))));
    }
  }

  private static List<Long> numbers(byte[] result) {
    ByteBuffer buffer = ByteBuffer.wrap(result).order(ByteOrder.LITTLE_ENDIAN);
    return List.of(buffer.getLong(), buffer.getLong());
  }

  @Test
  void aTestRunGivesFragmentsToAnyProgramAsInLinux() throws Exception {
    LoadOptions options = new LoadOptions(1, false, false, Set.of("one_buffer"));
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      XdpContext context = new XdpContext(region, 0);
      XdpProgram program = loaded.programs().getFirst();
      byte[] packet = new byte[TestRun.MAX_FRAGMENTED];
      assertThat(program.verified().program().frags()).isFalse();
      assertThat(TestRun.run(program, context, packet, 1).data()).isEqualTo(packet);
      assertThatThrownBy(() -> TestRun.run(program, context, new byte[packet.length + 1], 1))
          .hasMessage("a frame has 14 to 73152 bytes, not 73153");
    }
    if (KernelOracle.available()) {
      BpfProgram program = object.program("one_buffer").orElseThrow();
      try (KernelProgram kernel =
          KernelOracle.load(program, List.of(), KernelOracle.LOG_NONE).program()) {
        assertThat(kernel.run(new byte[TestRun.MAX_FRAGMENTED]).error()).isZero();
        assertThat(kernel.run(new byte[TestRun.MAX_FRAGMENTED + 1]).error()).isNegative();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBatchGivesLongFramesInFragmentsToProgramsThatTakeThem(boolean interpret) throws Exception {
    LoadOptions options = new LoadOptions(1, interpret, false, Set.of("steps_on_fragments"));
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      XdpContext context = new XdpContext(region, 0);
      XdpProgram program = loaded.programs().getFirst();
      Random random = new Random(3);
      long room = region.allocate(1 << 17, 64);
      XdpBatch batch = new XdpBatch(2);
      for (int i = 0; i < 200; i++) {
        byte[] packet = packet(random);
        StringBuilder what = new StringBuilder(packet.length + " bytes:");
        for (int s = 0; s < STEPS; s++) {
          int first = Math.min(packet.length, TestRun.MAX_FRAME);
          byte[] step = step(random, packet.length, first, what);
          if (step[0] == TAIL && step[7] >= 0) {
            step[0] = 0; // a frame that lies in one piece has other room to grow
          }
          assertThat(loaded.map("steps").orElseThrow().put(key(s), step, BpfMap.ANY)).isZero();
        }
        byte[] wanted = TestRun.run(program, context, packet, 1).data();
        batch.size = packet.length > 1 << 15 ? 1 : 2;
        for (int frame = 0; frame < batch.size; frame++) {
          long start = room + frame * (1L << 16);
          batch.frameStart[frame] = start;
          region.segment().asSlice(start, TestRun.HEADROOM).fill((byte) 0);
          batch.data[frame] = start + TestRun.HEADROOM;
          batch.dataMeta[frame] = batch.data[frame];
          batch.dataEnd[frame] = batch.data[frame] + packet.length;
          batch.frameEnd[frame] = batch.dataEnd[frame];
          MemorySegment.copy(
              packet, 0, region.segment(), Region.BYTE, batch.data[frame], packet.length);
        }
        program.run(batch, context);
        for (int frame = 0; frame < batch.size; frame++) {
          long length = batch.dataEnd[frame] - batch.dataMeta[frame];
          assertThat(batch.verdict[frame]).isEqualTo(2);
          assertThat(batch.fragsSize[frame]).isZero();
          assertThat(length).as(what.toString()).isEqualTo(wanted.length);
          assertThat(region.segment().asSlice(batch.dataMeta[frame], length).toArray(Region.BYTE))
              .isEqualTo(wanted);
        }
      }
      assertThat(program.faults()).isZero();
    }
  }
}
