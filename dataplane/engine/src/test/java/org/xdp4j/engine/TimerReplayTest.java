package org.xdp4j.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.PinnedMaps;
import org.xdp4j.bpf.XdpChain;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.object.RunConfig;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.bpf.oracle.KernelTypes;
import org.xdp4j.engine.account.Counter;

/**
 * Timers and work run at their time of the capture, whichever way it is replayed: what all ran, in
 * which order and at which time is folded into one number by the program itself.
 */
class TimerReplayTest {
  private static final long MILLISECOND = 1_000_000;
  private static final int FRAMES = 300;

  /** More frames together than a batch has, then pauses that many a tick falls into. */
  private static final long[] GAPS = {0, 0, 500, 1500, 0, 999_999, 1_000_000, 0, 40_000_001};

  @TempDir Path folder;

  /** The program's global variables. */
  private record Seen(
      long frames,
      long ticks,
      long late,
      long gone,
      long full,
      long worked,
      long endless,
      long order,
      long last) {
    static Seen of(byte[] bss) {
      ByteBuffer words = ByteBuffer.wrap(bss).order(ByteOrder.LITTLE_ENDIAN);
      return new Seen(
          words.getLong(),
          words.getLong(),
          words.getLong(),
          words.getLong(),
          words.getLong(),
          words.getLong(),
          words.getLong(),
          words.getLong(),
          words.getLong());
    }

    static Seen of(LoadedObject loaded) {
      return of(loaded.map(".bss").orElseThrow().get(new byte[4]));
    }

    static Seen of(KernelMap bss) {
      return of(bss.lookup(new byte[4]));
    }
  }

  private BpfObject build() throws Exception {
    Clang.assume();
    Path source = Path.of(TimerReplayTest.class.getResource("timers.bpf.c").toURI());
    return Clang.build(source, folder.resolve("timers.o"), "-O2", "-g", "-mcpu=v3");
  }

  private static long gap(int frame) {
    return frame < 100 ? 0 : GAPS[frame % GAPS.length];
  }

  private Path capture() throws Exception {
    List<byte[]> frames = new ArrayList<>();
    List<Long> times = new ArrayList<>();
    long now = TestCaptures.START;
    for (int i = 0; i < FRAMES; i++) {
      now += gap(i);
      times.add(now);
      frames.add(TestCaptures.frame(60, i % 13, 2, 0));
    }
    return TestCaptures.write(folder.resolve("in.pcapng"), frames, times);
  }

  private Seen replay(String name, ReplayOptions options, boolean interpret, boolean chained)
      throws Exception {
    BpfObject object = build();
    LoadOptions load = new LoadOptions(options.workers(), interpret, false, Set.of(name));
    try (Region region = Region.reserve(256 << 20);
        LoadedObject loaded = LoadedObject.load(object, region, load)) {
      XdpProgram program = loaded.program(name).orElseThrow();
      XdpChain chain =
          chained
              ? XdpChain.of(List.of(new XdpChain.Member(program, RunConfig.DEFAULT)), region, load)
              : null;
      XdpProgram run = chained ? chain.program() : program;
      try (Replay replay = Replay.open(run, region, options)) {
        ReplayResult result = replay.run();
        assertThat(result.problems()).isEmpty();
        assertThat(result.faults()).isZero();
        assertThat(result.books().get(Counter.RECEIVED)).isEqualTo(FRAMES * options.repeat());
        assertThat(result.books().get(Counter.DELIVERED)).isEqualTo(FRAMES * options.repeat());
      } finally {
        if (chained) {
          chain.close();
        }
      }
      return Seen.of(loaded);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "stays, 1, false, false, false, 1",
    "stays, 1, false, true, false, 1",
    "stays, 1, false, false, true, 1",
    "stays, 2, false, false, false, 1",
    "stays, 4, false, false, false, 1",
    "stays, 3, true, false, false, 1",
    "stays, 2, false, true, true, 1",
    "moves, 1, false, false, false, 1",
    "moves, 2, true, false, false, 1",
    "parts, 1, false, false, false, 1",
    "stays, 1, false, false, false, 3",
    "moves, 3, false, false, false, 3"
  })
  void timersRingBetweenTheFramesTheyAreDueBetween(
      String program, int workers, boolean split, boolean interpret, boolean chained, long repeat)
      throws Exception {
    ReplayOptions options =
        ReplayOptions.of(capture())
            .withWorkers(workers)
            .withSplit(split)
            .withRepeat(repeat)
            .withOut(split ? folder.resolve("out.pcapng") : null);
    assertThat(replay(program, options, interpret, chained)).isEqualTo(model(repeat));
  }

