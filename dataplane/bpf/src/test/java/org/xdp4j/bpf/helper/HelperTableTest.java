package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.oracle.KernelOracle;

/** The rows of the helper table, by themselves and against what the running kernel says of them. */
class HelperTableTest {
  @Test
  void everyRowIsFoundByItsNumber() {
    assertThat(Helpers.all()).isNotEmpty();
    for (HelperSpec row : Helpers.all()) {
      assertThat(Helpers.byId(row.id())).containsSame(row);
      assertThat(row.name()).startsWith("bpf_");
      assertThat(row.arguments()).hasSizeLessThanOrEqualTo(5);
    }
    assertThat(Helpers.byId(0)).isEmpty();
    assertThat(Helpers.byId(100_000)).isEmpty();
  }

  @Test
  void aRowWithAMapArgumentSaysWhichMaps() {
    for (HelperSpec row : Helpers.all()) {
      boolean takesMap = row.arguments().contains(ArgumentKind.CONST_MAP);
      assertThat(row.mapTypes().isEmpty()).as(row.name()).isEqualTo(!takesMap);
    }
  }

  @Test
  void sizesFollowTheMemoryTheyMeasure() {
    for (HelperSpec row : Helpers.all()) {
      List<ArgumentKind> kinds = row.arguments();
      for (int i = 0; i < kinds.size(); i++) {
        boolean size =
            kinds.get(i) == ArgumentKind.SIZE || kinds.get(i) == ArgumentKind.SIZE_OR_ZERO;
        if (size) {
          assertThat(kinds.get(i - 1).name()).as(row.name()).contains("MEM");
        }
      }
    }
  }

  @Test
  void whatIsBuiltIsOfferedByLinuxUnderTheSameLicence() {
    KernelOracle.assumeAvailable();
    for (HelperSpec row : Helpers.all()) {
      boolean gplOnly = refusal(row.id(), false).contains("GPL");
      assertThat(row.gplOnly()).as(row.name()).isEqualTo(gplOnly);
    }
  }

  @Test
  void everyHelperThatLinuxOffersIsBuiltOrRefusedWithAReason() {
    KernelOracle.assumeAvailable();
    Set<Integer> offered = new TreeSet<>();
    for (int id = 0; id < Helpers.count() + 8; id++) {
      String log = refusal(id, true);
      if (!log.contains("cannot use helper") && !log.contains("invalid func")) {
        offered.add(id);
      }
    }
    Set<Integer> ours = new TreeSet<>();
    Helpers.all().forEach(row -> ours.add(row.id()));
    Helpers.refused().forEach(row -> assertThat(ours.add(row.id())).as(row.name()).isTrue());
    assertThat(ours).isEqualTo(offered);
    System.out.printf(
        "helpers: Linux offers %d to XDP, %d are built, %d refused%n",
        offered.size(), Helpers.all().size(), Helpers.refused().size());
  }

  @Test
  void aRefusalNamesTheHelperAndTheReason() {
    assertThat(Helpers.refusal(149))
        .isEqualTo(
            "bpf_snprintf_btf (helper 149) prints a kernel's object by the kernel's own BTF, and no"
                + " kernel is here");
    assertThat(Helpers.refusal(26))
        .isEqualTo("there is no helper 26 for XDP programs: bpf_skb_load_bytes is for others");
    assertThat(Helpers.refusal(9999)).isEqualTo("there is no helper 9999");
    assertThat(Helpers.refusal(-1)).isEqualTo("there is no helper -1");
    assertThat(Helpers.refusal(2_002_000_000)).contains("declared weak");
  }

  /**
   * The kernel's words on a bare call; it gets as far as the arguments when it knows the helper.
   */
  private static String refusal(int id, boolean gpl) {
    List<Instruction> call =
        List.of(
            new Instruction(Opcode.JMP | Opcode.CALL, 0, 0, 0, id),
            new Instruction(Opcode.ALU64 | Opcode.MOV | Opcode.K, 0, 0, 0, 0),
            new Instruction(Opcode.JMP | Opcode.EXIT, 0, 0, 0, 0));
    BpfProgram program =
        new BpfProgram("p", "xdp", ProgramType.XDP, false, call, List.of(), List.of(), gpl, null);
    KernelOracle.Verdict verdict = KernelOracle.load(program, List.of(), KernelOracle.LOG_FULL);
    if (verdict.accepted()) {
      verdict.program().close();
    }
    return verdict.log();
  }
}
