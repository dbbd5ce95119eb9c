package org.xdp4j.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.Counter;

/** Workers that share captures by stretches come to what one worker comes to. */
class SplitReplayTest {
  private static final int WORKERS = 3;

  @TempDir Path folder;
  private final Region region = Region.reserve(64L << 20);

  @AfterEach
  void free() {
    region.close();
  }

  private static List<byte[]> frames(int count, int longest, long seed) {
    Random random = new Random(seed);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = 47 + random.nextInt(longest - 46);
      frames.add(TestCaptures.frame(length, random.nextInt(50), random.nextInt(6), 1 + i % 3));
    }
    return frames;
  }

  private ReplayResult replay(ReplayOptions options, boolean mayMoveFrame) throws IOException {
    try (Replay replay = Replay.open(new ScriptedProgram(), mayMoveFrame, region, options)) {
      ReplayResult result = replay.run();
      assertThat(result.books().difference()).isZero();
      return result;
    }
  }

  private void sameAsOneWorker(boolean mayMoveFrame, long repeat, Path... captures)
      throws IOException {
    Path out = folder.resolve("out.pcapng");
    Path dropped = folder.resolve("dropped.pcap");
    Path sharedOut = folder.resolve("shared-out.pcapng");
    Path sharedDropped = folder.resolve("shared-dropped.pcap");
    ReplayOptions options = ReplayOptions.of(captures).withRepeat(repeat);
    ReplayResult one = replay(options.withOut(out).withDropped(dropped), mayMoveFrame);
    ReplayResult split =
        replay(
            options
                .withWorkers(WORKERS)
                .withSplit(true)
                .withOut(sharedOut)
                .withDropped(sharedDropped),
            mayMoveFrame);
    assertThat(split.books()).isEqualTo(one.books());
    assertThat(split.redirected()).isEqualTo(one.redirected());
    assertThat(split.problems().toString()).isEqualTo(one.problems().toString());
    assertThat(Files.mismatch(out, sharedOut)).isEqualTo(-1);
    assertThat(Files.mismatch(dropped, sharedDropped)).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneThatIsClosedWithoutARunHoldsNoMoreThanOneThatRan(boolean mayMoveFrame)
      throws IOException {
    Path in = TestCaptures.write(folder.resolve("in.pcap"), frames(100, 300, 1));
    ReplayOptions options = ReplayOptions.of(in).withWorkers(WORKERS).withSplit(true);
    long before = region.free();
    replay(options, mayMoveFrame);
    long held = before - region.free();
    Replay.open(new ScriptedProgram(), mayMoveFrame, region, options).close();
    assertThat(before - region.free()).isEqualTo(2 * held);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void manyStretchesOfPcap(boolean mayMoveFrame) throws IOException {
    Path in = TestCaptures.write(folder.resolve("in.pcap"), frames(20_000, 300, 1));
    sameAsOneWorker(mayMoveFrame, 2, in);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void largeFramesOfPcapng(boolean mayMoveFrame) throws IOException {
    Path in = TestCaptures.write(folder.resolve("in.pcapng"), frames(300, 60_000, 2));
    sameAsOneWorker(mayMoveFrame, 3, in);
  }

  @Test
  void compressedAndCutCapturesOneAfterTheOther() throws IOException {
    Path plain = TestCaptures.write(folder.resolve("plain.pcap"), frames(5_000, 400, 3));
    Path packed = folder.resolve("packed.pcap.gz");
    try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(plain, gzip);
    }
    byte[] bytes = Files.readAllBytes(plain);
    Path cut = folder.resolve("cut.pcap");
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length - 7));
    sameAsOneWorker(false, 2, packed, cut, plain);
  }

  @Test
  void stoppingLosesNothing() throws Exception {
    Path in = TestCaptures.write(folder.resolve("in.pcap"), frames(1000, 200, 4));
    Path out = folder.resolve("out.pcapng");
    ReplayOptions endless =
        ReplayOptions.of(in)
            .withRepeat(1_000_000_000)
            .withOut(out)
            .withWorkers(WORKERS)
            .withSplit(true);
    try (Replay replay = Replay.open(new ScriptedProgram(), false, region, endless)) {
      Thread stopper =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (replay.progress().frames() < 5000) {
                      Thread.onSpinWait();
                    }
                    replay.stop();
                  });
      ReplayResult result = replay.run();
      stopper.join();

      assertThat(result.stopped()).isTrue();
      assertThat(result.books().difference()).isZero();
      assertThat(TestCaptures.read(out))
          .hasSize(
              (int)
                  (result.books().get(Counter.DELIVERED)
                      + result.books().get(Counter.TRANSMITTED)));
    }
  }

  @Test
  void aWorkerThatFailsEndsThemAll() throws IOException {
    Path in = TestCaptures.write(folder.resolve("in.pcap"), frames(20_000, 300, 5));
    ScriptedProgram failing =
        new ScriptedProgram() {
          @Override
          int judge(XdpContext context) {
            throw new IllegalStateException("broken on purpose");
          }
        };
    ReplayOptions options =
        ReplayOptions.of(in)
            .withWorkers(WORKERS)
            .withSplit(true)
            .withOut(folder.resolve("out.pcap"));
    try (Replay replay = Replay.open(failing, false, region, options)) {
      assertThatThrownBy(replay::run).hasMessage("a worker failed");
    }
  }
}