  /**
   * The object that started the timers is closed, and a pin alone keeps the map that they are in:
   * they ring between the frames of another program, as often as if their own were there.
   */
  @Test
  void timersOfAMapThatOnlyAPinKeepsRingInTheNextReplay() throws Exception {
    BpfObject object = build();
    long second = TestCaptures.START + 100 * MILLISECOND;
    Path one =
        TestCaptures.write(
            folder.resolve("1.pcap"), List.of(new byte[60]), List.of(TestCaptures.START));
    List<Long> times = new ArrayList<>();
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < FRAMES; i++) {
      times.add((i == 0 ? second : times.getLast()) + gap(100 + i));
      frames.add(new byte[60]);
    }
    Path two = TestCaptures.write(folder.resolve("2.pcap"), frames, times);
    LoadOptions load = new LoadOptions(1, false, false, Set.of("stays"));
    try (Region region = Region.reserve(256 << 20);
        PinnedMaps pins = new PinnedMaps()) {
      BpfMap seen;
      try (LoadedObject loaded =
          LoadedObject.load(object, region, load.pinnedIn(pins).withPin("tickers", "kept"))) {
        seen = loaded.map(".bss").orElseThrow().hold();
        try (Replay replay =
            Replay.open(loaded.program("stays").orElseThrow(), region, ReplayOptions.of(one))) {
          replay.run();
        }
      }
      LoadOptions other = new LoadOptions(1, false, false, Set.of("quiet"));
      try (LoadedObject loaded = LoadedObject.load(object, region, other)) {
        XdpProgram quiet = loaded.program("quiet").orElseThrow();
        quiet.drive(pins);
        try (Replay replay = Replay.open(quiet, region, ReplayOptions.of(two))) {
          assertThat(replay.run().faults()).isZero();
        }
      }
      assertThat(Seen.of(seen.get(new byte[4]))).isEqualTo(kept(times));
      pins.unpin("kept");
      assertThat(seen.holders()).as("nothing but this test has it").isEqualTo(1);
      seen.release();
    }
  }

  /** One frame of the program's, then time that goes on at these moments. */
  private static Seen kept(List<Long> times) {
    Model model = new Model();
    model.frame(TestCaptures.START);
    model.end(TestCaptures.START);
    times.forEach(model::until);
    return model.seen();
  }

  /** What has to come out, from the words of the page and not from the code. */
  private static Seen model(long repeat) {
    Model model = new Model();
    long now = TestCaptures.START;
    for (int pass = 0; pass < repeat; pass++) {
      now += pass == 0 ? 0 : 1000; // Captures follow on each other a microsecond apart.
      for (int i = 0; i < FRAMES; i++) {
        now += gap(i);
        model.frame(now);
      }
    }
    model.end(now);
    return model.seen();
  }

  /** Two tickers, the entries' timers and the work, as a list of what is due when. */
  private static final class Model {
    private record Due(long time, long started, int what) {}

    private final List<Due> due = new ArrayList<>();
    private long frames;
    private long ticks;
    private long gone;
    private long worked;
    private long left;
    private long order;
    private long last;
    private long started;

    private void note(long what, long now) {
      order = (order * 31 + what) * 1000003 + now;
      last = now;
    }

    private void start(int what, long time) {
      due.add(new Due(time, started++, what));
    }

    void frame(long now) {
      until(now);
      note(30, now);
      if (frames++ == 0) {
        start(1, now + MILLISECOND);
        start(2, now + 7 * MILLISECOND);
      }
      start(10, now);
      left = 2;
      if (due.stream().noneMatch(each -> each.what() == 20)) {
        start(20, now);
      }
    }

    /** Of one time: arrays before hashes, timers before work, else as they were started. */
    private Due first() {
      Due first = null;
      for (Due each : due) {
        boolean sooner =
            first == null
                || each.time() < first.time()
                || each.time() == first.time() && rank(each) < rank(first)
                || each.time() == first.time()
                    && rank(each) == rank(first)
                    && each.started() < first.started();
        first = sooner ? each : first;
      }
      return first;
    }

    private static int rank(Due due) {
      return due.what() / 10;
    }

    private void until(long now) {
      while (first() != null && first().time() <= now) {
        Due first = first();
        due.remove(first);
        run(first, first.time());
      }
    }

    private void run(Due first, long now) {
      note(first.what(), now);
      switch (first.what()) {
        case 1, 2 -> {
          ticks++;
          start(first.what(), now + (first.what() == 1 ? 1 : 3) * MILLISECOND);
        }
        case 10 -> gone++;
        default -> {
          worked++;
          if (left-- > 0) {
            start(20, now + 1000);
          } else {
            left = 0;
          }
        }
      }
    }

    void end(long now) {
      until(now);
      Due work;
      while ((work = due.stream().filter(d -> d.what() == 20).findFirst().orElse(null)) != null) {
        due.remove(work);
        run(work, now);
      }
    }

    Seen seen() {
      return new Seen(frames, ticks, 0, gone, 0, worked, 0, order, last);
    }
  }

  /** Its replay ends, and its timer rings between frames all the same. */
  @Test
  void aTimerThatStartsItselfAtOnceDoesNotHoldTheReplayUp() throws Exception {
    assertThat(endless("without_end", 1_000_000_000_000_000L)).isEqualTo(51 + 1_000_000 + 1 + 1);
  }

  /** A callback of another's start is no sooner than its own. */
  @Test
  void timersThatStartEachOtherAtOnceDoNotHoldTheReplayUp() throws Exception {
    assertThat(endless("each_other", 100_000)).isEqualTo(51 + 51 + 1);
  }

  /** How often timers of no delay ring: three frames, the second after 50 us. */
  private long endless(String program, long third) throws Exception {
    Path in =
        TestCaptures.write(
            folder.resolve("in.pcapng"),
            List.of(new byte[60], new byte[60], new byte[60]),
            List.of(TestCaptures.START, TestCaptures.START + 50_000, TestCaptures.START + third));
    BpfObject object = build();
    LoadOptions load = new LoadOptions(1, false, false, Set.of(program));
    try (Region region = Region.reserve(64 << 20);
        LoadedObject loaded = LoadedObject.load(object, region, load);
        Replay replay =
            Replay.open(loaded.program(program).orElseThrow(), region, ReplayOptions.of(in))) {
      replay.run();
      Seen seen = Seen.of(loaded);
      assertThat(seen.frames()).isEqualTo(3);
      return seen.endless();
    }
  }

  /** Entries that a timer of no delay ends never fill their map, and work is done: as in Linux. */
  @Test
  void linuxRunsThemAsOftenBetweenFramesThatAreApart() throws Exception {
    BpfObject object = build();
    int frames = 25;
    List<byte[]> all = new ArrayList<>();
    List<Long> times = new ArrayList<>();
    for (int i = 0; i < frames; i++) {
      all.add(TestCaptures.frame(60, i, 2, 0));
      times.add(TestCaptures.START + 5 * i * MILLISECOND);
    }
    Path in = TestCaptures.write(folder.resolve("in.pcapng"), all, times);
    Seen here;
    LoadOptions load = new LoadOptions(1, false, false, Set.of("stays"));
    try (Region region = Region.reserve(64 << 20);
        LoadedObject loaded = LoadedObject.load(object, region, load)) {
      try (Replay replay =
          Replay.open(loaded.program("stays").orElseThrow(), region, ReplayOptions.of(in))) {
        replay.run();
      }
      here = Seen.of(loaded);
    }
    assertThat(here.gone()).isEqualTo(frames);
    assertThat(here.worked()).isEqualTo(3L * frames);
    KernelOracle.assumeAvailable();
    Seen there = inLinux(object, all);
    assertThat(there.frames()).isEqualTo(here.frames());
    assertThat(there.full()).isEqualTo(here.full());
    assertThat(there.gone()).isEqualTo(here.gone());
    assertThat(there.worked()).isEqualTo(here.worked());
    assertThat(there.ticks()).as("with a machine that may be late").isGreaterThan(frames);
  }

  private Seen inLinux(BpfObject object, List<byte[]> frames) throws Exception {
    BpfProgram program = object.program("stays").orElseThrow();
    try (KernelTypes types = KernelTypes.load(folder.resolve("timers.o"), object.btf())) {
      List<KernelMap> maps = KernelOracle.createMaps(program, object.maps(), types);
      KernelOracle.Verdict verdict = KernelOracle.load(program, maps, KernelOracle.LOG_FULL, types);
      assertThat(verdict.accepted()).as(verdict.log()).isTrue();
      KernelMap bss =
          maps.stream()
              .filter(map -> map != null && map.spec().name().equals(".bss"))
              .findFirst()
              .orElseThrow();
      try (KernelProgram loaded = verdict.program()) {
        for (byte[] frame : frames) {
          Seen before = Seen.of(bss);
          assertThat(loaded.run(frame).returnCode()).isEqualTo(2);
          awaitWork(bss, before.worked() + 3);
        }
        return Seen.of(bss);
      } finally {
        maps.stream().filter(Objects::nonNull).forEach(KernelMap::close);
      }
    }
  }

  private static void awaitWork(KernelMap bss, long worked) throws Exception {
    for (int i = 0; i < 400; i++) {
      Thread.sleep(5);
      Seen seen = Seen.of(bss);
      if (seen.worked() >= worked && seen.gone() == seen.frames()) {
        return;
      }
    }
  }
}
