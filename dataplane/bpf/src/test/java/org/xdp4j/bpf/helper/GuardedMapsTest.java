package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.bpf.verifier.Verifier;
import org.xdp4j.bpf.verifier.VerifierException;
import org.xdp4j.testing.Covers;

/**
 * Maps that programs may only read, or only write (BPF_F_RDONLY_PROG, BPF_F_WRONLY_PROG): which of
 * them there are, what the verifier lets a program do with each, and what comes of it, as Linux has
 * it.
 */
class GuardedMapsTest {
  private static final int ENTRIES = 4;
  private static final int LOAD = Opcode.LDX | Opcode.MEM | Opcode.DW;
  private static final int STORE = Opcode.STX | Opcode.MEM | Opcode.DW;
  private static final int ATOMIC = Opcode.STX | Opcode.ATOMIC | Opcode.DW;
  private static final int JEQ = Opcode.JMP | Opcode.JEQ | Opcode.K;

  /** Types whose user-space values are descriptors, of which a number says nothing here. */
  private static final Set<MapType> DESCRIPTORS =
      EnumSet.of(
          MapType.PROG_ARRAY,
          MapType.PERF_EVENT_ARRAY,
          MapType.XSKMAP,
          MapType.SOCKMAP,
          MapType.SOCKHASH);

  private static final int[] FLAGS = {
    0,
    MapSpec.F_RDONLY_PROG,
    MapSpec.F_WRONLY_PROG,
    MapSpec.F_RDONLY_PROG | MapSpec.F_WRONLY_PROG,
    MapSpec.F_RDONLY_PROG | MapSpec.F_WRONLY,
    MapSpec.F_WRONLY_PROG | MapSpec.F_RDONLY
  };

  private final HelperLab lab = new HelperLab();
  private final Map<String, Consumer<Snippet>> uses = new LinkedHashMap<>();
  private final List<String> differences = new ArrayList<>();

  private int programs;
  private int runs;

  GuardedMapsTest() {
    uses.put("look up", s -> lookup(s, 1));
    uses.put("look up and read", s -> value(s, 1).add(LOAD, 1, 0, 0, 0).fold(1));
    uses.put("look up and write", s -> value(s, 2).set(1, 5).add(STORE, 0, 1, 0, 0));
    uses.put("look up and add", s -> value(s, 2).set(1, 5).add(ATOMIC, 0, 1, 0, Opcode.ADD));
    uses.put(
        "look up and exchange",
        s -> value(s, 3).set(1, 5).add(ATOMIC, 0, 1, 0, Opcode.XCHG).fold(1));
    uses.put(
        "look up for a helper to read",
        s -> value(s, 5).move(3, 0).set(1, 0).set(2, 0).set(4, 8).set(5, 0).callOnly(28));
    uses.put(
        "look up for a helper to write",
        s -> value(s, 4).move(1, 0).set(2, 8).set(3, 0).callOnly(16));
    uses.put(
        "another CPU's value",
        s -> key(s).map(1, 0).stack(2, -8).set(3, 0).callOnly(195).foldWordAt(0));
    for (int flags = 0; flags < 3; flags++) {
      int how = flags;
      uses.put(
          "update " + flags, s -> key(s).map(1, 0).stack(2, -8).stack(3, -16).set(4, how).call(2));
    }
    uses.put("delete", s -> key(s).map(1, 0).stack(2, -8).call(3));
    uses.put("push", s -> key(s).map(1, 0).stack(2, -16).set(3, 0).call(87));
    uses.put("pop", s -> key(s).map(1, 0).stack(2, -16).call(88));
    uses.put("peek", s -> key(s).map(1, 0).stack(2, -16).call(89));
    uses.put("redirect", s -> s.map(1, 0).set(2, 1).set(3, 2).call(51));
    uses.put("tail call", s -> s.move(1, 6).map(2, 0).set(3, 1).call(12));
    uses.put("event", s -> key(s).move(1, 6).map(2, 0).set(3, 0).stack(4, -8).set(5, 8).call(25));
    uses.put("record", s -> key(s).map(1, 0).stack(2, -16).set(3, 8).set(4, 0).call(130));
    uses.put("value at once", s -> s.mapValue(1, 0, 0).add(LOAD, 2, 1, 0, 0).fold(2));
    uses.put("write at once", s -> s.mapValue(1, 0, 0).set(2, 7).add(STORE, 1, 2, 0, 0));
  }

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @AfterEach
  void close() {
    lab.close();
  }

  /** Key 1, for a trie the prefix of one bit, at fp - 8; a value at fp - 16. */
  private static Snippet key(Snippet s) {
    return s.writeLong(-8, 1).writeLong(-16, 9);
  }

  private static Snippet lookup(Snippet s, int register) {
    return key(s).map(register, 0).stack(2, -8).callOnly(1);
  }

  /** r0 = the value, or the next {@code skipped} instructions and its test are passed over. */
  private static Snippet value(Snippet s, int skipped) {
    return lookup(s, 1).add(JEQ, 0, 0, skipped, 0);
  }

