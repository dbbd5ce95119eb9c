package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.oracle.KernelFunctions;
import org.xdp4j.bpf.oracle.KernelOracle;

/** The rows of the table of kernel functions, by themselves and against the running kernel. */
class KfuncTableTest {
  /** Of newer or older kernels than the one that runs, or of modules that it has not loaded. */
  private static final Set<String> NOT_EVERYWHERE = Set.of("__bpf_trap", "bpf_xdp_flow_lookup");

  @Test
  void everyRowIsFoundByNumberAndName() {
    for (KfuncSpec row : Kfuncs.all()) {
      assertThat(Kfuncs.byNumber(row.number())).containsSame(row);
      assertThat(Kfuncs.byName(row.name())).containsSame(row);
      assertThat(row.call().arguments()).hasSizeLessThanOrEqualTo(5);
      assertThat(Kfuncs.refusal(row.name())).as(row.name()).isNull();
    }
  }

  @Test
  void everyFunctionThatLinuxOffersIsThereOrRefusedWithAReason() {
    KernelOracle.assumeAvailable();
    Set<String> offered = new TreeSet<>();
    for (String name : KernelFunctions.kfuncs()) {
      if (!answer(name).contains("is not allowed")) {
        offered.add(name);
      }
    }
    offered.removeAll(NOT_EVERYWHERE);
    Set<String> ours = new TreeSet<>(Kfuncs.refused().keySet());
    Kfuncs.all().forEach(row -> ours.add(row.name()));
    ours.removeAll(NOT_EVERYWHERE);
    assertThat(ours).isEqualTo(offered);
    System.out.printf(
        "kernel functions: Linux offers %d to XDP, %d are there, %d refused%n",
        offered.size(), Kfuncs.all().size(), Kfuncs.refused().size());
  }

  /** The kernel's words on a bare call. */
  private static String answer(String name) {
    List<Instruction> call =
        List.of(
            new Instruction(Opcode.ALU64 | Opcode.MOV | Opcode.K, 0, 0, 0, 0),
            new Instruction(
                Opcode.JMP | Opcode.CALL, 0, Opcode.PSEUDO_KFUNC_CALL, 0, KernelFunctions.id(name)),
            new Instruction(Opcode.ALU64 | Opcode.MOV | Opcode.K, 0, 0, 0, 0),
            new Instruction(Opcode.JMP | Opcode.EXIT, 0, 0, 0, 0));
    KernelOracle.Verdict verdict = KernelOracle.load(call, KernelOracle.LOG_FULL);
    if (verdict.accepted()) {
      verdict.program().close();
    }
    return verdict.log();
  }
}
