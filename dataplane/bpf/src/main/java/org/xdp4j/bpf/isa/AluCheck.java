package org.xdp4j.bpf.isa;

import static org.xdp4j.bpf.isa.Opcode.*;

/** The rules of the classes ALU and ALU64 (RFC 9669, sections 4.1 and 4.2). */
final class AluCheck {
  private AluCheck() {}

  /** What is wrong with {@code instruction}, or null. */
  static String reason(Instruction instruction) {
    return switch (instruction.operation()) {
      case NEG -> negate(instruction);
      case END -> byteSwap(instruction);
      case MOV -> move(instruction);
      case ADD, SUB, MUL, OR, AND, LSH, RSH, XOR, ARSH -> operand(instruction, 0);
      case DIV, MOD -> operand(instruction, 1);
      default -> InstructionCheck.unknown(instruction);
    };
  }

  private static String negate(Instruction instruction) {
    if (instruction.usesSource()) {
      return InstructionCheck.unknown(instruction);
    }
    return instruction.imm() != 0
        ? InstructionCheck.reserved("imm", instruction.imm())
        : sourceAndOffset(instruction);
  }

  private static String byteSwap(Instruction instruction) {
    if (instruction.instructionClass() == ALU64 && instruction.usesSource()) {
      return InstructionCheck.unknown(instruction);
    }
    int width = instruction.imm();
    if (width != 16 && width != 32 && width != 64) {
      return "a byte swap of " + width + " bits, not 16, 32 or 64";
    }
    return sourceAndOffset(instruction);
  }

  private static String move(Instruction instruction) {
    if (!instruction.usesSource()) {
      return sourceAndOffset(instruction);
    }
    int bits = instruction.offset();
    if (instruction.isAddressSpaceCast()) {
      boolean known = instruction.imm() == 1 || instruction.imm() == 1 << 16;
      return known ? null : "an address-space cast between other spaces than 0 and 1";
    }
    boolean narrow = bits == 0 || bits == 8 || bits == 16;
    if (!narrow && !(bits == 32 && instruction.instructionClass() == ALU64)) {
      return "a move that sign-extends from " + bits + " bits";
    }
    return immediate(instruction);
  }

  private static String operand(Instruction instruction, int largestOffset) {
    int offset = instruction.offset();
    if (offset < 0 || offset > largestOffset) {
      return largestOffset == 0
          ? InstructionCheck.reserved("offset", offset)
          : "offset " + offset + " of a division, not 0 (unsigned) or 1 (signed)";
    }
    if (instruction.usesSource()) {
      return immediate(instruction);
    }
    return instruction.src() != 0 ? InstructionCheck.reserved("src", instruction.src()) : null;
  }

  private static String immediate(Instruction instruction) {
    return instruction.imm() != 0 ? InstructionCheck.reserved("imm", instruction.imm()) : null;
  }

  private static String sourceAndOffset(Instruction instruction) {
    if (instruction.src() != 0) {
      return InstructionCheck.reserved("src", instruction.src());
    }
    return instruction.offset() != 0
        ? InstructionCheck.reserved("offset", instruction.offset())
        : null;
  }
}
