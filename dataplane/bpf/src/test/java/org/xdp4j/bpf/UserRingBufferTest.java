package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.UserRingBufferMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.testing.Covers;

/** Samples go from user space to programs, in order, each once. */
class UserRingBufferTest {
  /** The number in the first sample: above the one that ends a drain. */
  private static final int FIRST = 1000;

  /** BPF_MAX_USER_RINGBUF_SAMPLES: more than fit at once may come during a drain. */
  private static final int MOST_IN_A_DRAIN = 128 * 1024;

  @TempDir Path folder;

  private static byte[] sample(int value, int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void programsTakeSamplesUntilTheCallbackStops(boolean interpret) throws Exception {
    Clang.assume();
    BpfObject object = Clang.build(folder, "kfuncs.bpf.c", "-O2", "-g", "-mcpu=v3");
    LoadOptions options = new LoadOptions(1, interpret, false, Set.of("samples_taken"));
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      UserRingBufferMap samples = (UserRingBufferMap) loaded.map("samples").orElseThrow();
      assertThat(samples.put(sample(5, 4))).isZero();
      assertThat(samples.put(sample(7, 100))).isZero();
      assertThat(samples.put(sample(99, 8))).isZero();
      assertThat(samples.put(sample(3, 16))).isZero();
      assertThat(run(loaded, region)).isEqualTo((((31 + 9) * 31 + 107) * 31 + 107) * 31 + 3);
      assertThat(run(loaded, region)).isEqualTo((31 + 19) * 31 + 1);
      assertThat(run(loaded, region)).isEqualTo(31);
      assertThat(samples.waiting()).isZero();
    }
  }

  /** A run's answer says which samples it took: the next ones, as many as make that answer. */
  @Covers({"bpf_user_ringbuf_drain", "USER_RINGBUF"})
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aProgramTakesOnceAndInOrderWhatAThreadGoesOnGiving(boolean interpret) throws Exception {
    Clang.assume();
    BpfObject object = Clang.build(folder, "kfuncs.bpf.c", "-O2", "-g", "-mcpu=v3");
    LoadOptions options = new LoadOptions(1, interpret, false, Set.of("samples_taken"));
    int samples = interpret ? 50_000 : 300_000;
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      UserRingBufferMap buffer = (UserRingBufferMap) loaded.map("samples").orElseThrow();
      FutureTask<Integer> producer =
          new FutureTask<>(
              () -> {
                for (int i = 0; i < samples; i++) {
                  int put = buffer.put(sample(FIRST + i, 4 + i % 61), Duration.ofSeconds(30));
                  if (put != 0) {
                    return put;
                  }
                }
                return 0;
              });
      Thread.ofPlatform().name("producer").start(producer);
      XdpContext context = new XdpContext(region, 0);
      int taken = 0;
      int runs = 0;
      int busy = 0;
      while (taken < samples && !(producer.isDone() && producer.get() != 0)) {
        int count = taken(run(loaded, context), taken);
        taken += count;
        runs++;
        busy += count > 0 ? 1 : 0;
      }
      assertThat(producer.get()).isZero();
      assertThat(taken).isEqualTo(samples);
      assertThat(buffer.waiting()).isZero();
      assertThat(busy).as("runs that took samples").isPositive();
      System.out.printf("user ring buffer: %d samples in %d of %d runs%n", samples, busy, runs);
    }
  }

  /** How many samples from number {@code next} on make a run answer this. */
  private static int taken(int answer, int next) {
    long sum = 1;
    for (int count = 0; count <= MOST_IN_A_DRAIN; count++) {
      if ((int) (sum * 31 + count) == answer) {
        return count;
      }
      int i = next + count;
      sum = sum * 31 + FIRST + i + 4 + i % 61;
    }
    throw new AssertionError("a run took other samples than those from " + next + " on");
  }

  private static int run(LoadedObject loaded, Region region) {
    return run(loaded, new XdpContext(region, 0));
  }

  private static int run(LoadedObject loaded, XdpContext context) {
    XdpProgram program = loaded.program("samples_taken").orElseThrow();
    int result = TestRun.run(program, context, new byte[64], 1).returnCode();
    assertThat(program.faults()).isZero();
    return result;
  }

  @Test
  void samplesAreSeenOnceSubmittedAndNotWhenDiscarded() throws Exception {
    Clang.assume();
    BpfObject object = Clang.build(folder, "kfuncs.bpf.c", "-O2", "-g", "-mcpu=v3");
    LoadOptions options = new LoadOptions(1, false, false, Set.of("samples_taken"));
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      UserRingBufferMap samples = (UserRingBufferMap) loaded.map("samples").orElseThrow();
      long first = samples.reserve(4);
      long second = samples.reserve(4);
      region.segment().set(Region.INT, first, 5);
      region.segment().set(Region.INT, second, 3);
      samples.submit(second);
      // Nothing is seen behind what is not given yet.
      assertThat(run(loaded, region)).isEqualTo(31);
      samples.discard(first);
      int second3 = run(loaded, region);
      assertThat(samples.put(sample(3, 4))).isZero();
      assertThat(run(loaded, region)).isEqualTo(second3);
      assertThat(samples.waiting()).isZero();
      assertThatThrownBy(() -> samples.submit(second)).isInstanceOf(IllegalStateException.class);
      assertThat(samples.reserve(-1)).isEqualTo(Errno.E2BIG);
    }
  }

  @Test
  void aProducerWaitsUntilThereIsRoom() throws Exception {
    MapSpec spec = MapSpec.of("samples", MapType.USER_RINGBUF, 0, 0, 4096, 0);
    try (Region region = Region.reserve(1 << 20)) {
      UserRingBufferMap samples = (UserRingBufferMap) MapFactory.create(spec, region, 1);
      assertThat(samples.put(sample(1, 4000), Duration.ZERO)).isZero();
      assertThat(samples.put(sample(2, 4000), Duration.ofMillis(20))).isEqualTo(Errno.ENOSPC);
      assertThat(samples.put(sample(2, 9000), Duration.ofMillis(20))).isEqualTo(Errno.E2BIG);
      Thread program =
          Thread.ofPlatform()
              .start(
                  () -> {
                    samples.begin();
                    samples.release(samples.next());
                    samples.end();
                  });
      assertThat(samples.put(sample(2, 4000), Duration.ofSeconds(30))).isZero();
      program.join();
      assertThat(region.segment().get(Region.INT, samples.next())).isEqualTo(2);
    }
  }

  @Test
  void aFullBufferTakesNoMoreUntilSamplesAreTaken() throws Exception {
    MapSpec spec = MapSpec.of("samples", MapType.USER_RINGBUF, 0, 0, 4096, 0);
    try (Region region = Region.reserve(1 << 20)) {
      UserRingBufferMap samples = (UserRingBufferMap) MapFactory.create(spec, region, 1);
      assertThat(samples.put(new byte[4089])).isEqualTo(Errno.E2BIG);
      for (int turn = 0; turn < 50; turn++) {
        assertThat(samples.put(sample(turn, 1500))).isZero();
        assertThat(samples.put(sample(turn, 1500))).isZero();
        assertThat(samples.put(sample(turn, 1500))).isEqualTo(Errno.ENOSPC);
        assertThat(samples.begin()).isTrue();
        assertThat(samples.begin()).isFalse();
        for (int i = 0; i < 2; i++) {
          long at = samples.next();
          assertThat(samples.sizeOf(at)).isEqualTo(1500);
          assertThat(region.segment().get(Region.INT, at)).isEqualTo(turn);
          samples.release(at);
        }
        assertThat(samples.next()).isZero();
        samples.end();
      }
    }
  }
}
