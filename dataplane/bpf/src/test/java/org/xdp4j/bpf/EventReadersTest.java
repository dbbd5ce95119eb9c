package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.testing.Covers;

/** What programs say, read from Java, and what is lost on the way. */
class EventReadersTest {
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int CPUS = 2;
  private static final int PAGE = 4096;

  /** Bytes of a perf record of 12 bytes in its buffer, and of what says how many were lost. */
  private static final int RECORD = 24;

  private static final int LOST = 24;

  @TempDir Path folder;
  private Region region;
  private LoadedObject loaded;
  private XdpContext[] contexts;
  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void load() throws Exception {
    Clang.assume();
    region = Region.reserve(1 << 24);
    contexts = new XdpContext[] {new XdpContext(region, 0), new XdpContext(region, 1)};
    LoadOptions options = new LoadOptions(CPUS, false, false, java.util.Set.of());
    loaded =
        LoadedObject.load(
            Clang.build(folder, "speaks.bpf.c", "-O2", "-g", "-mcpu=v3"), region, options);
  }

  @AfterEach
  void close() {
    if (loaded != null) {
      loaded.close();
      region.close();
    }
  }

  private int run(String program, int cpu, int number) {
    byte[] frame = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
    return TestRun.run(loaded.program(program).orElseThrow(), contexts[cpu], frame, 1).returnCode();
  }

  private BpfMap map(String name) {
    return loaded.map(name).orElseThrow();
  }

  private PerfBuffer perf(int cpus, int pages) {
    return PerfBuffer.open(
        map("events"),
        cpus,
        pages,
        (cpu, data) ->
            told.add(
                "%d: %d, %d bytes"
                    .formatted(
                        cpu,
                        ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).getInt(),
                        data.length)),
        (cpu, count) -> told.add("%d: %d lost".formatted(cpu, count)));
  }

  @Test
  @Covers("PERF_EVENT_ARRAY")
  void perfEventsComeCpuByCpu() throws Exception {
    try (PerfBuffer buffer = perf(CPUS, 1)) {
      assertThat(buffer.buffers()).isEqualTo(CPUS);
      assertThat(buffer.poll(SHORT)).isZero();
      assertThat(run("tells", 1, 7)).isZero();
      assertThat(run("tells", 0, 8)).isZero();
      assertThat(run("tells", 1, 9)).isZero();
      assertThat(buffer.poll(Duration.ZERO)).isEqualTo(3);
      assertThat(told).containsExactly("0: 8, 12 bytes", "1: 7, 12 bytes", "1: 9, 12 bytes");
      assertThat(buffer.consume()).isZero();
    }
    assertThat(run("tells", 0, 1)).isEqualTo(Errno.ENOENT);
  }

  @Test
  void whatFindsNoRoomIsCountedAndToldBeforeWhatComesNext() {
    try (PerfBuffer buffer = perf(1, 1)) {
      int room = (PAGE - 1) / RECORD;
      for (int i = 0; i < room + 5; i++) {
        assertThat(run("tells", 0, i)).isEqualTo(i < room ? 0 : Errno.ENOSPC);
      }
      assertThat(buffer.lost()).isEqualTo(5);
      assertThat(buffer.consume(0)).isEqualTo(room);
      assertThat(told).hasSize(room).last().isEqualTo("0: %d, 12 bytes".formatted(room - 1));
      run("tells", 0, 99);
      run("tells", 0, 100);
      assertThat(buffer.consume()).isEqualTo(2);
      assertThat(told.subList(room, told.size()))
          .containsExactly("0: 5 lost", "0: 99, 12 bytes", "0: 100, 12 bytes");
    }
  }

  /** The record that says how many were lost needs room as well. */
  @Test
  void aCountOfTheLostTakesRoom() {
    try (PerfBuffer buffer = perf(1, 1)) {
      int room = (PAGE - 1) / RECORD;
      for (int i = 0; i <= room; i++) {
        run("tells", 0, i);
      }
      buffer.consume();
      told.clear();
      int again = (PAGE - 1 - LOST) / RECORD;
      for (int i = 0; i <= again; i++) {
        assertThat(run("tells", 0, i)).isEqualTo(i < again ? 0 : Errno.ENOSPC);
      }
      buffer.consume();
      assertThat(told).hasSize(again + 1).first().isEqualTo("0: 1 lost");
    }
  }

  @Test
  void aProgramWhoseCpuHasNoBufferIsTold() {
    try (PerfBuffer buffer = perf(1, 1)) {
      assertThat(run("tells", 1, 7)).isEqualTo(Errno.ENOENT);
      assertThat(run("tells_cpu_0", 1, 7)).isEqualTo(Errno.EOPNOTSUPP);
      assertThat(run("tells_cpu_0", 0, 7)).isZero();
      assertThat(buffer.consume()).isEqualTo(1);
      assertThatThrownBy(() -> perf(1, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("another one reads the events of map events");
      assertThatThrownBy(() -> perf(1, 3))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a buffer has a power of two of pages, up to 262144, not 3");
    }
  }

  @Test
  void aReaderWaitsForWhatAnotherThreadSays() throws Exception {
    AtomicLong sum = new AtomicLong();
    int records = 20_000;
    try (RingBuffer ring = RingBuffer.open(map("records"), data -> sum.addAndGet(number(data)))) {
      Thread speaker =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 1; i <= records; i++) {
                      while (run("records_it", 0, i) != 0) {
                        Thread.onSpinWait();
                      }
                    }
                  });
      int taken = 0;
      while (taken < records) {
        int now = ring.poll(LONG);
        assertThat(now).isPositive();
        taken += now;
      }
      speaker.join();
      assertThat(taken).isEqualTo(records);
      assertThat(sum).hasValue(records * (records + 1L) / 2);
      assertThat(ring.poll(SHORT)).isZero();
      assertThatThrownBy(() -> RingBuffer.open(map("records"), data -> {}))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> ring.add(map("events"), data -> {}))
          .hasMessage("map events is a PERF_EVENT_ARRAY, not a RINGBUF");
    }
  }

  private static long number(byte[] data) {
    return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  @Test
  void recordsThatFindNoRoomAreCounted() {
    List<Long> numbers = new ArrayList<>();
    try (RingBuffer ring = RingBuffer.open(map("records"), data -> numbers.add(number(data)))) {
      int room = PAGE / 16 - 1;
      for (int i = 0; i < room + 3; i++) {
        assertThat(run("records_it", 0, i)).isEqualTo(i < room ? 0 : 1);
      }
      assertThat(ring.lost()).isEqualTo(3);
      assertThat(ring.consume()).isEqualTo(room);
      assertThat(numbers).first().isEqualTo(0L);
    }
  }
}
