package org.xdp4j.engine.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.capture.CaptureReader;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

class InMemoryPortsTest {
  private static final PortIdentity A = new PortIdentity("a", 1, 0x02_0000_0000_0aL, 1500);
  private static final PortIdentity B = new PortIdentity("b", 2, 0x02_0000_0000_0bL, 1500);

  private final Region region = Region.reserve(64 << 20);
  private final FramePool pool = new FramePool(region, 256);
  private final FramePool other = new FramePool(region, 256);
  private final Frame[] frames = new Frame[32];

  @TempDir private Path folder;

  @AfterEach
  void everyFrameIsBack() {
    pool.close();
    other.close();
    region.close();
  }

  private byte[] bytes(Frame frame) {
    return region.segment().asSlice(frame.data, frame.length()).toArray(Region.BYTE);
  }

  private void release(FramePool to, int count) {
    for (int i = 0; i < count; i++) {
      to.release(frames[i]);
      frames[i] = null;
    }
  }

  private static GeneratorPort generator(GeneratorOptions options, Region region) {
    return new GeneratorPort(A, 1, options, region);
  }

  @Test
  void aNullPortTakesAllAndGivesNothing() {
    NullPort port = new NullPort(A, 2);
    PortQueue queue = port.queue(1);
    int count =
        generator(GeneratorOptions.of(10, 100, 3), region).queue(0).receive(pool, frames, 32);

    assertThat(queue.transmit(pool, frames, count)).isEqualTo(10);
    Arrays.fill(frames, null);
    assertThat(queue.receive(pool, frames, 32)).isZero();
    assertThat(port.statistics().txFrames()).isEqualTo(10);
    assertThat(port.statistics().txBytes()).isEqualTo(1000);
    assertThat(pool.inUse()).isZero();
  }

  @Test
  void whatGoesOutOfOneEndComesInThroughTheOtherInOrder() {
    LoopbackPort.Pair pair = LoopbackPort.pair(A, B, 1, 64, region);
    PortQueue generator = generator(GeneratorOptions.of(32, 77, 5), region).queue(0);
    PortQueue out = pair.a().queue(0);
    PortQueue in = pair.b().queue(0);
    List<byte[]> sent = new ArrayList<>();
    int count = generator.receive(pool, frames, 32);
    for (int i = 0; i < count; i++) {
      sent.add(bytes(frames[i]));
    }
    frames[3].checksumPartial = true;
    frames[3].checksumStart = frames[3].data + 34;
    frames[3].checksumOffset = 6;

    assertThat(out.transmit(pool, frames, count)).isEqualTo(32);
    assertThat(out.inFlight()).isEqualTo(32);
    Arrays.fill(frames, null);
    assertThat(in.receive(other, frames, 32)).isEqualTo(32);
    for (int i = 0; i < 32; i++) {
      assertThat(bytes(frames[i])).isEqualTo(sent.get(i));
      assertThat(frames[i].ingress).isEqualTo(2);
      assertThat(frames[i].checksumPartial).isEqualTo(i == 3);
    }
    assertThat(frames[3].checksumStart).isEqualTo(frames[3].data + 34);
    assertThat(out.poll(pool)).isEqualTo(32);
    assertThat(out.inFlight()).isZero();
    assertThat(pool.inUse()).isZero();
    assertThat(pair.a().statistics().txFrames()).isEqualTo(32);
    assertThat(pair.b().statistics().rxBytes()).isEqualTo(32 * 77);
    release(other, 32);
  }

  @Test
  void aFullLoopbackLeavesFramesWithTheCaller() {
    LoopbackPort.Pair pair = LoopbackPort.pair(A, B, 1, 8, region);
    PortQueue out = pair.a().queue(0);
    int count =
        generator(GeneratorOptions.of(20, 60, 1), region).queue(0).receive(pool, frames, 20);

    assertThat(out.transmit(pool, frames, count)).isEqualTo(8);
    assertThat(out.counters().txFull()).isEqualTo(12);
    for (int i = 8; i < 20; i++) {
      pool.release(frames[i]);
    }
    out.drain(pool);
    assertThat(out.inFlight()).isZero();
    assertThat(out.counters().txErrors()).isEqualTo(8);
    assertThat(pair.b().queue(0).receive(other, new Frame[4], 4)).isZero();
  }

