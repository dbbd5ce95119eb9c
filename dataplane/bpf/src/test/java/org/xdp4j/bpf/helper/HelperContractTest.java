package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.helper.ArgumentCatalog.Release;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.verifier.Verifier;
import org.xdp4j.bpf.verifier.VerifierException;

/**
 * The verifier's contract of every helper: each argument is given each kind of value in turn, the
 * other arguments being right, and Linux decides of the program as we do.
 */
class HelperContractTest {
  /** Kinds whose right argument takes more than this test builds. */
  private static final Set<ArgumentKind> ELSEWHERE =
      EnumSet.of(
          ArgumentKind.FUNCTION,
          ArgumentKind.STACK_OR_NULL,
          ArgumentKind.SPIN_LOCK,
          ArgumentKind.DYNPTR,
          ArgumentKind.RELEASED_DYNPTR,
          ArgumentKind.NEW_LOCAL_DYNPTR,
          ArgumentKind.NEW_RINGBUF_DYNPTR);

  private static final Set<ArgumentKind> SOCKETS =
      EnumSet.of(ArgumentKind.SOCK, ArgumentKind.BTF_SOCK, ArgumentKind.RELEASED_SOCK);

  private static final Set<ArgumentKind> RELEASES =
      EnumSet.of(ArgumentKind.RESERVED_MEM, ArgumentKind.RELEASED_SOCK);

  private static final Map<ReturnKind, Release> ACQUIRED =
      Map.of(
          ReturnKind.RESERVED_MEM_OR_NULL, Release.RECORD,
          ReturnKind.SOCKET_OR_NULL, Release.SOCKET,
          ReturnKind.SOCK_COMMON_OR_NULL, Release.SOCKET);

  private static final ArgumentCatalog CATALOG = new ArgumentCatalog();
  private static List<KernelMap> kernelMaps;

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

  @Test
  void everyArgumentTakesWhatLinuxTakes() {
    List<String> differences = new ArrayList<>();
    int programs = 0;
    int accepted = 0;
    for (HelperSpec helper : Helpers.all()) {
      if (!helper.arguments().stream().allMatch(HelperContractTest::isBuiltHere)) {
        continue;
      }
      for (int argument = 0; argument <= helper.arguments().size(); argument++) {
        for (ArgumentCatalog.Value value : CATALOG.values()) {
          BpfProgram program = program(helper, argument, value);
          String ours = refusal(program);
          KernelOracle.Verdict verdict =
              KernelOracle.load(program, kernelMaps, KernelOracle.LOG_NONE);
          programs++;
          if (verdict.accepted()) {
            accepted++;
            verdict.program().close();
          }
          if (verdict.accepted() != (ours == null)) {
            differences.add(
                "%s r%d = %s: Linux says %s, we say %s"
                    .formatted(
                        helper.name(),
                        argument,
                        value.name(),
                        verdict.accepted() ? "yes" : reason(program),
                        ours == null ? "yes" : ours));
          }
          if (argument == 0) {
            break;
          }
        }
      }
    }
    System.out.println(
        "helper contracts: " + programs + " calls, " + accepted + " of them accepted by Linux");
    assertThat(differences).isEmpty();
  }

  private static boolean isBuiltHere(ArgumentKind kind) {
    return !ELSEWHERE.contains(kind);
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

  /** A call of {@code helper} with {@code value} for one argument; 0 for none. */
  private static BpfProgram program(HelperSpec helper, int argument, ArgumentCatalog.Value value) {
    Snippet s = new Snippet();
    for (int at = -ArgumentCatalog.STACK_ZEROED; at < 0; at += 8) {
      s.writeLong(at, 0);
    }
    List<ArgumentKind> kinds = helper.arguments();
    Release right = Release.NOTHING;
    for (int i = 0; i < kinds.size(); i++) {
      if (i + 1 != argument && kinds.get(i) == ArgumentKind.RESERVED_MEM) {
        CATALOG.record(s, 8);
        ArgumentCatalog.leaveIfNull(s, 8);
      } else if (i + 1 != argument && SOCKETS.contains(kinds.get(i))) {
        CATALOG.socket(s, 8, 84);
        ArgumentCatalog.leaveIfNull(s, 8);
        right = kinds.get(i) == ArgumentKind.RELEASED_SOCK ? Release.NOTHING : Release.SOCKET;
      }
    }
    if (argument > 0) {
      value.make().accept(s);
    }
    for (int i = 0; i < kinds.size(); i++) {
      if (i + 1 == argument) {
        s.move(argument, 9);
      } else {
        right(s, helper, i + 1, kinds.get(i));
      }
    }
    s.callOnly(helper.id());
    ArgumentCatalog.release(s, 8, right);
    if (ACQUIRED.containsKey(helper.returns())) {
      s.move(8, 0);
      ArgumentCatalog.release(s, 8, ACQUIRED.get(helper.returns()));
    }
    boolean released = argument > 0 && RELEASES.contains(kinds.get(argument - 1));
    if (argument > 0 && !released) {
      ArgumentCatalog.release(s, 9, value.release());
    }
    return BpfProgram.of(s.instructions());
  }

  /** A right argument. */
  private static void right(Snippet s, HelperSpec helper, int register, ArgumentKind kind) {
    switch (kind) {
      case NONE -> {}
      case ANYTHING -> s.set(register, 0);
      case CONST_MAP -> s.map(register, CATALOG.map(helper));
      case CONTEXT -> s.move(register, 6);
      case SIZE, SIZE_OR_ZERO, ALLOC_SIZE_OR_ZERO -> s.set(register, 8);
      case RESERVED_MEM, SOCK, BTF_SOCK, RELEASED_SOCK -> s.move(register, 8);
      case CONST_STRING -> s.mapValue(register, 1, 0);
      default -> s.stack(register, -64);
    }
  }
}
