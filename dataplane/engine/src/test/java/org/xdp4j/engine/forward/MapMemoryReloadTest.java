package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.InnerMaps;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.ProgramPlan;
import org.xdp4j.testing.Covers;

/** What a reload says of maps is what then is: which are made, and how much they take together. */
class MapMemoryReloadTest {
  private static final int WORKERS = 2;
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
  private static final Pattern TAKEN = Pattern.compile("the maps there are take (\\d+)");

  @TempDir static Path folder;
  private static Path first;
  private static Path second;

  private TestNetwork net = new TestNetwork(2, WORKERS);

  @BeforeEach
  void needsClang() throws Exception {
    Clang.assume();
    if (first == null) {
      first = KeptObjects.build(folder, 1);
      second = KeptObjects.build(folder, 2);
    }
  }

  private ForwarderPlan plan(long mapBytes, ProgramPlan... programs) {
    ForwarderPlan plan = net.plan(WORKERS);
    return TestNetwork.with(
        plan.withLimits(plan.limits().withWarmUp(Duration.ZERO).withMapBytes(mapBytes)), programs);
  }

  private static ProgramPlan program(Path object, String function, String maps) {
    ProgramPlan plan = ProgramPlan.of("test", object, "p1").withChain(function);
    return maps == null ? plan : plan.withMaps(maps.split(";"));
  }

  private static BpfMap map(Forwarder forwarder, String name) {
    return forwarder.maps().stream().filter(m -> m.name().equals(name)).findAny().get().map();
  }

  /** What a reload to a limit of one byte says that there would be. */
  private long taken(Forwarder forwarder, ProgramPlan... programs) {
    try {
      forwarder.apply(plan(1, programs));
      return 0;
    } catch (ForwarderException e) {
      Matcher matcher = TAKEN.matcher(e.getMessage());
      assertThat(matcher.find()).as(e.getMessage()).isTrue();
      return Long.parseLong(matcher.group(1));
    }
  }

