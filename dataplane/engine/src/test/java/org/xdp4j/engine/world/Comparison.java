package org.xdp4j.engine.world;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.xdp4j.bpf.LoadException;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.TestRun;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapCommands;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.oracle.KernelCommands;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;

/**
 * One object on both sides. What two runs in the kernel do not have in common (time, random
 * numbers) is not compared. The calling thread must stay on one CPU.
 */
final class Comparison {
  private static final long REGION_SIZE = 1L << 30;

  /** Sections of programs that are certainly not XDP ones. */
  private static final Pattern OTHERS =
      Pattern.compile(
          "\\??(tp|raw_tp|tracepoint|raw_tracepoint|k(ret)?probe|u(ret)?probe|fentry|fexit|fmod|tc|tcx"
              + "|tp_btf|classifier|action|socket|cgroup|sk_|lwt|lsm|iter|sockops|struct_ops"
              + "|perf_event|syscall|flow_|freplace|sysctl|usdt).*");

  /** The CPU that runs. */
  static final int CPU = 0;

  private final Path file;
  private final BpfObject object;
  private final List<BpfProgram> chosen;
  private final List<byte[]> frames;
  private final int cpus = KernelOracle.possibleCpus();
  private final List<String> differences = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();
  private final TreeMap<String, Integer> verdicts = new TreeMap<>();
  private long runs;
  private int accepted;
  private int refused;

  Comparison(Path file, BpfObject object, List<byte[]> frames) {
    this.file = file;
    this.object = object;
    this.frames = frames;
    List<BpfProgram> xdp = object.programs().stream().filter(p -> p.type().isXdp()).toList();
    List<BpfProgram> old =
        object.programs().stream().filter(p -> !OTHERS.matcher(p.section()).matches()).toList();
    this.chosen = xdp.isEmpty() ? old : xdp;
  }

  List<String> differences() {
    return differences;
  }

  /** What both sides refuse, and what cannot be compared. */
  List<String> remarks() {
    return remarks;
  }

  /** How often programs gave which verdict. */
  Map<String, Integer> verdicts() {
    return verdicts;
  }

  /** Programs that both accept. */
  int accepted() {
    return accepted;
  }

  /** Programs that both refuse. */
  int refused() {
    return refused;
  }

  /** Frames run. */
  long runs() {
    return runs;
  }

  void compare() throws InterruptedException {
    try (KernelObject kernel = KernelObject.load(file, object, chosen)) {
      for (BpfProgram program : chosen) {
        Optional<String> ours = refusal(program);
        String theirs = kernel.refusal(program.name());
        if (ours.isEmpty() && theirs == null) {
          accepted++;
        } else if (ours.isPresent() && theirs != null) {
          refused++;
          remarks.add("both refuse " + program.name() + ": " + ours.get() + " | " + last(theirs));
        } else {
          differences.add(
              ours.map(why -> "only Linux accepts " + program.name() + ": " + why)
                  .orElseGet(() -> "only we accept " + program.name() + ": " + last(theirs)));
        }
      }
      remarks.add("loaded by " + kernel.loader());
    }
    for (Filling filling : Filling.values()) {
      for (BpfProgram program : chosen) {
        if (differences.stream().noneMatch(d -> d.contains(" " + program.name() + ":"))
            && refusal(program).isEmpty()) {
          run(program, filling);
        }
      }
    }
  }

  private static String last(String text) {
    List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
    return lines.subList(Math.max(0, lines.size() - 3), lines.size()).toString();
  }

  private LoadOptions options(BpfProgram program) {
    return new LoadOptions(
        cpus, false, program.type() == ProgramType.OTHER, Set.of(program.name()));
  }

  /** The program with all others that can be loaded, which program arrays may lead to. */
  private LoadOptions together() {
    Set<String> names = new TreeSet<>();
    for (BpfProgram program : chosen) {
      if (refusal(program).isEmpty()) {
        names.add(program.name());
      }
    }
    boolean asXdp = chosen.stream().anyMatch(p -> p.type() == ProgramType.OTHER);
    return new LoadOptions(cpus, false, asXdp, names);
  }

  private Optional<String> refusal(BpfProgram program) {
    try (Region region = Region.reserve(REGION_SIZE)) {
      LoadedObject.load(object, region, options(program)).close();
      return Optional.empty();
    } catch (LoadException e) {
      return Optional.of(e.getMessage());
    }
  }

  private void run(BpfProgram program, Filling filling) throws InterruptedException {
    try (KernelObject one = KernelObject.load(file, object, chosen);
        KernelObject two = KernelObject.load(file, object, chosen);
        Region region = Region.reserve(REGION_SIZE);
        LoadedObject ours = LoadedObject.load(object, region, together())) {
      if (one.program(program.name()).run(new byte[64]).error() != 0) {
        if (filling == Filling.EMPTY) {
          remarks.add("the kernel runs no test of " + program.name());
        }
        return;
      }
      two.program(program.name()).run(new byte[64]);
      XdpContext context = new XdpContext(region, CPU);
      XdpProgram mine = ours.program(program.name()).orElseThrow();
      TestRun.run(mine, context, new byte[64], 1);
      String place = program.name() + " (" + filling + ")";
      fill(place, filling, ours, one, two);
      for (int i = 0; i < frames.size(); i++) {
        compare(place, i, one, two, program.name(), mine, context);
      }
      if (mine.faults() != 0) {
        differences.add(place + ": " + mine.faults() + " faults");
      }
      for (BpfMap map : ours.maps()) {
        compare(place, ours.definition(map), map, one, two);
      }
    } catch (LoadException e) {
      throw new IllegalStateException(e);
    }
  }

