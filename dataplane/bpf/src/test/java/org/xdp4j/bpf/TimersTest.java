package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.Subprograms;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.SpinLockHelpers;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapTimers;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.oracle.BpfTool;

/** Timers in map values: bpf_timer_init, _set_callback, _start and _cancel. */
class TimersTest {
  private static final String SOURCE = "timers.bpf.c";
  private static final String[] OPTIONS = {"-O2", "-g", "-mcpu=v3"};

  @TempDir Path folder;
  private long now = 1_000_000;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  /** An object loaded into a region of its own. */
  private final class Machine implements AutoCloseable {
    final Region region = Region.reserve(1 << 24);
    final LoadedObject loaded;
    final XdpContext context = new XdpContext(region, 0);

    Machine(String program, boolean interpret) throws Exception {
      BpfObject object = Clang.build(folder, SOURCE, OPTIONS);
      LoadOptions options = new LoadOptions(1, interpret, false, Set.of(program));
      loaded = LoadedObject.load(object, region, options);
      context.clock = () -> now;
    }

    int run(String program) {
      return TestRun.run(loaded.program(program).orElseThrow(), context, new byte[64], 1)
          .returnCode();
    }

    BpfMap map(String name) {
      return loaded.map(name).orElseThrow();
    }

    long word(String map, int key, int offset) {
      byte[] value = map(map).get(key(key));
      return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong(offset);
    }

    int at(long time) {
      now = 1_000_000 + time;
      return loaded.runTimers(context);
    }

    @Override
    public void close() {
      loaded.close();
      region.close();
    }
  }

  private static byte[] key(int key) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(key).array();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void timersRingInTheirOrderAndWhenTheyAreDue(boolean interpret) throws Exception {
    try (Machine machine = new Machine("arm", interpret)) {
      assertThat(machine.loaded.nextTimer()).isEqualTo(MapTimers.NEVER);
      assertThat(machine.run("arm")).isZero();
      assertThat(machine.loaded.nextTimer()).isEqualTo(1_000_500);
      assertThat(machine.at(499)).isZero();
      assertThat(machine.at(3000)).isEqualTo(5);
      assertThat(machine.word(".bss", 0, 0)).isEqualTo(123);
      assertThat(machine.word("array", 0, 0)).as("-EDEADLK in its own callback").isEqualTo(1035);
      assertThat(machine.word("array", 2, 0)).as("a loop in a callback").isEqualTo(45);
      assertThat(machine.loaded.nextTimer()).as("started again").isEqualTo(1_008_000);
      assertThat(machine.at(50_000)).as("once a call").isEqualTo(1);
      assertThat(machine.word("hash", 2, 0)).isEqualTo(2);
    }
  }

  @Test
  void timersThatAreDueRingBeforeTheNextRun() throws Exception {
    try (Machine machine = new Machine("arm", false)) {
      machine.run("arm");
      assertThat(machine.word(".bss", 0, 0)).isZero();
      now += 2500;
      machine.run("arm");
      assertThat(machine.word(".bss", 0, 0)).isEqualTo(12);
    }
  }

  @Test
  void anElementThatIsDeletedOrReplacedRingsNoMore() throws Exception {
    try (Machine machine = new Machine("arm", false)) {
      machine.run("arm");
      assertThat(machine.map("hash").remove(key(1))).isZero();
      assertThat(machine.map("hash").put(key(3), new byte[32], BpfMap.ANY)).isZero();
      assertThat(machine.map("array").put(key(0), new byte[32], BpfMap.ANY)).isZero();
      assertThat(machine.at(4000)).isEqualTo(2);
      assertThat(machine.word(".bss", 0, 0)).isEqualTo(2);
      assertThat(machine.map("hash").timers().running()).isEqualTo(1);
    }
  }

  @Test
  void userSpaceSeesZerosWhereATimerIs() throws Exception {
    try (Machine machine = new Machine("arm", false)) {
      machine.run("arm");
      assertThat(machine.word("hash", 2, 8)).isZero();
      assertThat(machine.word("hash", 2, 24)).isEqualTo(5000);
    }
  }

  /**
   * Such a fault is a bug of ours: it is counted, whoever drove the timer, and locks nobody out.
   */
  @Test
  void aCallbackThatFaultsIsCountedAndItsLockFreed() throws Exception {
    try (Machine machine = new Machine("arm", false)) {
      machine.run("arm");
      XdpProgram program = machine.loaded.program("arm").orElseThrow();
      BpfMap array = machine.map("array");
      long zero = machine.region.allocate(4, 4);
      long value = array.lookup(zero, 0);
      Subprograms faulty =
          (context, function, r1, r2, r3, r4, r5, framePointer) -> {
            SpinLockHelpers.lock(context, value + 24, 0, 0, 0, 0);
            throw new IndexOutOfBoundsException("as a checked access throws");
          };
      assertThat(array.timers().setCallback(value + 8, faulty, 0)).isZero();
      assertThat(machine.at(3000)).isEqualTo(5);
      assertThat(program.faults()).isEqualTo(1);
      assertThat(machine.word("array", 0, 24)).as("the lock").isZero();

      assertThat(array.timers().start(value + 8, 1, 0, machine.context)).isZero();
      now += 1;
      machine.run("arm");
      assertThat(program.faults()).isEqualTo(2);
    }
  }

  @Test
  void everyMachineAnswersTheSame() throws Exception {
    int compiled;
    try (Machine machine = new Machine("codes", false)) {
      compiled = machine.run("codes");
    }
    try (Machine machine = new Machine("codes", true)) {
      assertThat(machine.run("codes")).isEqualTo(compiled);
    }
    BpfTool.assume();
    Path input = Files.write(folder.resolve("frame"), new byte[64]);
    try (BpfTool.Loaded loaded = BpfTool.load(Clang.objectFile(folder, SOURCE, OPTIONS))) {
      String text = loaded.run("codes", input);
      Matcher matcher = Pattern.compile("\"retval\": *(\\d+)").matcher(text);
      assertThat(matcher.find()).as(text).isTrue();
      assertThat(compiled).isEqualTo((int) Long.parseLong(matcher.group(1)));
    }
  }
}