  /**
   * The first program's maps and entries hold each other in every way there is; the second goes on
   * with some of them, or there is none. What is there after the change is asked in the same way,
   * when nothing leaves any more.
   */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "arm, , peek, ",
        "arm, , , ",
        "arm, , jump, ",
        "to_port, ports=2=p2+on_port, to_port, ",
        "to_port, ports=2=p2+on_port, , ",
        "to_port, ports=2=p2+on_port, to_port, ports=2=p2+on_port",
        "to_hashed, hashed=2=p2+on_port, , ",
        "to_hashed, hashed=2=p2+on_port, peek, ",
        "to_hashed, \"hashed=2=p2+on_port,1=p1+to_first\", to_hashed, hashed=2=p2+to_first",
        "to_cpu, \"cpus=0=64+on_cpu,1=64+on_cpu\", to_cpu, cpus=1=64",
        "to_cpu, \"cpus=0=64+on_cpu,1=64+on_cpu\", , ",
        "jump, next=0=jumped, jump, ",
        "jump, \"next=0=jumped,1=jumped\", jump, next=0=jumped",
        "jump, next=0=jumped, , ",
        "look, , look, ",
        "look, , look_and_add, outer=1=own2",
        "look, , look_and_add, \"outer=1=own2,1=inner2\"",
        "look_by_key, , look_by_key, outers=1=own2",
        "look_by_key, , , ",
      })
  @Covers({"bpf_timer_set_callback", "DEVMAP", "DEVMAP_HASH", "CPUMAP", "PROG_ARRAY"})
  void theMapsThatAReloadLeavesTakeWhatItSaysTheyTake(
      String function, String contents, String next, String nextContents) throws Exception {
    ProgramPlan[] then =
        next == null ? new ProgramPlan[0] : new ProgramPlan[] {program(second, next, nextContents)};
    try (Forwarder forwarder =
        Forwarder.start(plan(Long.MAX_VALUE, program(first, function, contents)))) {
      try (Traffic _ = Traffic.start(net, WORKERS)) {
        if (function.equals("arm")) {
          awaitCounted(map(forwarder, "own1"));
        }
        long said = taken(forwarder, then);
        if (said > 0) {
          long less = said - 1;
          assertThatThrownBy(() -> forwarder.apply(plan(less, then)))
              .hasMessageContaining("cannot be %d bytes", less);
          forwarder.apply(plan(said, then));
        }
        assertThat(taken(forwarder, then)).isEqualTo(said);
      }
      net.stop(forwarder);
    }
  }

  /** What extended a program that stays in an entry is detached, and its maps go. */
  @Test
  void theMapsOfAProgramThatReplacedAFunctionAreCountedToo() throws Exception {
    Path stamp = folder.resolve("stamp.o");
    Clang.build(
        Path.of(MapMemoryReloadTest.class.getResource("stamp.bpf.c").toURI()),
        stamp,
        "-O2",
        "-g",
        "-mcpu=v3");
    ProgramPlan extended =
        program(first, "to_port", "ports=2=p2+stamped_there")
            .withReplaced(new ProgramPlan.Replaced("stamped_there", "stamp", stamp, null));
    try (Forwarder forwarder = Forwarder.start(plan(Long.MAX_VALUE, extended))) {
      BpfMap stamps = map(forwarder, "stamps");
      ProgramPlan next = program(second, "to_port", null);
      long said = taken(forwarder, next);
      forwarder.apply(plan(said, next));
      assertThat(stamps.holders()).isZero();
      assertThat(taken(forwarder, next)).isEqualTo(said);
      net.stop(forwarder);
    }
  }

  private static void awaitCounted(BpfMap counts) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE;
    while (value(counts) < 2) {
      assertThat(System.nanoTime()).as("it is counted on").isLessThan(deadline);
      Thread.sleep(1);
    }
  }

  private static long value(BpfMap map) {
    byte[] value = map.get(ForwarderProgramTest.le32(0));
    return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  /** The map is made for its place, at the start and by a reload, whatever its key is like. */
  @ParameterizedTest
  @CsvSource({
    "look, outer, 2, 4",
    "look_by_key, outers, 2, 4",
    "look_by_word, by_word, 0x100000002, 8",
  })
  @Covers({"ARRAY_OF_MAPS", "HASH_OF_MAPS"})
  void aMapThatNoProgramUsesIsMadeForItsPlace(String function, String outer, long key, int bytes)
      throws Exception {
    ProgramPlan without = program(first, function, null);
    ProgramPlan with = program(first, function, outer + "=" + key + "=own1");
    byte[] place = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      place[i] = (byte) (key >>> 8 * i);
    }
    try (Forwarder forwarder = Forwarder.start(plan(Long.MAX_VALUE, with))) {
      InnerMaps holder = (InnerMaps) map(forwarder, outer);
      assertThat(holder.inner(place)).isSameAs(map(forwarder, "own1"));
      net.stop(forwarder);
    }
    net = new TestNetwork(2, WORKERS);
    try (Forwarder forwarder = Forwarder.start(plan(Long.MAX_VALUE, without))) {
      InnerMaps holder = (InnerMaps) map(forwarder, outer);
      forwarder.apply(plan(Long.MAX_VALUE, with));
      assertThat(map(forwarder, outer)).as("it is kept").isSameAs(holder);
      BpfMap own = map(forwarder, "own1");
      assertThat(holder.inner(place)).isSameAs(own);
      forwarder.apply(plan(Long.MAX_VALUE, without));
      assertThat(holder.inner(place)).as("nothing is put in its place").isSameAs(own);
      net.stop(forwarder);
    }
  }

  @Test
  void aMapThatThereIsNotIsMissedByBothAlike() throws Exception {
    ProgramPlan good = program(first, "look_by_word", null);
    ProgramPlan bad = program(first, "look_by_word", "by_word=1=nowhere");
    String reason = "program 'test': map 'by_word': there is no map 'nowhere' to put there";
    assertThatThrownBy(() -> Forwarder.start(plan(Long.MAX_VALUE, bad))).hasMessage(reason);
    try (Forwarder forwarder = Forwarder.start(plan(Long.MAX_VALUE, good))) {
      assertThatThrownBy(() -> forwarder.apply(plan(Long.MAX_VALUE, bad))).hasMessage(reason);
      net.stop(forwarder);
    }
  }
}