  private void compare(
      String place,
      int number,
      KernelObject one,
      KernelObject two,
      String program,
      XdpProgram mine,
      XdpContext context) {
    byte[] frame = frames.get(number);
    KernelProgram.Run first = one.program(program).run(frame);
    KernelProgram.Run second = two.program(program).run(frame);
    TestRun.Result got = TestRun.run(mine, context, frame, 1);
    runs++;
    verdicts.merge(got.action().name(), 1, Integer::sum);
    if (first.returnCode() != second.returnCode()) {
      return;
    }
    if (first.returnCode() != got.returnCode()) {
      differences.add(
          "%s, frame %d: Linux returns %d, we %d; %s"
              .formatted(
                  place,
                  number,
                  first.returnCode(),
                  got.returnCode(),
                  HexFormat.of().formatHex(frame)));
    } else if (!alike(first.data(), second.data(), got.data())) {
      differences.add(
          "%s, frame %d: another frame comes out:%n  %s in,%n  %s of Linux,%n  %s of ours"
              .formatted(
                  place,
                  number,
                  HexFormat.of().formatHex(frame),
                  HexFormat.of().formatHex(first.data()),
                  HexFormat.of().formatHex(got.data())));
    }
  }

  /**
   * Whether {@code got} is as {@code first} in all words in which that is as {@code second}: a time
   * is another one in its low bytes only.
   */
  private static boolean alike(byte[] first, byte[] second, byte[] got) {
    if (first.length != second.length) {
      return true;
    }
    if (got == null || first.length != got.length) {
      return false;
    }
    for (int from = 0; from < first.length; from += Long.BYTES) {
      int to = Math.min(from + Long.BYTES, first.length);
      if (Arrays.equals(first, from, to, second, from, to)
          && !Arrays.equals(first, from, to, got, from, to)) {
        return false;
      }
    }
    return true;
  }

  private void fill(
      String place, Filling filling, LoadedObject ours, KernelObject one, KernelObject two) {
    for (BpfMap map : ours.maps()) {
      MapSpec spec = ours.definition(map);
      KernelMap kernel = one.map(spec.name());
      if (kernel == null) {
        remarks.add("Linux has no map " + spec.name());
        continue;
      }
      if (filling != Filling.EMPTY && map instanceof ProgramArrayMap array) {
        fill(array, ours, one.map(spec.name()), one);
        fill(array, ours, two.map(spec.name()), two);
        continue;
      }
      for (Filling.Entry entry : filling.entries(spec, cpus)) {
        int wanted = new KernelCommands(kernel).update(entry.key(), entry.value(), 0);
        new KernelCommands(two.map(spec.name())).update(entry.key(), entry.value(), 0);
        int got = new MapCommands(map).update(entry.key(), entry.value(), 0);
        if (wanted != got) {
          differences.add(
              "%s: update of map %s (%s): Linux %d, we %d"
                  .formatted(place, spec.name(), spec.type(), wanted, got));
          break;
        }
      }
    }
  }

  /** The object's programs one after the other, those of them that are loaded here. */
  private void fill(ProgramArrayMap array, LoadedObject ours, KernelMap map, KernelObject kernel) {
    int slot = 0;
    for (XdpProgram mine : ours.programs()) {
      KernelProgram theirs = kernel.program(mine.name());
      byte[] key = Filling.little(slot, Integer.BYTES);
      if (theirs != null && map.update(key, Filling.little(theirs.fd(), Integer.BYTES), 0) == 0) {
        mine.putInto(array, slot++);
      }
    }
  }

  private void compare(String place, MapSpec spec, BpfMap map, KernelObject one, KernelObject two) {
    KernelMap first = one.map(spec.name());
    // What a kernel says of itself is its own.
    boolean own = spec.name().equals(".kconfig");
    if (first == null || own || !isComparable(spec.type())) {
      return;
    }
    KernelMap second = two.map(spec.name());
    List<byte[]> theirs = first.keys();
    List<byte[]> others = second.keys();
    if (!sameKeys(theirs, others)) {
      return;
    }
    List<byte[]> mine = new ArrayList<>();
    map.keys().forEach(mine::add);
    if (!sameKeys(theirs, mine)) {
      differences.add(
          "%s: map %s (%s) has %d keys in Linux, %d here, and not the same"
              .formatted(place, spec.name(), spec.type(), theirs.size(), mine.size()));
      return;
    }
    for (byte[] key : theirs) {
      byte[] got = new MapCommands(map).lookup(key, 0).bytes();
      byte[] wanted = new KernelCommands(first).lookup(key, 0).bytes();
      byte[] again = new KernelCommands(second).lookup(key, 0).bytes();
      if (wanted != null && again != null && !alike(wanted, again, got)) {
        differences.add(
            "%s: map %s (%s), key %s:%n  %s in Linux,%n  %s here"
                .formatted(
                    place,
                    spec.name(),
                    spec.type(),
                    HexFormat.of().formatHex(key),
                    shown(wanted),
                    got == null ? "nothing" : shown(got)));
        return;
      }
    }
  }

  private static String shown(byte[] value) {
    return HexFormat.of().formatHex(value, 0, Math.min(value.length, 200));
  }

  private static boolean isComparable(MapType type) {
    return switch (type) {
      case HASH, ARRAY, PERCPU_HASH, PERCPU_ARRAY, LRU_HASH, LRU_PERCPU_HASH, LPM_TRIE -> true;
      default -> false;
    };
  }

  private static boolean sameKeys(List<byte[]> one, List<byte[]> other) {
    return one.stream()
        .map(HexFormat.of()::formatHex)
        .sorted()
        .toList()
        .equals(other.stream().map(HexFormat.of()::formatHex).sorted().toList());
  }
}
