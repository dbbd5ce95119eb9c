package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.xdp4j.bpf.generate.Operations;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.object.BpfProgram;

/** Small changes to programs, most of which leave them well-formed and some of which safe. */
final class Mutation {
  private static final int[] CONSTANTS = {
    0,
    1,
    -1,
    2,
    3,
    4,
    7,
    8,
    14,
    15,
    16,
    31,
    32,
    63,
    64,
    65,
    127,
    128,
    255,
    256,
    0xffff,
    0x10000,
    -8,
    -16,
    -4,
    0x7fffffff,
    0x80000000
  };

  private static final int[] OPERATIONS = {
    Opcode.ADD,
    Opcode.SUB,
    Opcode.MUL,
    Opcode.OR,
    Opcode.AND,
    Opcode.LSH,
    Opcode.RSH,
    Opcode.XOR,
    Opcode.MOV,
    Opcode.ARSH
  };

  private final RandomGenerator random;

  Mutation(RandomGenerator random) {
    this.random = random;
  }

  /** A copy of {@code program} with one to three instructions changed. */
  BpfProgram apply(BpfProgram program) {
    List<Instruction> code = new ArrayList<>(program.instructions());
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(code.size());
      boolean second = at > 0 && code.get(at - 1).isWide();
      if (!second && !code.get(at).isWide()) {
        code.set(at, changed(code.get(at)));
      }
    }
    return program.withInstructions(List.copyOf(code));
  }

  private Instruction changed(Instruction i) {
    return switch (random.nextInt(5)) {
      case 0 -> with(i, i.opcode(), random.nextInt(11), i.src(), i.offset(), i.imm());
      case 1 ->
          i.isCall() ? i : with(i, i.opcode(), i.dst(), random.nextInt(11), i.offset(), i.imm());
      case 2 -> with(i, i.opcode(), i.dst(), i.src(), offset(i), i.imm());
      case 3 -> i.isCall() ? i : with(i, i.opcode(), i.dst(), i.src(), i.offset(), constant(i));
      default -> operation(i);
    };
  }

  private int constant(Instruction i) {
    return random.nextBoolean()
        ? CONSTANTS[random.nextInt(CONSTANTS.length)]
        : i.imm() + random.nextInt(-2, 3);
  }

  private int offset(Instruction i) {
    if (i.isAlu() || i.isCall() || i.isExit()) {
      return i.offset();
    }
    int step = i.isJumpClass() || random.nextBoolean() ? 1 : 8;
    return (short) (i.offset() + step * random.nextInt(-2, 3));
  }

  private Instruction operation(Instruction i) {
    int opcode = i.opcode();
    if (i.isAlu() && i.operation() != Opcode.END) {
      opcode = opcode & 0x08 | OPERATIONS[random.nextInt(OPERATIONS.length)];
      opcode |= random.nextInt(4) == 0 ? Opcode.ALU : i.instructionClass();
    } else if (i.isConditionalJump() && !i.isMayGoto()) {
      opcode =
          opcode & 0x08 | Operations.COMPARISONS[random.nextInt(Operations.COMPARISONS.length)];
      opcode |= random.nextInt(4) == 0 ? Opcode.JMP32 : i.instructionClass();
    } else if (i.instructionClass() == Opcode.LDX
        || i.instructionClass() == Opcode.ST
        || i.instructionClass() == Opcode.STX && !i.isAtomic()) {
      opcode = opcode & ~0x18 | random.nextInt(4) << 3;
    }
    return with(i, opcode, i.dst(), i.src(), i.offset(), i.imm());
  }

  /** The instruction with these fields, those it does not use cleared where that is plain. */
  private static Instruction with(
      Instruction i, int opcode, int dst, int src, int offset, int imm) {
    boolean immediate = (opcode & Opcode.X) == 0;
    boolean alu = i.isAlu();
    boolean jump = i.isConditionalJump();
    int newSrc = (alu || jump) && immediate || i.instructionClass() == Opcode.ST ? 0 : src;
    boolean usesImm =
        (alu || jump) && immediate
            || alu && i.operation() == Opcode.END
            || i.instructionClass() == Opcode.ST
            || i.isAtomic()
            || i.isCall();
    return new Instruction(opcode, dst, newSrc, offset, usesImm ? imm : i.imm());
  }
}
