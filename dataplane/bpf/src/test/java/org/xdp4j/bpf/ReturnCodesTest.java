package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.oracle.BpfTool;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.testing.Covers;

/**
 * What helpers with callbacks, timers, locks and records return over the edges of their arguments:
 * interpreted, compiled and in the kernel, all three with the same history.
 */
class ReturnCodesTest {
  private static final String SOURCE = "codes.bpf.c";
  private static final String[] OPTIONS = {"-O2", "-g", "-mcpu=v3"};
  private static final byte[] ZERO = new byte[4];
  private static final int RESULTS = 16 * Long.BYTES;
  private static final byte[] FRAME = new byte[64];

  @TempDir private Path folder;

  private final List<Machine> machines = new ArrayList<>();
  private BpfTool.Loaded linux;
  private BpfObject object;
  private int compared;

  /** One of those that are compared. */
  private interface Machine extends AutoCloseable {
    void put(String map, byte[] key, byte[] value);

    void remove(String map, byte[] key);

    int run(String program);

    byte[] results();

    @Override
    void close();
  }

  private final class Ours implements Machine {
    private final Region region = Region.reserve(1 << 25);
    private final XdpContext context = new XdpContext(region, 0);
    private final LoadedObject loaded;

    Ours(boolean interpret) throws LoadException {
      loaded = LoadedObject.load(object, region, new LoadOptions(1, interpret, false, Set.of()));
    }

    private BpfMap map(String name) {
      return loaded.map(name).orElseThrow();
    }

    @Override
    public void put(String map, byte[] key, byte[] value) {
      assertThat(map(map).put(key, value, BpfMap.ANY)).isZero();
    }

    @Override
    public void remove(String map, byte[] key) {
      map(map).remove(key);
    }

    @Override
    public int run(String program) {
      XdpProgram found = loaded.program(program).orElseThrow();
      int code = TestRun.run(found, context, FRAME, 1).returnCode();
      assertThat(found.faults()).isZero();
      return code;
    }

    @Override
    public byte[] results() {
      return map("results").get(ZERO);
    }

    @Override
    public void close() {
      loaded.close();
      region.close();
    }
  }

