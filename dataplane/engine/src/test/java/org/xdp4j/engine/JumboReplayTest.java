package org.xdp4j.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.TestRun;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.engine.account.Counter;

/**
 * Captures of frames beyond a page: of 9,000 bytes, as a network of jumbo frames has them, and of
 * 64 KiB, as a capture shows them before a card cuts them (of the largest whose end
 * bpf_xdp_load_bytes reaches, in Linux too). A program that takes fragments has what is beyond the
 * first buffer there; others have all of it in one, as Linux gives them the packets of its stack.
 */
class JumboReplayTest {
  private static final int[] LENGTHS = {
    60, 1514, 3520, 3521, 4096, 9000, 9014, 9018, 65_000, 65_535
  };
  private static final int FRAMES = 200;
  private static final int SHORTER = 8;

  @TempDir Path folder;

  private BpfObject build() throws Exception {
    Clang.assume();
    Path source = Path.of(JumboReplayTest.class.getResource("jumbo.bpf.c").toURI());
    return Clang.build(source, folder.resolve("jumbo.o"), "-O2", "-g", "-mcpu=v3");
  }

  private static List<byte[]> frames() {
    Random random = new Random(9000);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < FRAMES; i++) {
      byte[] frame = TestCaptures.frame(LENGTHS[i % LENGTHS.length], i % 7, 2, 0);
      for (int at = 60; at < frame.length; at++) {
        frame[at] = (byte) random.nextInt();
      }
      frames.add(frame);
    }
    return frames;
  }

  /** What the program makes of a frame. */
  private static byte[] changed(byte[] frame) {
    ByteBuffer all = ByteBuffer.wrap(frame.clone()).order(ByteOrder.LITTLE_ENDIAN);
    int inverted = ~all.getInt(frame.length - 4);
    all.putInt(frame.length - 12, inverted).putInt(0, inverted);
    return Arrays.copyOf(all.array(), frame.length - SHORTER);
  }

  private static long seen(LoadedObject loaded, int at) {
    byte[] value = loaded.map("seen").orElseThrow().get(new byte[4]);
    long sum = 0;
    for (int cpu = 0; cpu < value.length / 32; cpu++) {
      sum += ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong(32 * cpu + at);
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource({
    "in_parts, 1, false, false",
    "in_parts, 2, false, false",
    "in_parts, 2, true, false",
    "in_parts, 1, false, true",
    "in_one, 1, false, false",
    "in_one, 2, false, false",
    "in_one, 1, false, true"
  })
  void framesOfAnySizeAreReplayedWhole(
      String program, int workers, boolean split, boolean interpret) throws Exception {
    BpfObject object = build();
    List<byte[]> frames = frames();
    Path in = TestCaptures.write(folder.resolve("in.pcap"), frames);
    Path out = folder.resolve("out.pcap");
    ReplayOptions options = ReplayOptions.of(in).withWorkers(workers).withSplit(split).withOut(out);
    long bytes = frames.stream().mapToLong(frame -> frame.length).sum();
    try (Region region = Region.reserve(256 << 20);
        LoadedObject loaded =
            LoadedObject.load(
                object, region, new LoadOptions(workers, interpret, false, Set.of(program)))) {
      try (Replay replay = Replay.open(loaded.program(program).orElseThrow(), region, options)) {
        ReplayResult result = replay.run();
        assertThat(result.problems()).isEmpty();
        assertThat(result.faults()).isZero();
        assertThat(result.books().get(Counter.RECEIVED)).isEqualTo(FRAMES);
        assertThat(result.books().get(Counter.DELIVERED)).isEqualTo(FRAMES);
      }
      assertThat(seen(loaded, 0)).isEqualTo(FRAMES);
      assertThat(seen(loaded, 8)).isEqualTo(bytes);
      long first = frames.stream().mapToLong(f -> Math.min(f.length, TestRun.MAX_FRAME)).sum();
      assertThat(seen(loaded, 16)).isEqualTo(program.equals("in_parts") ? first : bytes);
    }
    List<byte[]> written = TestCaptures.read(out).stream().map(TestCaptures.Seen::bytes).toList();
    assertThat(written).hasSize(FRAMES);
    for (int i = 0; i < FRAMES; i++) {
      assertThat(written.get(i)).isEqualTo(changed(frames.get(i)));
    }
  }

  /** The kernel has long frames in fragments, and comes to the same. */
  @Test
  void theKernelMakesTheSameOfThem() throws Exception {
    KernelOracle.assumeAvailable();
    BpfObject object = build();
    for (String program : List.of("in_parts", "in_one")) {
      List<KernelMap> maps = object.maps().stream().map(KernelMap::create).toList();
      try (KernelProgram kernel =
          KernelOracle.load(object.program(program).orElseThrow(), maps, KernelOracle.LOG_FULL)
              .program()) {
        for (byte[] frame : frames()) {
          KernelProgram.Run run = kernel.run(frame);
          assertThat(run.error()).isZero();
          assertThat(run.returnCode()).isEqualTo(2);
          assertThat(run.data()).isEqualTo(changed(frame));
        }
      } finally {
        maps.forEach(KernelMap::close);
      }
    }
  }
}
