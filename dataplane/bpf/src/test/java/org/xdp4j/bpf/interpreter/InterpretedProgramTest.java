package org.xdp4j.bpf.interpreter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.memory.Region;

class InterpretedProgramTest {
  private static final Instruction EXIT = new Instruction(0x95, 0, 0, 0, 0);

  private final Region region = Region.reserve(1 << 20);
  private final XdpContext context = new XdpContext(region, 0);

  @AfterEach
  void close() {
    region.close();
  }

  @Test
  void returnsWhatR0Holds() {
    assertThat(run(InterpreterOptions.defaults(), new Instruction(0xb7, 0, 0, 0, -5), EXIT))
        .isEqualTo(-5);
  }

  @Test
  void faultsWhereNoMemoryWasGiven() {
    assertThatThrownBy(
            () -> run(InterpreterOptions.defaults(), new Instruction(0x71, 0, 10, 0, 0), EXIT))
        .isInstanceOf(FaultException.class)
        .hasMessageStartingWith("instruction 0 (w0 = *(u8 *)(r10 + 0x0)): load of 1 byte at 0x")
        .hasMessageEndingWith(" is in no memory of the program");
  }

  @Test
  void endsEndlessProgramsAtTheLimit() {
    assertThatThrownBy(
            () ->
                run(
                    InterpreterOptions.defaults().withInstructionLimit(100),
                    new Instruction(0x05, 0, 0, -1, 0)))
        .hasMessage("instruction 0 (goto -0x1): the run takes more than 100 instructions");
  }

  private long run(InterpreterOptions options, Instruction... program) {
    return new InterpretedProgram(List.of(program), List.of(), region, options)
        .execute(context, context.stackTop);
  }
}
