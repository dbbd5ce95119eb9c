package org.xdp4j.bpf.isa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class InstructionCheckTest {
  private static final Instruction EXIT = new Instruction(0x95, 0, 0, 0, 0);

  @Test
  void refusesAnEmptyProgram() {
    assertThat(InstructionCheck.check(List.of())).hasToString("the program is empty");
  }

  @Test
  void refusesRunningPastTheEnd() {
    assertThat(InstructionCheck.check(List.of(new Instruction(0xb7, 0, 0, 0, 1))))
        .hasToString("instruction 0: the program can run past its last instruction");
  }

  @Test
  void refusesJumpsIntoAConstant() {
    List<Instruction> program =
        List.of(
            new Instruction(0x05, 0, 0, 1, 0),
            new Instruction(0x18, 1, 0, 0, 5),
            new Instruction(0, 0, 0, 0, 0),
            EXIT);
    assertThat(InstructionCheck.check(program))
        .hasToString("instruction 0: jump to 2 is into a 64-bit constant");
  }

  @Test
  void acceptsLongJumpsAndCallsWithinTheProgram() {
    List<Instruction> program =
        List.of(
            new Instruction(0x85, 0, Opcode.PSEUDO_CALL, 0, 1),
            new Instruction(0x06, 0, 0, 0, 0),
            EXIT);
    assertThat(InstructionCheck.check(program)).isNull();
  }
}
