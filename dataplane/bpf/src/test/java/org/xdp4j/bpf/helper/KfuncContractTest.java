package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.helper.ArgumentCatalog.Release;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.verifier.Verifier;
import org.xdp4j.bpf.verifier.VerifierException;
import org.xdp4j.testing.Covers;

/**
 * The verifier's contract of every kernel function whose arguments are numbers, memory, dynptrs,
 * maps or objects of the kernel: each argument is given each kind of value in turn, the others
 * being right, and Linux decides of the program as we do. Those on objects that programs allocate,
 * locks and iterators have their rules.
 */
class KfuncContractTest {
  private static final Set<ArgumentKind> HERE =
      EnumSet.of(
          ArgumentKind.SCALAR,
          ArgumentKind.CONTEXT,
          ArgumentKind.MEM_16,
          ArgumentKind.READ_WRITE_MEM,
          ArgumentKind.READ_WRITE_MEM_OR_NULL,
          ArgumentKind.SIZE_OR_ZERO,
          ArgumentKind.CONST_MAP,
          ArgumentKind.CONST_STRING,
          ArgumentKind.DYNPTR,
          ArgumentKind.NEW_PACKET_DYNPTR,
          ArgumentKind.NEW_DYNPTR_CLONE,
          ArgumentKind.OPTIONAL_BUFFER,
          ArgumentKind.CONST_SIZE,
          ArgumentKind.IGNORED);

  /** How each object of the kernel is had, and how given back. */
  private record Source(String find, String release) {}

  private static final Map<KernelObject, Source> SOURCES =
      Map.of(
          KernelObject.CONNECTION, new Source("bpf_xdp_ct_lookup", "bpf_ct_release"),
          KernelObject.NEW_CONNECTION, new Source("bpf_xdp_ct_alloc", "bpf_ct_insert_entry"),
          KernelObject.TRANSFORM,
              new Source("bpf_xdp_get_xfrm_state", "bpf_xdp_xfrm_state_release"),
          KernelObject.TASK, new Source("bpf_task_from_pid", "bpf_task_release"),
          KernelObject.CGROUP, new Source("bpf_cgroup_from_id", "bpf_cgroup_release"),
          KernelObject.KEY, new Source("bpf_lookup_system_key", "bpf_key_put"));

  private static final int DYNPTR = -96;
  private static final int NEW_DYNPTR = -112;
  private static final ArgumentCatalog CATALOG = new ArgumentCatalog();
  private static List<KernelMap> kernelMaps;

  private final List<String> differences = new ArrayList<>();
  private int programs;
  private int accepted;

  @BeforeAll
  static void makeMaps() {
    KernelOracle.assumeAvailable();
    kernelMaps = CATALOG.maps().stream().map(KernelMap::create).toList();
  }

  @AfterAll
  static void closeMaps() {
    if (kernelMaps != null) {
      kernelMaps.forEach(KernelMap::close);
    }
  }

  @Covers({
    "bpf_ct_change_status",
    "bpf_ct_change_timeout",
    "bpf_ct_insert_entry",
    "bpf_ct_release",
    "bpf_ct_set_nat_info",
    "bpf_ct_set_status",
    "bpf_ct_set_timeout",
    "bpf_xdp_xfrm_state_release",
    "bpf_task_acquire",
    "bpf_task_release",
    "bpf_task_get_cgroup1",
    "bpf_task_under_cgroup",
    "bpf_send_signal_task",
    "bpf_cgroup_acquire",
    "bpf_cgroup_ancestor",
    "bpf_cgroup_release",
    "bpf_cgroup_read_xattr",
    "bpf_key_put"
  })
  @Test
  void everyArgumentTakesWhatLinuxTakes() {
    Set<String> functions = new TreeSet<>();
    for (KfuncSpec function : Kfuncs.all()) {
      HelperSpec call = function.call();
      if (!isHere(function) || !functions.add(call.name())) {
        continue;
      }
      compare(call, 0, null, null);
      for (int argument = 1; argument <= call.arguments().size(); argument++) {
        for (ArgumentCatalog.Value value : CATALOG.values()) {
          compare(call, argument, value, null);
        }
        for (KernelObject object : SOURCES.keySet()) {
          compare(call, argument, null, object);
        }
      }
    }
    System.out.printf(
        "kernel functions: %d, %d calls, %d of them accepted by Linux%n",
        functions.size(), programs, accepted);
    assertThat(differences).isEmpty();
  }

  private static boolean isHere(KfuncSpec function) {
    boolean device = function.name().startsWith("bpf_xdp_metadata_");
    return function.flags().isEmpty()
        && !device
        && function.call().returns() != ReturnKind.NEVER
        && function.call().arguments().stream()
            .allMatch(kind -> HERE.contains(kind) || kind.object() != null);
  }

