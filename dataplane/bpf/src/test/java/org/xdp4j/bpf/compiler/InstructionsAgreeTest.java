package org.xdp4j.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xdp4j.bpf.compiler.Asm.*;
import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.memory.Region;

/** Every instruction, compiled, does what the interpreter does, on operands that tempt it. */
class InstructionsAgreeTest {
  private static final long[] OPERANDS = {
    0,
    1,
    2,
    3,
    7,
    10,
    31,
    32,
    33,
    63,
    64,
    65,
    127,
    128,
    255,
    256,
    32767,
    32768,
    65535,
    65536,
    0x7fff_ffffL,
    0x8000_0000L,
    0xffff_ffffL,
    0x1_0000_0000L,
    0x1234_5678_9abc_def0L,
    -0x1234_5678_9abc_def0L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 1,
    -1,
    -2,
    -10,
    -128,
    -32768,
    -0x8000_0000L,
    -0x1_0000_0000L
  };

  private final Region region = Region.reserve(1 << 20);
  private final XdpContext context = new XdpContext(region, 0);

  @AfterEach
  void closeRegion() {
    region.close();
  }

  static Stream<Instruction> binaryOperations() {
    List<Instruction> all = new ArrayList<>();
    for (int type : new int[] {ALU, ALU64}) {
      for (int operation : new int[] {ADD, SUB, MUL, OR, AND, LSH, RSH, XOR, MOV, ARSH}) {
        all.add(insn(type | operation | X, 1, 2, 0, 0));
      }
      for (int operation : new int[] {DIV, MOD}) {
        all.add(insn(type | operation | X, 1, 2, 0, 0));
        all.add(insn(type | operation | X, 1, 2, 1, 0));
      }
      for (int bits : type == ALU ? new int[] {8, 16} : new int[] {8, 16, 32}) {
        all.add(insn(type | MOV | X, 1, 2, bits, 0));
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("binaryOperations")
  void onRegisters(Instruction operation) {
    agree(operation, movReg(0, 1), exit());
  }

  @ParameterizedTest
  @MethodSource("binaryOperations")
  void onConstants(Instruction operation) {
    if (operation.offset() >= 8) {
      return; // a sign-extending move has no constant form
    }
    for (long constant : OPERANDS) {
      if (constant == (int) constant) {
        Instruction constantForm =
            insn(operation.opcode() & ~X, operation.dst(), 0, operation.offset(), (int) constant);
        agree(constantForm, movReg(0, 1), exit());
      }
    }
  }

  static Stream<Instruction> unaryOperations() {
    List<Instruction> all = new ArrayList<>();
    all.add(insn(ALU | NEG, 1, 0, 0, 0));
    all.add(insn(ALU64 | NEG, 1, 0, 0, 0));
    for (int bits : new int[] {16, 32, 64}) {
      all.add(insn(ALU | END | K, 1, 0, 0, bits));
      all.add(insn(ALU | END | X, 1, 0, 0, bits));
      all.add(insn(ALU64 | END | K, 1, 0, 0, bits));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("unaryOperations")
  void onOneRegister(Instruction operation) {
    agree(operation, movReg(0, 1), exit());
  }

  static Stream<Instruction> jumps() {
    List<Instruction> all = new ArrayList<>();
    for (int type : new int[] {JMP, JMP32}) {
      for (int operation : new int[] {JEQ, JNE, JSET, JGT, JGE, JLT, JLE, JSGT, JSGE, JSLT, JSLE}) {
        all.add(insn(type | operation | X, 1, 2, 1, 0));
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("jumps")
  void onJumps(Instruction jump) {
    agree(mov(0, 1), jump, mov(0, 0), exit());
    for (long constant : OPERANDS) {
      if (constant == (int) constant) {
        Instruction constantForm = insn(jump.opcode() & ~X, 1, 0, 1, (int) constant);
        agree(mov(0, 1), constantForm, mov(0, 0), exit());
      }
    }
  }

  @Test
  void onLoadsAndStores() {
    for (int size : new int[] {B, H, W, DW}) {
      for (int offset : new int[] {-8, -13, -512}) {
        agree(
            storeImm(DW, 10, -8, 0x5a5a5a5a),
            store(size, 10, offset, 1),
            load(size, 0, 10, offset),
            exit());
        agree(storeImm(size, 10, offset, 0x89abcdef), load(size, 0, 10, offset), exit());
        if (size != DW) {
          agree(store(size, 10, offset, 1), insn(LDX | MEMSX | size, 0, 10, offset, 0), exit());
        }
      }
    }
  }

  @Test
  void onAtomicOperations() {
    int[] operations = {ADD, OR, AND, XOR, ADD | FETCH, OR | FETCH, AND | FETCH, XOR | FETCH, XCHG};
    for (int size : new int[] {W, DW}) {
      for (int operation : operations) {
        agreeOnAtomic(insn(STX | ATOMIC | size, 10, 2, -8, operation));
      }
      agreeOnAtomic(insn(STX | ATOMIC | size, 10, 2, -8, CMPXCHG));
    }
    for (int size : new int[] {B, H, W, DW}) {
      agreeOnAtomic(insn(STX | ATOMIC | size, 10, 2, -8, STORE_REL));
      agreeOnAtomic(insn(STX | ATOMIC | size, 2, 10, -8, LOAD_ACQ));
    }
  }

  /** Memory holds r1, once equal to r0 and once not; all that may have changed goes into r0. */
  private void agreeOnAtomic(Instruction operation) {
    for (int addend : new int[] {0, 1}) {
      agree(
          store(DW, 10, -8, 1),
          movReg(0, 1),
          alu(ADD, 0, addend),
          operation,
          alu(MUL, 0, 31),
          aluReg(ADD, 0, 2),
          alu(MUL, 0, 31),
          load(DW, 3, 10, -8),
          aluReg(ADD, 0, 3),
          exit());
    }
  }

  @Test
  void onWideConstants() {
    for (long constant : OPERANDS) {
      agree(
          insn(LDDW, 0, 0, 0, (int) constant),
          insn(0, 0, 0, 0, (int) (constant >>> 32)),
          aluReg(XOR, 0, 1),
          exit());
    }
  }

  private void agree(Instruction... program) {
    InterpretedProgram interpreted = new InterpretedProgram(List.of(program), List.of(), region);
    CompiledProgram compiled = Compiler.compileUnverified(List.of(program), region);
    for (long r1 : OPERANDS) {
      for (long r2 : OPERANDS) {
        assertThat(compiled.call(context, r1, r2, context.stackTop))
            .as("%s on 0x%x and 0x%x", List.of(program), r1, r2)
            .isEqualTo(interpreted.execute(context, context.stackTop, r1, r2));
      }
    }
  }
}
