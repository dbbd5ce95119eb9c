package org.xdp4j.bpf.counterexample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.LineInfo;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.verifier.Explanation;
import org.xdp4j.bpf.verifier.PathStep;
import org.xdp4j.bpf.verifier.Refusal;
import org.xdp4j.bpf.verifier.Verifier;
import org.xdp4j.bpf.verifier.Warning;

/** Common mistakes in C, from both sides: what is said of them, and that mending them helps. */
class MistakesTest {
  /** Long enough on a machine that is busy with other things. */
  private static final int MILLIS = 3_000;

  /** Shorter where there is nothing to find. */
  private static final int SHORT_MILLIS = 200;

  @TempDir private static Path folder;

  static Stream<Mistake> mistakes() throws IOException {
    return Mistake.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void aMistakeIsExplained(Mistake mistake) throws Exception {
    BpfObject object = mistake.build(folder, false);
    Explanation said = Verifier.explain(object.programs().getFirst(), object.maps());
    if (mistake.get("warning") != null) {
      assertThat(said.accepted()).isTrue();
      assertThat(said.warnings()).hasSize(1);
      Warning warning = said.warnings().getFirst();
      assertThat(warning.cause().id()).isEqualTo(mistake.get("warning"));
      assertSaid(mistake, warning.line(), warning.reason(), warning.advice());
      return;
    }
    Refusal refusal = said.refusal();
    assertThat(refusal).isNotNull();
    assertThat(refusal.cause().id()).isEqualTo(mistake.get("cause"));
    assertSaid(mistake, refusal.line(), refusal.reason(), refusal.advice());
    assertPath(mistake.every("path"), refusal.path());
  }

  private static void assertSaid(Mistake mistake, LineInfo line, String reason, String advice) {
    if (mistake.get("line") != null) {
      assertThat(line.text()).isEqualTo(mistake.get("line"));
    }
    assertThat(line.file()).endsWith(mistake.file().getFileName().toString());
    assertThat(mistake.lines().get(line.line() - 1).strip()).isEqualTo(line.text());
    assertThat(mistake.lines().get(line.line() - 1)).startsWith("\t".repeat(line.indent()));
    assertThat(reason).contains(mistake.get("reason"));
    if (mistake.get("advice") != null) {
      assertThat(advice).contains(mistake.get("advice"));
    }
  }

  /** Each step that is asked for is told, in this order. */
  private static void assertPath(List<String> wanted, List<PathStep> path) {
    List<String> told =
        path.stream()
            .filter(step -> step.line() != null)
            .map(step -> step.line().text() + " | " + step.text())
            .toList();
    int at = 0;
    for (String step : wanted) {
      String[] parts = step.split(" \\| ");
      while (at < told.size() && !matches(told.get(at), parts)) {
        at++;
      }
      assertThat(at).as("%s in %s", step, told).isLessThan(told.size());
      at++;
    }
  }

  private static boolean matches(String told, String[] parts) {
    String[] both = told.split(" \\| ");
    return both[0].contains(parts[0]) && both[1].contains(parts[1]);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void mendedItIsAccepted(Mistake mistake) throws Exception {
    BpfObject object = mistake.build(folder, true);
    Explanation said = Verifier.explain(object.programs().getFirst(), object.maps());
    assertThat(said.refusal()).isNull();
    assertThat(said.warnings()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void aFrameMakesTheBadAccess(Mistake mistake) throws Exception {
    BpfObject object = mistake.build(folder, false);
    BpfProgram program = object.programs().getFirst();
    Refusal refusal = Verifier.explain(program, object.maps()).refusal();
    String wanted = mistake.get("counterexample");
    if (refusal == null || wanted == null || wanted.equals("any")) {
      return;
    }
    Optional<Counterexample> found =
        CounterexampleSearch.find(
            program, object.maps(), refusal, wanted.equals("yes") ? MILLIS : SHORT_MILLIS);
    assertThat(found.isPresent()).isEqualTo(wanted.equals("yes"));
    if (found.isPresent()) {
      assertThat(found.get().instruction()).isEqualTo(refusal.instruction());
      assertThat(found.get().fault()).matches("(load|store) of .*");
      BpfObject mended = mistake.build(folder, true);
      assertThat(runs(mended, found.get())).isTrue();
    }
  }

  /** Whether the mended program gets through the same input. */
  private static boolean runs(BpfObject object, Counterexample input) throws Exception {
    Input same = new Input(input.frame().length);
    System.arraycopy(input.frame(), 0, same.bytes, 0, input.frame().length);
    same.ingressIfindex = input.ingressIfindex();
    same.rxQueueIndex = input.rxQueueIndex();
    try (Machine machine = new Machine(object.programs().getFirst(), object.maps())) {
      machine.prepare(same);
      return machine.run((index, registers) -> {}) == null;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void linuxDecidesTheSame(Mistake mistake) throws Exception {
    KernelOracle.assumeAvailable();
    boolean accepted = mistake.get("warning") != null;
    assertThat(kernelAccepts(mistake.build(folder, false))).isEqualTo(accepted);
    assertThat(kernelAccepts(mistake.build(folder, true))).isTrue();
  }

  private static boolean kernelAccepts(BpfObject object) {
    BpfProgram program = object.programs().getFirst();
    List<KernelMap> maps = KernelOracle.createMaps(program, object.maps());
    try {
      KernelOracle.Verdict verdict = KernelOracle.load(program, maps, KernelOracle.LOG_NONE);
      if (verdict.accepted()) {
        verdict.program().close();
      }
      return verdict.accepted();
    } finally {
      maps.stream().filter(map -> map != null).forEach(KernelMap::close);
    }
  }
}
