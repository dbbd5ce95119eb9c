package org.xdp4j.bpf.isa;

import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.List;
import java.util.Random;

/** Random instructions that are all fit to be printed and read again. */
final class RandomInstructions {
  private static final int[] ATOMICS = {
    ADD,
    OR,
    AND,
    XOR,
    ADD | FETCH,
    OR | FETCH,
    AND | FETCH,
    XOR | FETCH,
    XCHG,
    CMPXCHG,
    LOAD_ACQ,
    STORE_REL
  };
  private static final int[] WIDTHS = {16, 32, 64};
  private static final int[] EXTENSIONS = {0, 8, 16, 32};

  private RandomInstructions() {}

  /** An instruction that passes {@link InstructionCheck} but for where it jumps. */
  static Instruction valid(Random random) {
    while (true) {
      Instruction candidate = candidate(random);
      if (passes(candidate)) {
        return candidate;
      }
    }
  }

  private static boolean passes(Instruction candidate) {
    // Text says nothing of what is called, or which kind of constant has an upper half.
    if (candidate.isCall() && candidate.src() != 0 || candidate.isWide() && candidate.src() != 0) {
      return false;
    }
    Instruction alone = candidate;
    if (candidate.isJump()) {
      alone =
          new Instruction(
              candidate.opcode(),
              candidate.dst(),
              candidate.src(),
              candidate.instructionClass() == JMP32 && candidate.isGoto() ? candidate.offset() : 0,
              candidate.isGoto() && candidate.instructionClass() == JMP32 ? 0 : candidate.imm());
    }
    Instruction exit = new Instruction(JMP | EXIT, 0, 0, 0, 0);
    List<Instruction> program =
        candidate.isWide()
            ? List.of(alone, new Instruction(0, 0, 0, 0, 0), exit)
            : List.of(alone, exit);
    return InstructionCheck.check(program) == null;
  }

  private static Instruction candidate(Random random) {
    int opcode = random.nextInt(256);
    Instruction shape = new Instruction(opcode, 0, 0, 0, 0);
    int dst = random.nextInt(3) == 0 ? 0 : random.nextInt(11);
    int src = random.nextInt(3) == 0 ? 0 : random.nextInt(11);
    int offset = random.nextInt(3) == 0 ? 0 : (short) random.nextInt();
    int imm = random.nextInt(3) == 0 ? 0 : random.nextInt();
    if (shape.isAtomic()) {
      imm = ATOMICS[random.nextInt(ATOMICS.length)];
    } else if (shape.isAlu() && shape.operation() == END) {
      imm = WIDTHS[random.nextInt(WIDTHS.length)];
    } else if (shape.isAlu() && shape.operation() == MOV) {
      offset = EXTENSIONS[random.nextInt(EXTENSIONS.length)];
    } else if (shape.isAlu()) {
      offset = random.nextInt(2);
    }
    return new Instruction(opcode, dst, src, offset, imm);
  }
}