  private static MapSpec spec(MapType type, int flags) {
    return switch (type) {
      case QUEUE, STACK, BLOOM_FILTER -> MapSpec.of("m", type, 0, 8, ENTRIES, flags);
      case RINGBUF, USER_RINGBUF -> MapSpec.of("m", type, 0, 0, 4096, flags);
      case LPM_TRIE -> MapSpec.of("m", type, 8, 8, ENTRIES, flags | MapSpec.F_NO_PREALLOC);
      case CPUMAP -> MapSpec.of("m", type, 4, 8, KernelOracle.possibleCpus(), flags);
      case DEVMAP, DEVMAP_HASH -> MapSpec.of("m", type, 4, 8, ENTRIES, flags);
      case PROG_ARRAY, PERF_EVENT_ARRAY, XSKMAP -> MapSpec.of("m", type, 4, 4, ENTRIES, flags);
      case LRU_HASH, LRU_PERCPU_HASH -> MapSpec.of("m", type, 4, 8, 2048, flags);
      case ARRAY_OF_MAPS, HASH_OF_MAPS ->
          MapSpec.of("m", type, 4, 4, ENTRIES, flags)
              .withInner(MapSpec.of("inner", MapType.ARRAY, 4, 8, 1, 0));
      case ARRAY -> MapSpec.of("m", type, 4, 8, 1, flags);
      default -> MapSpec.of("m", type, 4, 8, ENTRIES, flags);
    };
  }

  @Covers({
    "HASH",
    "ARRAY",
    "PERCPU_HASH",
    "PERCPU_ARRAY",
    "LRU_HASH",
    "LRU_PERCPU_HASH",
    "LPM_TRIE",
    "QUEUE",
    "STACK",
    "BLOOM_FILTER",
    "DEVMAP",
    "DEVMAP_HASH",
    "CPUMAP",
    "XSKMAP"
  })
  @Test
  void programsMayWithEachMapWhatTheyMayInLinux() throws MapException {
    for (MapType type : MapType.values()) {
      if (type == MapType.ARENA || !MapFactory.refusal(type).isEmpty()) {
        continue; // an arena takes neither flag, and its user memory is mapped
      }
      for (int flags : FLAGS) {
        use(spec(type, flags));
      }
    }
    System.out.printf(
        "maps that programs may not read or write: %d programs, %d of them run, %d differences%n",
        programs, runs, differences.size());
    assertThat(differences).isEmpty();
    assertThat(runs).isGreaterThan(200);
  }

  private void use(MapSpec spec) throws MapException {
    KernelMap kernel = null;
    String refused = null;
    try {
      kernel = KernelMap.create(spec);
    } catch (IllegalStateException e) {
      refused = e.getMessage();
    }
    List<BpfMap> ours = null;
    try {
      ours = lab.makeMaps(List.of(spec));
    } catch (MapException e) {
      if (refused == null) {
        differences.add(spec + ": Linux makes it, we say " + e.getMessage());
      }
    }
    if (kernel == null || ours == null) {
      if (ours != null) {
        differences.add(spec + ": made here, but " + refused);
        ours.forEach(BpfMap::free);
      }
      if (kernel != null) {
        kernel.close();
      }
      return;
    }
    try {
      for (Map.Entry<String, Consumer<Snippet>> use : uses.entrySet()) {
        use(spec, use.getKey(), use.getValue(), kernel, ours);
      }
    } finally {
      kernel.close();
      ours.forEach(BpfMap::free);
    }
  }

  private void use(
      MapSpec spec, String name, Consumer<Snippet> use, KernelMap kernel, List<BpfMap> ours) {
    Snippet s = new Snippet();
    use.accept(s);
    BpfProgram program = BpfProgram.of(s.instructions());
    programs++;
    String refusal = null;
    try {
      Verifier.verify(program, List.of(spec));
    } catch (VerifierException e) {
      refusal = e.getMessage();
    }
    KernelOracle.Verdict verdict =
        KernelOracle.load(program, List.of(kernel), KernelOracle.LOG_FULL);
    String what = "%s, flags %d: %s: ".formatted(spec.type(), spec.flags(), name);
    if (verdict.accepted() != (refusal == null)) {
      differences.add(
          what + "Linux " + (verdict.accepted() ? "yes" : verdict.reason()) + ", we " + refusal);
    }
    if (!verdict.accepted()) {
      return;
    }
    try (KernelProgram loaded = verdict.program()) {
      if (refusal != null) {
        return;
      }
      fill(spec, kernel, ours.getFirst());
      KernelProgram.Run expected = loaded.run(new byte[64]);
      HelperLab.Result actual = lab.run(s, ours, new byte[64]);
      runs++;
      if (actual.returnCode() != expected.returnCode()) {
        differences.add(what + "r0 " + actual.returnCode() + ", in Linux " + expected.returnCode());
      }
      compare(what, spec, kernel, ours.getFirst());
    }
  }

  /** Key 1 with the value 3, as user space may or may not have it. */
  private void fill(MapSpec spec, KernelMap kernel, BpfMap ours) {
    boolean keyed = spec.keySize() > 0 && spec.inner() == null;
    boolean userMay = (spec.flags() & MapSpec.F_RDONLY) == 0;
    boolean descriptors = DESCRIPTORS.contains(spec.type());
    if (!keyed || !userMay || descriptors) {
      return;
    }
    byte[] key = new byte[spec.keySize()];
    key[0] = (byte) (spec.type() == MapType.ARRAY ? 0 : 1);
    byte[] value = new byte[kernel.userValueSize()];
    value[0] = 1;
    int theirs = kernel.update(key, value, 0);
    byte[] own = spec.type().isPerCpu() ? value : Arrays.copyOf(value, spec.valueSize());
    int here = ours.put(key, own, BpfMap.ANY);
    if (here != theirs) {
      differences.add(spec + ": user space: put " + here + ", in Linux " + theirs);
    }
  }

  private void compare(String what, MapSpec spec, KernelMap kernel, BpfMap ours) {
    boolean readable = (spec.flags() & MapSpec.F_WRONLY) == 0;
    if (spec.type().isPerCpu() || spec.keySize() == 0 || spec.inner() != null || !readable) {
      return;
    }
    for (byte[] key : ours.keys()) {
      if (!Arrays.equals(ours.get(key), kernel.lookup(key))) {
        differences.add(what + "value of " + Arrays.toString(key));
      }
    }
  }
}
