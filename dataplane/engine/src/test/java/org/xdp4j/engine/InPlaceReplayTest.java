package org.xdp4j.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.capture.CaptureReader;

/** Frames run where they lie in the capture come to what frames in buffers of their own come to. */
class InPlaceReplayTest {
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

  /** Remembers what programs can see of a frame: its bytes, time and interface. */
  private static final class Witness extends ScriptedProgram {
    private final List<Object> seen = new ArrayList<>();

    @Override
    int judge(XdpContext context) {
      byte[] bytes =
          context
              .region
              .segment()
              .asSlice(context.data, context.dataEnd - context.data)
              .toArray(Region.BYTE);
      seen.add(Arrays.hashCode(bytes));
      seen.add(List.of(bytes.length, context.now(), context.ingressIfindex));
      return super.judge(context);
    }
  }

  private record Outcome(ReplayResult result, List<Object> seen) {}

  private Outcome replay(boolean mayMoveFrame, ReplayOptions options) throws IOException {
    Witness witness = new Witness();
    long before = region.free();
    try (Replay replay = Replay.open(witness, mayMoveFrame, region, options)) {
      return new Outcome(replay.run(), witness.seen);
    } finally {
      assertThat(before - region.free()).as("memory kept").isLessThan(256L << 10);
    }
  }

  private void assertSame(ReplayOptions options) throws IOException {
    Outcome moved = replay(true, options);
    Outcome inPlace = replay(false, options);
    assertThat(inPlace.result().books()).isEqualTo(moved.result().books());
    assertThat(inPlace.result().redirected()).isEqualTo(moved.result().redirected());
    assertThat(inPlace.result().problems())
        .extracting(Throwable::getMessage)
        .isEqualTo(moved.result().problems().stream().map(Throwable::getMessage).toList());
    assertThat(inPlace.seen()).isEqualTo(moved.seen());
  }

  private List<byte[]> frames(int count, long seed) {
    Random random = new Random(seed);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length =
          switch (random.nextInt(40)) {
            case 0 -> random.nextInt(15);
            case 1 -> 60_000 + random.nextInt(10_000);
            case 2 -> random.nextInt(20) == 0 ? CaptureReader.MAX_CAPTURED_LENGTH : 1514;
            default -> 60 + random.nextInt(200);
          };
      frames.add(
          length < 60
              ? new byte[length]
              : TestCaptures.frame(
                  length, random.nextInt(9), random.nextInt(8) - 1, random.nextInt(5)));
    }
    return frames;
  }

  @ParameterizedTest
  @ValueSource(strings = {"in.pcap", "in.pcapng"})
  void anyMixOfFramesComesToTheSame(String name) throws IOException {
    Path in = TestCaptures.write(folder.resolve(name), frames(5_000, 7));
    assertSame(ReplayOptions.of(in).withRepeat(2));
    assertSame(ReplayOptions.of(in, in));
  }

  @Test
  void aCaptureThatArrivesAsAStreamComesToTheSame() throws IOException {
    Path in = TestCaptures.write(folder.resolve("in.pcap"), frames(2_000, 8));
    Path zipped = folder.resolve("in.pcap.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      Files.copy(in, out);
    }
    assertSame(ReplayOptions.of(zipped).withRepeat(2));
  }

  @Test
  void aTruncatedCaptureComesToTheSame() throws IOException {
    Path in = TestCaptures.write(folder.resolve("in.pcap"), frames(500, 9));
    byte[] bytes = Files.readAllBytes(in);
    Path cut = folder.resolve("cut.pcap");
    Files.write(cut, Arrays.copyOf(bytes, bytes.length - 1));
    assertSame(ReplayOptions.of(cut, in).withRepeat(3));
  }

  @Test
  void framesOfAnotherLinkTypeAreCountedNotRun() throws IOException {
    Path in = TestCaptures.write(folder.resolve("in.pcap"), frames(100, 10));
    byte[] bytes = Files.readAllBytes(in);
    bytes[20] = 101;
    Files.write(in, bytes);
    Outcome outcome = replay(false, ReplayOptions.of(in));
    assertThat(outcome.seen()).isEmpty();
    assertThat(outcome.result().books().dropped(DropReason.NOT_ETHERNET)).isPositive();
    assertSame(ReplayOptions.of(in));
  }
}