  @Test
  void aLoopbackBetweenTwoThreadsLosesNothing() throws InterruptedException {
    LoopbackPort.Pair pair = LoopbackPort.pair(A, B, 1, 64, region);
    int total = 50_000;
    long[] received = new long[2];
    Thread receiver =
        Thread.ofPlatform()
            .start(
                () -> {
                  Frame[] into = new Frame[32];
                  PortQueue in = pair.b().queue(0);
                  while (received[0] < total) {
                    int count = in.receive(other, into, 32);
                    for (int i = 0; i < count; i++) {
                      received[1] += into[i].length();
                      other.release(into[i]);
                      into[i] = null;
                    }
                    received[0] += count;
                    if (count == 0) {
                      Thread.yield();
                    }
                  }
                });
    PortQueue generator =
        generator(GeneratorOptions.of(total, 60, 7).withSizes(new FrameSizes.Imix()), region)
            .queue(0);
    PortQueue out = pair.a().queue(0);
    int count;
    long bytes = 0;
    while ((count = generator.receive(pool, frames, 32)) > 0 || out.inFlight() > 0) {
      Frame[] rest = Arrays.copyOf(frames, count);
      for (Frame frame : rest) {
        bytes += frame.length();
      }
      Arrays.fill(frames, null);
      while (count > 0) {
        int taken = out.transmit(pool, rest, count);
        rest = Arrays.copyOfRange(rest, taken, count);
        count -= taken;
      }
      out.poll(pool);
    }
    receiver.join(10_000);
    assertThat(received).containsExactly(total, bytes);
    assertThat(out.counters().txFrames()).isEqualTo(total);
  }

  @Test
  void theSameSeedMakesTheSameFrames() {
    GeneratorOptions options =
        GeneratorOptions.of(32, 60, 1000)
            .withSizes(new FrameSizes.Range(60, 1500))
            .withOrder(GeneratorOptions.FlowOrder.ZIPF, 42);
    PortQueue first = generator(options, region).queue(0);
    PortQueue second = generator(options, region).queue(0);
    Frame[] again = new Frame[32];

    assertThat(first.receive(pool, frames, 32)).isEqualTo(32);
    assertThat(second.receive(other, again, 32)).isEqualTo(32);
    for (int i = 0; i < 32; i++) {
      assertThat(bytes(again[i])).isEqualTo(bytes(frames[i]));
      other.release(again[i]);
    }
    release(pool, 32);
  }

  @Test
  void theInternetMixHasItsShares() {
    GeneratorOptions options = GeneratorOptions.of(480, 60, 1).withSizes(new FrameSizes.Imix());
    GeneratorPort port = generator(options, region);
    Map<Integer, Integer> lengths = new HashMap<>();
    int count;
    while ((count = port.queue(0).receive(pool, frames, 32)) > 0) {
      for (int i = 0; i < count; i++) {
        lengths.merge(frames[i].length(), 1, Integer::sum);
      }
      release(pool, count);
    }
    assertThat(lengths).isEqualTo(Map.of(60, 280, 566, 160, 1514, 40));
    assertThat(port.ended()).isTrue();
  }

  @Test
  void queuesOfAGeneratorShareFramesAndFlows() {
    GeneratorPort port = new GeneratorPort(A, 3, GeneratorOptions.of(10, 60, 4), region);
    int[] made = new int[3];
    for (int queue = 0; queue < 3; queue++) {
      made[queue] = port.queue(queue).receive(pool, frames, 32);
      release(pool, made[queue]);
    }
    assertThat(made).containsExactly(4, 3, 3);
    assertThat(port.ended()).isTrue();
  }

  @Test
  void aPacedGeneratorKeepsItsRate() throws InterruptedException {
    GeneratorPort port =
        generator(GeneratorOptions.of(1000, 60, 1).withPace(new Pace.Rate(10_000)), region);
    long begin = System.nanoTime();
    int sum = 0;
    while (!port.ended()) {
      int count = port.queue(0).receive(pool, frames, 32);
      sum += count;
      release(pool, count);
    }
    assertThat(sum).isEqualTo(1000);
    // 999 gaps of 0.1 ms: never sooner, whatever the machine is busy with.
    assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(99_900_000L);
  }

