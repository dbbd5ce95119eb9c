package org.xdp4j.engine.filters;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;

/** A filter in the running kernel. The calling thread must stay on one CPU. */
final class KernelMachine implements FilterMachine {
  /** The loopback interface stands for every port: it is always there, and no frame is sent. */
  private static final byte[] LOOPBACK = {1, 0, 0, 0};

  private final BpfObject object;
  private final int cpu;
  private final List<KernelMap> maps = new ArrayList<>();
  private final Map<String, KernelProgram> programs = new HashMap<>();
  private final KernelProgram program;

  /**
   * Loads the filter, and into its maps what {@code model}, the same filter in our machine, has in
   * its own.
   */
  KernelMachine(FilterCase filter, OurMachine model, int cpu) {
    this.object = filter.object();
    this.cpu = cpu;
    for (MapSpec spec : object.maps()) {
      // As libbpf does for perf event arrays.
      boolean unsized = spec.maxEntries() == 0;
      maps.add(KernelMap.create(unsized ? spec.withMaxEntries(KernelOracle.possibleCpus()) : spec));
    }
    object.programs().forEach(this::load);
    this.program = programs.get(filter.program());
    fillProgramArrays();
    model.loaded().maps().forEach(this::fill);
  }

  private void load(BpfProgram program) {
    KernelOracle.Verdict verdict = KernelOracle.load(program, maps, KernelOracle.LOG_NONE);
    if (!verdict.accepted()) {
      String reason = KernelOracle.load(program, maps, KernelOracle.LOG_FULL).reason();
      throw new AssertionError("the kernel refuses " + program.name() + ": " + reason);
    }
    programs.put(program.name(), verdict.program());
  }

  private void fillProgramArrays() {
    for (KernelMap map : maps) {
      if (map.spec().type() == MapType.PROG_ARRAY) {
        for (MapSpec.Slot slot : map.spec().slots()) {
          check(map, map.update(number(slot.index()), number(fd(slot.symbol())), 0));
        }
      }
    }
  }

  private int fd(String name) {
    return programs.get(name).fd();
  }

  private void fill(BpfMap model) {
    MapSpec spec = model.spec();
    // What the object itself brings is there already, and what only programs write is zero.
    if (spec.data() != null || spec.type().isPerCpu() || spec.type() == MapType.PROG_ARRAY) {
      return;
    }
    KernelMap map = map(spec.name());
    for (byte[] key : model.keys()) {
      byte[] value = model.get(key);
      boolean alreadyThere = spec.type() == MapType.ARRAY && isZero(value);
      if (value != null && !alreadyThere) {
        check(map, map.update(key, spec.type() == MapType.DEVMAP ? LOOPBACK : value, 0));
      }
    }
  }

  private static boolean isZero(byte[] value) {
    for (byte b : value) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private static void check(KernelMap map, int result) {
    if (result < 0) {
      throw new AssertionError(
          "the kernel refuses an entry of " + map.spec().name() + ": " + result);
    }
  }

  private KernelMap map(String name) {
    return maps.stream().filter(m -> m.spec().name().equals(name)).findFirst().orElseThrow();
  }

  private static byte[] number(int number) {
    return new byte[] {
      (byte) number, (byte) (number >> 8), (byte) (number >> 16), (byte) (number >> 24)
    };
  }

  @Override
  public Outcome run(CapturedFrame frame) {
    KernelProgram.Run run = program.run(frame.data());
    if (run.error() != 0) {
      throw new AssertionError("BPF_PROG_TEST_RUN: errno " + -run.error());
    }
    return new Outcome(run.returnCode(), run.data(), "");
  }

  @Override
  public TreeMap<String, Map<Bytes, byte[]>> maps() {
    TreeMap<String, Map<Bytes, byte[]>> all = new TreeMap<>();
    for (KernelMap map : maps) {
      Map<Bytes, byte[]> entries = new TreeMap<>();
      for (byte[] key : map.keys()) {
        byte[] value = map.lookup(key);
        if (value != null) {
          entries.put(new Bytes(key), ofThisCpu(map.spec(), value));
        }
      }
      all.put(map.spec().name(), entries);
    }
    return all;
  }

  private byte[] ofThisCpu(MapSpec spec, byte[] value) {
    int from = spec.type().isPerCpu() ? (spec.valueSize() + 7 & -8) * cpu : 0;
    return Arrays.copyOfRange(value, from, from + spec.valueSize());
  }

  @Override
  public void close() {
    programs.values().forEach(KernelProgram::close);
    maps.forEach(KernelMap::close);
  }
}
