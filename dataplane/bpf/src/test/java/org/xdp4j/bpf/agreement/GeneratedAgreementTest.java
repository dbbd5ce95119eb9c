package org.xdp4j.bpf.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.LoadException;
import org.xdp4j.bpf.generate.GeneratedProgram;
import org.xdp4j.bpf.generate.Packets;
import org.xdp4j.bpf.generate.ProgramGenerator;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.Pinned;

/**
 * The interpreter, compiled code and, where bpf(2) is there, the running kernel agree on every
 * generated program that the verifier (and the kernel's) accepts. {@code
 * -Dxdp4j.agreement.programs=N} asks for a longer campaign.
 */
class GeneratedAgreementTest {
  private static final int PROGRAMS = Integer.getInteger("xdp4j.agreement.programs", 10_000);
  private static final int PACKETS = 8;
  private static final int CPU = 0;

  private final boolean withKernel = KernelOracle.available();
  private final List<String> differences = new ArrayList<>();
  private final Map<String, Integer> refusals = new TreeMap<>();
  private int compared;
  private int refusedByBoth;
  private int refusedHereOnly;
  private int refusedByKernelOnly;

  @Test
  void threeMachinesAgreeOnEveryGeneratedProgram() throws Exception {
    Pinned.run(CPU, this::compareAll);
    System.out.printf(
        "generated programs: %d compared on %d packets each (interpreter, compiled%s): %d"
            + " differences; refused by both %d, only here %d, only by the kernel %d%n",
        compared,
        PACKETS,
        withKernel ? ", kernel" : "; no kernel here",
        differences.size(),
        refusedByBoth,
        refusedHereOnly,
        refusedByKernelOnly);
    assertThat(differences).isEmpty();
    assertThat(refusedByKernelOnly)
        .as("accepted here but not by the kernel: %s", refusals)
        .isZero();
    assertThat(refusedHereOnly).as("refused only here: %s", refusals).isLessThan(PROGRAMS / 50);
  }

  private void compareAll() {
    for (long seed = 0; compared < PROGRAMS && seed < 2L * PROGRAMS; seed++) {
      compare(ProgramGenerator.generate(seed));
      if (differences.size() > 4) {
        return;
      }
    }
  }

  private void compare(GeneratedProgram generated) {
    try (KernelMachine kernel =
            withKernel ? KernelMachine.load(generated.program(), generated.maps(), CPU) : null;
        OurMachine interpreted = OurMachine.load(generated.program(), generated.maps(), true);
        OurMachine compiled = OurMachine.load(generated.program(), generated.maps(), false)) {
      if (withKernel && kernel == null) {
        refusedByKernelOnly++;
        refusals.merge("kernel refuses seed " + generated.seed(), 1, Integer::sum);
        return;
      }
      compared++;
      List<Machine> machines =
          kernel == null ? List.of(interpreted, compiled) : List.of(interpreted, compiled, kernel);
      runAll(generated.seed(), machines);
    } catch (LoadException e) {
      refused(generated, e);
    }
  }

  private void refused(GeneratedProgram generated, LoadException e) {
    try (KernelMachine kernel =
        withKernel ? KernelMachine.load(generated.program(), generated.maps(), CPU) : null) {
      if (kernel == null) {
        refusedByBoth++;
      } else {
        refusedHereOnly++;
        refusals.merge("seed " + generated.seed() + ": " + e.getMessage(), 1, Integer::sum);
      }
    }
  }

  private void runAll(long seed, List<Machine> machines) {
    List<byte[]> packets = Packets.generate(seed, PACKETS);
    for (int i = 0; i < packets.size(); i++) {
      byte[] packet = packets.get(i);
      expectSame(
          "seed %d, packet %d".formatted(seed, i),
          machines.stream().map(m -> (Object) m.run(packet)).toList());
    }
    expectSame(
        "seed %d, maps".formatted(seed), machines.stream().map(m -> (Object) m.maps()).toList());
  }

  private void expectSame(String what, List<Object> outcomes) {
    if (outcomes.stream().distinct().count() != 1) {
      differences.add(what + ": interpreter, compiled, kernel = " + outcomes);
    }
  }
}