  private void compare(
      HelperSpec call, int argument, ArgumentCatalog.Value value, KernelObject object) {
    BpfProgram program = program(call, argument, value, object);
    String ours = refusal(program);
    KernelOracle.Verdict verdict = KernelOracle.load(program, kernelMaps, KernelOracle.LOG_NONE);
    programs++;
    if (verdict.accepted()) {
      accepted++;
      verdict.program().close();
    }
    if (verdict.accepted() != (ours == null)) {
      differences.add(
          "%s r%d = %s: Linux says %s, we say %s"
              .formatted(
                  call.name(),
                  argument,
                  value == null ? "" + object : value.name(),
                  verdict.accepted() ? "yes" : reason(program),
                  ours == null ? "yes" : ours));
    }
  }

  private static String reason(BpfProgram program) {
    return KernelOracle.load(program, kernelMaps, KernelOracle.LOG_FULL).reason();
  }

  private static String refusal(BpfProgram program) {
    try {
      Verifier.verify(program, CATALOG.maps());
      return null;
    } catch (VerifierException e) {
      return e.getMessage();
    }
  }

  /** A call with {@code value} or an {@code object} for one argument; 0 for none. */
  private static BpfProgram program(
      HelperSpec call, int argument, ArgumentCatalog.Value value, KernelObject object) {
    Snippet s = new Snippet();
    for (int at = -ArgumentCatalog.STACK_ZEROED; at < 0; at += 8) {
      s.writeLong(at, 0);
    }
    s.move(1, 6).set(2, 0).stack(3, DYNPTR).callKernel("bpf_dynptr_from_xdp");
    KernelObject right = null;
    boolean rightReleased = false;
    for (int i = 0; i < call.arguments().size(); i++) {
      ArgumentKind kind = call.arguments().get(i);
      if (kind.object() != null && i + 1 != argument && right == null) {
        right = kind.object();
        rightReleased = kind.releases();
        find(s, right, 8);
        ArgumentCatalog.leaveIfNull(s, 8);
      }
    }
    if (value != null) {
      value.make().accept(s);
    } else if (object != null) {
      find(s, object, 9);
      s.add(Opcode.JMP | Opcode.JNE | Opcode.K, 9, 0, 2 + lengthOfRelease(right), 0);
      release(s, right, 8);
      s.set(0, 0).add(Opcode.JMP | Opcode.EXIT, 0, 0, 0, 0);
    }
    for (int i = 0; i < call.arguments().size(); i++) {
      if (i + 1 == argument) {
        s.move(argument, 9);
      } else {
        right(s, i + 1, call.arguments().get(i), right);
      }
    }
    s.callKernel(call.name());
    finish(s, call, argument, value, object, rightReleased ? null : right);
    return BpfProgram.of(s.instructions());
  }

  /** A new connection is given back by making it a tracked one, which is given back in turn. */
  private static void release(Snippet s, KernelObject held, int register) {
    if (held != null) {
      s.move(1, register).callKernel(SOURCES.get(held).release());
    }
    if (held == KernelObject.NEW_CONNECTION) {
      s.add(Opcode.JMP | Opcode.JEQ | Opcode.K, 0, 0, 2, 0);
      release(s, KernelObject.CONNECTION, 0);
    }
  }

  private static int lengthOfRelease(KernelObject held) {
    return held == null ? 0 : held == KernelObject.NEW_CONNECTION ? 5 : 2;
  }

  private static void finish(
      Snippet s,
      HelperSpec call,
      int argument,
      ArgumentCatalog.Value value,
      KernelObject object,
      KernelObject right) {
    KernelObject found = call.returns().object();
    if (found != null && SOURCES.containsKey(found)) {
      s.add(Opcode.JMP | Opcode.JEQ | Opcode.K, 0, 0, lengthOfRelease(found), 0);
      release(s, found, 0);
    }
    release(s, right, 8);
    boolean given = argument > 0 && call.arguments().get(argument - 1).releases();
    if (!given && value != null) {
      ArgumentCatalog.release(s, 9, value.release());
    } else if (!given && object != null) {
      release(s, object, 9);
    }
    if (value != null && given && value.release() != Release.NOTHING) {
      ArgumentCatalog.release(s, 9, value.release());
    }
  }

  private static void find(Snippet s, KernelObject object, int register) {
    Source source = SOURCES.get(object);
    HelperSpec call = Kfuncs.byName(source.find()).orElseThrow().call();
    for (int i = 0; i < call.arguments().size(); i++) {
      right(s, i + 1, call.arguments().get(i), null);
    }
    s.callKernel(source.find()).move(register, 0);
  }

  /** A right argument. */
  private static void right(Snippet s, int register, ArgumentKind kind, KernelObject held) {
    switch (kind) {
      case SCALAR -> s.set(register, 0);
      case SIZE_OR_ZERO, CONST_SIZE -> s.set(register, 12);
      case CONTEXT -> s.move(register, 6);
      case CONST_MAP -> s.map(register, 5);
      case CONST_STRING -> s.mapValue(register, 1, 0);
      case DYNPTR -> s.stack(register, DYNPTR);
      case NEW_PACKET_DYNPTR, NEW_DYNPTR_CLONE -> s.stack(register, NEW_DYNPTR);
      case IGNORED -> s.set(register, 0);
      default -> {
        if (kind.object() != null && kind.object() == held) {
          s.move(register, 8);
        } else {
          s.stack(register, -64);
        }
      }
    }
  }
}
