package org.xdp4j.bpf.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.InstructionCheck;
import org.xdp4j.bpf.oracle.KernelOracle;

/** The data files' results held against the running kernel, as far as its verifier lets them in. */
class KernelConformanceTest {
  private static final int LEAST_FRAME = 64;

  /** Puts the memory's address and length into r1 and r2, as the data files have them. */
  private static final String PROLOGUE =
      """
      r2 = *(u32 *)(r1 + 4)
      r1 = *(u32 *)(r1 + 0)
      r0 = r1
      r0 += %1$d
      if r0 <= r2 goto +2
      r0 = 0
      exit
      r2 = %1$d
      """;

  @Test
  void runningKernelKeepsEveryRuleItAccepts() throws Exception {
    KernelOracle.assumeAvailable();
    List<String> differences = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    int agreed = 0;
    for (ConformanceCase data : ConformanceCase.all().toList()) {
      String difference = data.error() == null ? run(data) : load(data);
      if (difference == null) {
        agreed++;
      } else if (difference.isEmpty()) {
        refused.add(data.name());
      } else {
        differences.add(data.name() + ": " + difference);
      }
    }
    System.out.printf(
        "conformance: the running kernel keeps %d rules, differs in %d, and its verifier refuses"
            + " the programs of %s%n",
        agreed, differences.size(), refused);
    assertThat(differences).isEmpty();
    assertThat(agreed).isGreaterThan(500);
  }

  /** Null when the kernel agrees, empty when it refuses the program, else what differs. */
  private static String run(ConformanceCase data) {
    Integer low = half(data, false);
    Integer high = half(data, true);
    if (low == null || high == null) {
      return "";
    }
    long r0 = low & 0xffffffffL | (long) high << 32;
    return r0 == data.result() ? null : "the kernel gives 0x" + Long.toHexString(r0);
  }

  private static String load(ConformanceCase data) {
    KernelOracle.Verdict verdict = KernelOracle.load(data.program(), KernelOracle.LOG_STATISTICS);
    if (verdict.accepted()) {
      verdict.program().close();
      return "the kernel accepts it";
    }
    return null;
  }

  /** A test run gives back 32 bits of r0, so the upper ones need a program of their own. */
  private static Integer half(ConformanceCase data, boolean upper) {
    String prologue =
        data.memory().length == 0 ? "r2 = 0" : PROLOGUE.formatted(data.memory().length);
    List<Instruction> program = new ArrayList<>(Assembler.assemble(prologue));
    int start = program.size();
    program.addAll(data.program());
    if (upper) {
      // The first exit of every data file that calls is the main program's.
      boolean calls = data.program().stream().anyMatch(Instruction::isSubprogramCall);
      if (calls) {
        return data.result() >>> 32 == 0 ? 0 : null;
      }
      program.addAll(Assembler.assemble("r0 >>= 32; exit"));
      for (int i = start; i < program.size() - 2; i++) {
        if (program.get(i).isExit()) {
          program.set(i, new Instruction(0x05, 0, 0, program.size() - 3 - i, 0));
        }
      }
    }
    assertThat(InstructionCheck.check(program)).as(data.name()).isNull();
    KernelOracle.Verdict verdict = KernelOracle.load(program, KernelOracle.LOG_STATISTICS);
    if (!verdict.accepted()) {
      return null;
    }
    byte[] frame = Arrays.copyOf(data.memory(), LEAST_FRAME);
    try (var loaded = verdict.program()) {
      return loaded.run(frame).returnCode();
    }
  }
}
