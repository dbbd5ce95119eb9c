package org.xdp4j.bpf.agreement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;

/** The running kernel. */
final class KernelMachine implements Machine {
  private final List<KernelMap> maps;
  private final KernelProgram program;
  private final int cpu;

  private KernelMachine(List<KernelMap> maps, KernelProgram program, int cpu) {
    this.maps = maps;
    this.program = program;
    this.cpu = cpu;
  }

  /**
   * Loads the program.
   *
   * @param cpu what the calling thread is pinned to: whose per-CPU values are compared
   * @return null when the kernel refuses it
   */
  static KernelMachine load(BpfProgram program, List<MapSpec> specs, int cpu) {
    List<KernelMap> maps = KernelOracle.createMaps(program, specs);
    KernelOracle.Verdict verdict = KernelOracle.load(program, maps, KernelOracle.LOG_NONE);
    if (!verdict.accepted()) {
      close(maps);
      return null;
    }
    return new KernelMachine(maps, verdict.program(), cpu);
  }

  @Override
  public Outcome run(byte[] packet) {
    KernelProgram.Run run = program.run(packet);
    if (run.error() != 0) {
      throw new IllegalStateException("BPF_PROG_TEST_RUN: errno " + -run.error());
    }
    return Outcome.of(run.returnCode(), run.data());
  }

  @Override
  public List<Map<String, String>> maps() {
    List<Map<String, String>> all = new ArrayList<>();
    for (KernelMap map : maps) {
      Map<String, String> entries = new TreeMap<>();
      for (byte[] key : map == null ? List.<byte[]>of() : map.keys()) {
        entries.put(HexFormat.of().formatHex(key), HexFormat.of().formatHex(value(map, key)));
      }
      all.add(entries);
    }
    return all;
  }

  private byte[] value(KernelMap map, byte[] key) {
    byte[] value = map.lookup(key);
    MapSpec spec = map.spec();
    int from = spec.type().isPerCpu() ? (spec.valueSize() + 7 & -8) * cpu : 0;
    return Arrays.copyOfRange(value, from, from + spec.valueSize());
  }

  @Override
  public void close() {
    program.close();
    close(maps);
  }

  private static void close(List<KernelMap> maps) {
    maps.stream().filter(Objects::nonNull).forEach(KernelMap::close);
  }
}