  private final class Linux implements Machine {
    private KernelMap map(String name) {
      try {
        MapSpec spec = object.map(name).orElseThrow();
        return linux.map(spec).orElseThrow();
      } catch (java.io.IOException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void put(String map, byte[] key, byte[] value) {
      try (KernelMap found = map(map)) {
        assertThat(found.update(key, Arrays.copyOf(value, found.userValueSize()), 0)).isZero();
      }
    }

    @Override
    public void remove(String map, byte[] key) {
      try (KernelMap found = map(map)) {
        found.delete(key);
      }
    }

    @Override
    public int run(String program) {
      try (KernelProgram found = linux.program(program)) {
        return found.run(FRAME).returnCode();
      }
    }

    @Override
    public byte[] results() {
      try (KernelMap found = map("results")) {
        return found.lookup(ZERO);
      }
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void load() throws Exception {
    Clang.assume();
    BpfTool.assume();
    object = Clang.build(folder, SOURCE, OPTIONS);
    linux = BpfTool.load(Clang.objectFile(folder, SOURCE, OPTIONS));
    machines.add(new Linux());
    machines.add(new Ours(true));
    machines.add(new Ours(false));
  }

  @AfterEach
  void close() throws Exception {
    machines.forEach(Machine::close);
    if (linux != null) {
      linux.close();
    }
  }

  private static byte[] key(int key) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(key).array();
  }

  /** Runs a program with these arguments on each machine, all of which leave the same. */
  private void agree(String program, long... arguments) {
    ByteBuffer input = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    for (long argument : arguments) {
      input.putLong(argument);
    }
    List<String> left = new ArrayList<>();
    for (Machine machine : machines) {
      machine.put("arguments", ZERO, input.array());
      machine.put("results", ZERO, new byte[RESULTS]);
      long[] results = new long[16];
      int code = machine.run(program);
      ByteBuffer.wrap(machine.results()).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(results);
      left.add(code + " " + Arrays.toString(results));
    }
    compared++;
    String what = program + " " + Arrays.toString(arguments);
    assertThat(left.get(1)).as("%s interpreted", what).isEqualTo(left.get(0));
    assertThat(left.get(2)).as("%s compiled", what).isEqualTo(left.get(0));
  }

  private void count(String what) {
    System.out.printf("%s: %d runs on each machine, 0 differences%n", what, compared);
  }

  /** A timer in a new element, which no run before has touched. */
  private void newTimer() {
    for (Machine machine : machines) {
      machine.remove("timed", ZERO);
      machine.put("timed", ZERO, new byte[24]);
    }
  }

  @Covers({"bpf_timer_init", "bpf_timer_set_callback", "bpf_timer_start", "bpf_timer_cancel"})
  @Test
  void timersAnswerInAnyOrderOfCalls() {
    long hour = 3_600_000_000_000L;
    for (int order = 0; order < 256; order++) {
      newTimer();
      agree(
          "timers",
          1 + (order & 3),
          1 + (order >> 2 & 3),
          1 + (order >> 4 & 3),
          1 + (order >> 6 & 3),
          1,
          hour,
          0);
    }
    long[] edges = {0, 1, 2, 3, 4, 7, 8, 11, 15, 16, 17, 1L << 32, 1L << 32 | 1, 1L << 63, -1};
    for (long edge : edges) {
      newTimer();
      agree("timers", 1, 2, 3, 4, edge, hour, 0);
      newTimer();
      agree("timers", 1, 2, 3, 4, 1, hour, edge);
    }
    for (long nanos : new long[] {hour, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
      newTimer();
      agree("timers", 1, 2, 3, 4, 1, nanos, 0);
      newTimer();
      agree("timers", 1, 2, 3, 3, 7, nanos, 0);
    }
    newTimer();
    count("bpf_timer_*");
  }

  @Covers("bpf_loop")
  @Test
  void loopsAnswerOverTheirEdges() {
    long most = 8L << 20;
    long[] counts = {0, 1, 2, 5, most, most + 1, 1L << 31, 1L << 32, 1L << 32 | 3, 1L << 63, -1};
    for (long count : counts) {
      for (long flags : new long[] {0, 1, 2, 1L << 32, -1}) {
        for (long stop : new long[] {1, 3, 4}) {
          agree("loops", count, flags, stop);
        }
      }
    }
    count("bpf_loop");
  }

  @Covers("bpf_for_each_map_elem")
  @Test
  void walksAnswerOverTheirEdges() {
    for (int filled = 0; filled < 4; filled++) {
      for (long flags : new long[] {0, 1, 2, 8, 1L << 32, 1L << 63, -1}) {
        for (long stop : new long[] {0, 1, 2, 3, 100}) {
          agree("walks", flags, stop);
        }
      }
      for (Machine machine : machines) {
        for (String map : new String[] {"each_hash", "each_percpu_hash", "each_lru_hash"}) {
          machine.put(map, key(filled), new byte[8]);
        }
      }
    }
    count("bpf_for_each_map_elem");
  }

  @Covers({
    "bpf_ringbuf_reserve_dynptr",
    "bpf_ringbuf_submit_dynptr",
    "bpf_ringbuf_discard_dynptr",
    "bpf_ringbuf_query"
  })
  @Test
  void recordsAnswerOverTheirEdges() {
    long[] sizes = {
      0,
      1,
      7,
      8,
      9,
      100,
      4088,
      4096,
      (1 << 24) - 1,
      1 << 24,
      1 << 30,
      1L << 31,
      1L << 32,
      1L << 32 | 16,
      -1
    };
    for (long size : sizes) {
      for (long flags : new long[] {0, 1, 2, 1L << 32, -1}) {
        agree("records", size, flags, 0, 1, 0, 1);
      }
      for (long offset : new long[] {0, 1, 8, 92, 93, 4088, 1L << 32, -1}) {
        agree("records", size, 0, offset, offset & 1, 0, 3);
      }
    }
    for (long wake : new long[] {0, 1, 2, 3, 4, 1L << 40, -1}) {
      for (long what : new long[] {0, 1, 2, 3, 4, 5, 1L << 32, -1}) {
        agree("records", 16, 0, 0, 1, wake, what);
        agree("records", 16, 0, 0, 0, wake, what);
      }
    }
    for (int i = 0; i < 3; i++) {
      agree("records", 600_000, 0, 0, 1, 0, 0); // the second finds no room
    }
    count("bpf_ringbuf_*_dynptr");
  }

  @Covers({"bpf_spin_lock", "bpf_spin_unlock"})
  @Test
  void whatIsDoneUnderALockIsThere() {
    for (long by : new long[] {0, 1, -1, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, 5}) {
      agree("sums", by);
      agree("sums", by);
    }
    count("bpf_spin_lock");
  }

  @Covers({"bpf_res_spin_lock_irqsave", "bpf_res_spin_unlock_irqrestore"})
  @Test
  void aLockThatIsHeldIsToldApart() {
    for (int first = 0; first < 2; first++) {
      for (int second = 0; second < 2; second++) {
        agree("deadlocks", first, second);
        agree("deadlocks", first, second);
      }
    }
    count("bpf_res_spin_lock_irqsave");
  }
}
