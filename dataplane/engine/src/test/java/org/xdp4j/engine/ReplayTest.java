package org.xdp4j.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.Books;
import org.xdp4j.engine.account.Counter;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.worker.BatchProgram;

class ReplayTest {
  @TempDir Path folder;
  private Region region;

  @BeforeEach
  void reserve() {
    region = Region.reserve(256 << 20);
  }

  @AfterEach
  void release() {
    region.close();
  }

  private ReplayResult replay(ReplayOptions options) throws IOException {
    return replay(new ScriptedProgram(), options);
  }

  private ReplayResult replay(BatchProgram program, ReplayOptions options) throws IOException {
    long before = region.free();
    try (Replay replay = Replay.open(program, region, options)) {
      return replay.run();
    } finally {
      // What stays is contexts: stacks and a page each.
      assertThat(before - region.free()).isLessThan(options.workers() * (256L << 10));
    }
  }

  private Path capture(int... actions) throws IOException {
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < actions.length; i++) {
      frames.add(TestCaptures.frame(60, i, actions[i], 100 + i));
    }
    return TestCaptures.write(folder.resolve("in.pcap"), frames);
  }

  private List<byte[]> randomFrames(int count, long seed) {
    Random random = new Random(seed);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = random.nextInt(50) == 0 ? random.nextInt(70_000) : 60 + random.nextInt(1455);
      int action = random.nextInt(8) - 1;
      frames.add(
          TestCaptures.frame(Math.max(60, length), random.nextInt(40), action, random.nextInt(9)));
    }
    return frames;
  }

  @Test
  void everyActionEndsInItsOwnCounter() throws IOException {
    Path in = capture(2, 2, 1, 0, 3, 4, 5, -1, 99);
    Path out = folder.resolve("out.pcapng");
    Path dropped = folder.resolve("dropped.pcapng");

    ReplayResult result = replay(ReplayOptions.of(in).withOut(out).withDropped(dropped));

    assertThat(result.complete()).isTrue();
    assertThat(result.frames()).isEqualTo(9);
    assertThat(result.bytes()).isEqualTo(540);
    assertThat(result.verdicts(0)).isEqualTo(1);
    assertThat(result.verdicts(1)).isEqualTo(1);
    assertThat(result.verdicts(2)).isEqualTo(2);
    assertThat(result.verdicts(3)).isEqualTo(1);
    assertThat(result.verdicts(4)).isEqualTo(1);
    assertThat(result.verdicts(5)).isEqualTo(3);
    Books books = result.books();
    assertThat(books.get(Counter.DELIVERED)).isEqualTo(2);
    assertThat(books.get(Counter.TRANSMITTED)).isEqualTo(2);
    assertThat(books.drops())
        .isEqualTo(
            Map.of(
                DropReason.XDP_DROP,
                1L,
                DropReason.XDP_ABORTED,
                1L,
                DropReason.UNKNOWN_ACTION,
                3L));
    assertThat(result.redirected()).isEqualTo(Map.of(105, 1L));
    assertThat(TestCaptures.read(out))
        .extracting(TestCaptures.Seen::name)
        .containsExactly("if1", "if1", "if1", "if105");
    assertThat(TestCaptures.read(dropped)).hasSize(5);
  }

  @Test
  void interfacesKeepTheirNamesAndTimes() throws IOException {
    Path in = folder.resolve("in.pcapng");
    TestCaptures.write(in, List.of(TestCaptures.frame(60, 1, 2, 0)));
    Path out = folder.resolve("out.pcapng");

    ReplayResult result = replay(ReplayOptions.of(in).withOut(out));

    assertThat(result.interfaces()).isEqualTo(Map.of(1, "eth7"));
    TestCaptures.Seen seen = TestCaptures.read(out).getFirst();
    assertThat(seen.name()).isEqualTo("eth7");
    assertThat(seen.nanos()).isEqualTo(TestCaptures.START);
  }

  @Test
  void redirectWithoutATargetIsADrop() throws IOException {
    Path in =
        TestCaptures.write(folder.resolve("in.pcap"), List.of(TestCaptures.frame(60, 1, 4, 0)));

    ReplayResult result = replay(ReplayOptions.of(in));

    assertThat(result.books().dropped(DropReason.REDIRECT_FAILED)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void outputDoesNotDependOnTheNumberOfWorkers(int workers) throws IOException {
    Path in = TestCaptures.write(folder.resolve("in.pcap"), randomFrames(20_000, 5));
    Path alone = folder.resolve("alone.pcapng");
    Path together = folder.resolve("together.pcapng");
    Path aloneDropped = folder.resolve("alone-dropped.pcapng");
    Path togetherDropped = folder.resolve("together-dropped.pcapng");
    ReplayResult one = replay(ReplayOptions.of(in).withOut(alone).withDropped(aloneDropped));

    ReplayResult result =
        replay(
            ReplayOptions.of(in)
                .withWorkers(workers)
                .withOut(together)
                .withDropped(togetherDropped));

    assertThat(result.books()).isEqualTo(one.books());
    assertThat(result.workers()).hasSize(workers);
    assertThat(result.workers().stream().mapToLong(Long::longValue).sum()).isEqualTo(20_000);
    assertThat(together).hasSameBinaryContentAs(alone);
    assertThat(togetherDropped).hasSameBinaryContentAs(aloneDropped);
  }

  @Test
  void framesOfAFlowGoToOneWorkerInOrder() throws IOException {
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      frames.add(TestCaptures.frame(60, i % 100, 1, i));
    }
    Path in = TestCaptures.write(folder.resolve("in.pcap"), frames);
    Map<Integer, Integer> cpuOfFlow = new ConcurrentHashMap<>();
    Map<Integer, Integer> lastOfFlow = new ConcurrentHashMap<>();
    ScriptedProgram program =
        new ScriptedProgram() {
          @Override
          int judge(XdpContext context) {
            int number = context.region.segment().get(Region.INT, context.data + TARGET);
            int flow = number % 100;
            assertThat(cpuOfFlow.computeIfAbsent(flow, f -> context.cpu)).isEqualTo(context.cpu);
            assertThat(context.rxQueueIndex).isEqualTo(context.cpu);
            Integer last = lastOfFlow.put(flow, number);
            assertThat(last == null || last == number - 100).isTrue();
            return 1;
          }
        };

    ReplayResult result = replay(program, ReplayOptions.of(in).withWorkers(4).withPinning(false));

    assertThat(result.frames()).isEqualTo(10_000);
    assertThat(cpuOfFlow).hasSize(100);
    assertThat(cpuOfFlow.values()).containsOnly(0, 1, 2, 3);
  }

  @Test
  void largeFramesAreReplayedWhole() throws IOException {
    List<byte[]> frames = new ArrayList<>();
    for (int length : new int[] {3520, 3521, 9014, 16_384, 65_549, 66_561, 262_144}) {
      frames.add(TestCaptures.frame(length, length, 2, 0));
    }
    Path in = TestCaptures.write(folder.resolve("in.pcap"), frames);
    Path out = folder.resolve("out.pcap");

    for (int workers = 1; workers <= 2; workers++) {
      ReplayResult result = replay(ReplayOptions.of(in).withOut(out).withWorkers(workers));

      assertThat(result.books().get(Counter.DELIVERED)).isEqualTo(7);
      assertThat(out).hasSameBinaryContentAs(in);
    }
  }

  @Test
  void framesThatFitNoBufferAreCounted() throws IOException {
    Path in =
        TestCaptures.write(
            folder.resolve("in.pcap"),
            List.of(TestCaptures.frame(60, 1, 2, 0), TestCaptures.frame(200_000, 1, 2, 0)));
    try (Region little = Region.reserve(1 << 20);
        Replay replay = Replay.open(new ScriptedProgram(), little, ReplayOptions.of(in))) {
      ReplayResult result = replay.run();
      assertThat(result.books().get(Counter.DELIVERED)).isEqualTo(1);
      assertThat(result.books().dropped(DropReason.NO_BUFFER)).isEqualTo(1);
    }
  }

  @Test
  void framesWithoutAnEthernetHeaderAreCounted() throws IOException {
    Path in =
        TestCaptures.write(
            folder.resolve("in.pcap"),
            List.of(new byte[0], new byte[13], new byte[14], TestCaptures.frame(60, 1, 1, 0)));

    ReplayResult result = replay(ReplayOptions.of(in));

    assertThat(result.frames()).isEqualTo(4);
    assertThat(result.books().dropped(DropReason.TOO_SHORT)).isEqualTo(2);
    assertThat(result.books().judged()).isEqualTo(2);
  }

  @Test
  void aCaptureOfAnotherLinkTypeIsCountedNotRun() throws IOException {
    Path in = capture(2, 2);
    byte[] bytes = Files.readAllBytes(in);
    bytes[20] = 101;
    Files.write(in, bytes);

    ReplayResult result = replay(ReplayOptions.of(in));

    assertThat(result.books().dropped(DropReason.NOT_ETHERNET)).isEqualTo(2);
    assertThat(result.books().judged()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aTruncatedCaptureIsReplayedToItsLastWholeFrameAndTheNextOneAfterIt(int workers)
      throws IOException {
    Path in = capture(2, 2, 2);
    byte[] bytes = Files.readAllBytes(in);
    Path cut = folder.resolve("cut.pcap");
    Files.write(cut, Arrays.copyOf(bytes, bytes.length - 1));
    Path out = folder.resolve("out.pcapng");

    ReplayResult result =
        replay(ReplayOptions.of(cut, in).withOut(out).withWorkers(workers).withRepeat(2));

    assertThat(result.frames()).isEqualTo(10);
    assertThat(result.complete()).isFalse();
    assertThat(result.problems())
        .singleElement()
        .satisfies(
            p ->
                assertThat(p)
                    .hasMessage(
                        cut + ": ends at byte 251, within the record that begins at byte 176"));
    assertThat(TestCaptures.read(out)).hasSize(10);
  }

  @Test
  void programsSeeAClockThatNeverGoesBack() throws IOException {
    Path in = capture(2, 2, 2);
    List<Long> times = new ArrayList<>();
    ScriptedProgram program =
        new ScriptedProgram() {
          @Override
          int judge(XdpContext context) {
            times.add(context.frameNanos);
            assertThat(context.frameTime).isTrue();
            return 2;
          }
        };

    replay(program, ReplayOptions.of(in, in).withRepeat(2));

    assertThat(times).hasSize(12).isSorted().doesNotHaveDuplicates();
    assertThat(times.getFirst()).isEqualTo(TestCaptures.START);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void stoppingLosesNothing(int workers) throws Exception {
    Path in = TestCaptures.write(folder.resolve("in.pcap"), randomFrames(1000, 6));
    Path out = folder.resolve("out.pcapng");
    ReplayOptions endless =
        ReplayOptions.of(in).withRepeat(1_000_000_000).withOut(out).withWorkers(workers);
    try (Replay replay = Replay.open(new ScriptedProgram(), region, endless)) {
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
      assertThat(result.books().inFlight()).isZero();
      Books books = result.books();
      assertThat(TestCaptures.read(out).size())
          .isEqualTo((int) (books.get(Counter.DELIVERED) + books.get(Counter.TRANSMITTED)));
    }
  }

  @Test
  void anOutputThatIsFullIsReportedAndCounted() throws IOException {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.isWritable(full), "there is no /dev/full");
    Path in = TestCaptures.write(folder.resolve("in.pcap"), randomFrames(20_000, 7));
    for (int workers = 1; workers <= 2; workers++) {
      ReplayResult result = replay(ReplayOptions.of(in).withOut(full).withWorkers(workers));

      assertThat(result.failure()).hasMessageContaining("cannot write /dev/full");
      assertThat(result.complete()).isFalse();
      assertThat(result.books().dropped(DropReason.OUTPUT_FAILED)).isPositive();
    }
  }

  @Test
  void aCaptureIsNeverOverwrittenByItsOwnReplay() throws IOException {
    Path in = capture(2);
    byte[] before = Files.readAllBytes(in);
    Path link = Files.createSymbolicLink(folder.resolve("link.pcap"), in);

    assertThatThrownBy(() -> replay(ReplayOptions.of(in).withOut(link)))
        .isInstanceOf(IOException.class)
        .hasMessage(link + ": is a capture to be replayed, and would be overwritten");
    Path both = folder.resolve("both.pcapng");
    assertThatThrownBy(() -> replay(ReplayOptions.of(in).withOut(both).withDropped(both)))
        .hasMessageContaining("cannot take both");
    assertThat(in).hasBinaryContent(before);
  }

  @Test
  void anyUnreadableCaptureIsRefusedBeforeTheFirstFrame() throws IOException {
    Path in = capture(2);
    Path text = Files.writeString(folder.resolve("notes.txt"), "no capture at all");

    assertThatThrownBy(() -> replay(ReplayOptions.of(in, text)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(text + ": is no capture");
  }
}