  @Test
  void aCaptureComesInAndGoesOutUnchanged() throws IOException {
    Path in = Path.of(System.getProperty("xdp4j.root"), "pcaps", "http.pcap");
    Path out = folder.resolve("out.pcap");
    try (CaptureInPort source =
            CaptureInPort.open(A, List.of(in), 1, new Pace.Unlimited(), region);
        CaptureOutPort sink = CaptureOutPort.create(B, out, region)) {
      while (!source.ended()) {
        int count = source.queue(0).receive(pool, frames, 32);
        assertThat(sink.queue(0).transmit(pool, frames, count)).isEqualTo(count);
        Arrays.fill(frames, null);
      }
      assertThat(source.problems()).isEmpty();
      assertThat(sink.statistics().txFrames()).isEqualTo(source.statistics().rxFrames());
      source.queue(0).drain(pool);
      sink.queue(0).drain(pool);
    }
    assertThat(read(out)).isNotEmpty().isEqualTo(read(in));
  }

  /** Writes 60-byte frames out of a port, a batch of 20 after the other. */
  private void write(CaptureOutPort port, int batches) throws InterruptedException {
    PortQueue generator =
        generator(GeneratorOptions.of(20L * batches, 60, 20 * batches), region).queue(0);
    for (int i = 0; i < batches; i++) {
      int count = generator.receive(pool, frames, 20);
      port.queue(0).transmit(pool, frames, count);
      Arrays.fill(frames, null);
      Thread.sleep(1);
      port.queue(0).poll(pool);
    }
    port.queue(0).drain(pool);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aCaptureIsPutAsideByFrames() throws Exception {
    Path out = folder.resolve("out.pcap");
    Rotation rotation = new Rotation(0, Duration.ZERO, 30, 0);
    try (CaptureOutPort port = CaptureOutPort.create(B, out, rotation, region)) {
      write(port, 5);
    }
    assertThat(files()).containsExactly("out-1.pcap", "out-2.pcap", "out-3.pcap", "out.pcap");
    assertThat(read(folder.resolve("out-1.pcap"))).hasSize(30);
    assertThat(read(folder.resolve("out-3.pcap"))).hasSize(30);
    assertThat(read(out)).hasSize(10);

    try (CaptureOutPort port = CaptureOutPort.create(B, out, rotation, region)) {
      write(port, 2);
    }
    assertThat(files()).contains("out-4.pcap");
  }

  @Test
  void aCaptureIsPutAsideBySizeAndTheLatestAreKept() throws Exception {
    Path out = folder.resolve("out.pcapng");
    try (CaptureOutPort port =
        CaptureOutPort.create(B, out, new Rotation(2000, Duration.ZERO, 0, 2), region)) {
      write(port, 5);
    }
    assertThat(files()).hasSize(3).contains("out.pcapng");
    for (String file : files()) {
      assertThat(Files.size(folder.resolve(file))).isLessThanOrEqualTo(2000);
      assertThat(read(folder.resolve(file))).isNotEmpty();
    }
  }

  @Test
  void aCaptureIsPutAsideByTime() throws Exception {
    Path out = folder.resolve("out.pcap");
    try (CaptureOutPort port =
        CaptureOutPort.create(B, out, new Rotation(0, Duration.ofNanos(1), 0, 0), region)) {
      write(port, 3);
    }
    assertThat(files()).containsExactly("out-1.pcap", "out-2.pcap", "out-3.pcap", "out.pcap");
    assertThat(read(folder.resolve("out-2.pcap"))).hasSize(20);
  }

  private static List<String> read(Path file) throws IOException {
    List<String> seen = new ArrayList<>();
    try (CaptureReader reader = CaptureReader.open(file)) {
      while (reader.next()) {
        byte[] frame =
            reader.memory().asSlice(reader.data(), reader.capturedLength()).toArray(Region.BYTE);
        seen.add(reader.nanos() + " " + HexFormat.of().formatHex(frame));
      }
    }
    return seen;
  }

  @Test
  void aCaptureThatCannotBeOpenedIsOneSentence() {
    Path missing = folder.resolve("missing.pcap");
    assertThatThrownBy(
            () -> CaptureInPort.open(A, List.of(missing), 1, new Pace.Unlimited(), region))
        .isInstanceOf(PortException.class)
        .hasMessageStartingWith("a: ")
        .hasMessageContaining("missing.pcap");
    assertThat(Files.exists(missing)).isFalse();
  }
}
