package org.xdp4j.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xdp4j.bpf.compiler.Asm.*;
import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.memory.Region;

class CompilerTest {
  private final Region region = Region.reserve(16 << 20);
  private final XdpContext context = new XdpContext(region, 0);

  @AfterEach
  void closeRegion() {
    region.close();
  }

  private long run(Compiler.Options options, Instruction... instructions) {
    return run(options, List.of(instructions));
  }

  private long run(Compiler.Options options, List<Instruction> instructions) {
    return Compiler.compileUnverified(instructions, region, options)
        .call(context, 0, 0, context.stackTop);
  }

  private static Compiler.Options split(int bytes) {
    return Compiler.Options.defaults().withMethodBytes(bytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {5000, 200, 1})
  void aLoopSumsUp(int methodBytes) {
    long sum =
        run(
            split(methodBytes),
            mov(0, 0),
            mov(1, 100),
            aluReg(ADD, 0, 1),
            alu(SUB, 1, 1),
            jump(JNE, 1, 0, -3),
            exit());
    assertThat(sum).isEqualTo(5050);
  }

  @ParameterizedTest
  @ValueSource(ints = {5000, 1})
  void subprogramsKeepTheirCallersRegistersAndHaveStacksOfTheirOwn(int methodBytes) {
    long result =
        run(
            split(methodBytes),
            mov(6, 40),
            storeImm(DW, 10, -8, 1000),
            mov(1, 2),
            callFunction(3),
            load(DW, 1, 10, -8),
            aluReg(ADD, 0, 1),
            exit(),
            mov(6, 0),
            storeImm(DW, 10, -8, 7),
            load(DW, 0, 10, -8),
            aluReg(ADD, 0, 1),
            exit());
    assertThat(result).isEqualTo(1009);
  }

  @Test
  void anAccessOutOfTheRegionIsAnException() {
    assertThatThrownBy(() -> run(split(5000), mov(1, -8), load(DW, 0, 1, 0), exit()))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> run(split(5000), mov(1, Integer.MAX_VALUE), store(W, 1, 0, 1), exit()))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aMisalignedAtomicOperationIsAnException() {
    assertThatThrownBy(
            () ->
                run(
                    split(5000),
                    mov(1, 1),
                    insn(STX | ATOMIC | DW, 10, 1, -12, ADD),
                    mov(0, 0),
                    exit()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anEndlessLoopUsesUpItsBudget() {
    assertThatThrownBy(() -> run(split(5000).withLoopBudget(1000), mov(0, 0), goTo(-1), exit()))
        .isInstanceOf(ProgramFaultException.class)
        .hasMessageContaining("budget");
  }

  @Test
  void endlessRecursionIsStopped() {
    assertThatThrownBy(() -> run(split(5000), callFunction(-1), exit()))
        .isInstanceOf(ProgramFaultException.class)
        .hasMessageContaining("8 functions deep");
  }

  @Test
  void aProgramOfAHundredThousandInstructionsRuns() {
    List<Instruction> program = new ArrayList<>();
    program.add(mov(0, 1));
    program.add(mov(1, 3));
    long expected = 1;
    for (int i = 0; i < 60_000; i++) {
      int constant = i * 7919 + 123456789;
      program.add(alu(ADD, 0, constant));
      program.add(alu(XOR, 0, i));
      expected = expected + constant ^ i;
    }
    program.add(exit());
    assertThat(run(Compiler.Options.defaults(), program)).isEqualTo(expected);
  }

  @Test
  void aLoopMayRunThroughManyMethods() {
    List<Instruction> program = new ArrayList<>();
    program.add(mov(0, 0));
    program.add(mov(6, 50));
    for (int i = 0; i < 10_000; i++) {
      program.add(alu(ADD, 0, i));
      program.add(jump(JGT, 6, 1000, 1));
      program.add(alu(ADD, 0, 1));
    }
    program.add(alu(SUB, 6, 1));
    program.add(jump(JEQ, 6, 0, 1));
    program.add(insn(JMP32 | JA, 0, 0, 0, 2 - program.size() - 1));
    program.add(exit());
    assertThat(run(Compiler.Options.defaults(), program))
        .isEqualTo(50L * (10_000L * 9_999 / 2 + 10_000));
  }

  @Test
  void whatIsNoProgramIsRefusedInOneSentence() {
    assertThatThrownBy(() -> run(split(5000), mov(0, 0)))
        .isInstanceOf(CompileException.class)
        .hasMessageContaining("past its last instruction");
    assertThatThrownBy(() -> run(split(5000), call(9999), exit()))
        .isInstanceOf(CompileException.class)
        .hasMessage("instruction 0: calls helper 9999, which is not known");
  }

  @Test
  void methodsThatHotSpotFailsOnCannotBeAskedFor() {
    assertThatThrownBy(() -> split(6001)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> split(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
