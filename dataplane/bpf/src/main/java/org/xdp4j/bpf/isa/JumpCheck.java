package org.xdp4j.bpf.isa;

import static org.xdp4j.bpf.isa.Opcode.*;

/** The rules of the classes JMP and JMP32 (RFC 9669, section 4.3), but for where they lead. */
final class JumpCheck {
  private JumpCheck() {}

  /** What is wrong with {@code instruction}, or null. */
  static String reason(Instruction instruction) {
    return switch (instruction.operation()) {
      case JA -> jumpAlways(instruction);
      case CALL -> call(instruction);
      case EXIT -> exit(instruction);
      case JCOND -> mayGoto(instruction);
      case 0xf0 -> InstructionCheck.unknown(instruction);
      default -> compare(instruction);
    };
  }

  private static String jumpAlways(Instruction instruction) {
    if (instruction.usesSource()) {
      return InstructionCheck.unknown(instruction);
    }
    if (instruction.instructionClass() == JMP32) {
      return instruction.offset() != 0
          ? InstructionCheck.reserved("offset", instruction.offset())
          : registers(instruction);
    }
    return registersAndImm(instruction);
  }

  private static String call(Instruction instruction) {
    if (instruction.usesSource() || instruction.instructionClass() == JMP32) {
      return InstructionCheck.unknown(instruction);
    }
    if (instruction.dst() != 0) {
      return InstructionCheck.reserved("dst", instruction.dst());
    }
    if (instruction.src() > PSEUDO_KFUNC_CALL) {
      return "unknown kind " + instruction.src() + " of call";
    }
    // A kernel function's offset says which module's BTF its id belongs to.
    return instruction.src() != PSEUDO_KFUNC_CALL && instruction.offset() != 0
        ? InstructionCheck.reserved("offset", instruction.offset())
        : null;
  }

  private static String exit(Instruction instruction) {
    if (instruction.usesSource() || instruction.instructionClass() == JMP32) {
      return InstructionCheck.unknown(instruction);
    }
    return instruction.offset() != 0
        ? InstructionCheck.reserved("offset", instruction.offset())
        : registersAndImm(instruction);
  }

  private static String mayGoto(Instruction instruction) {
    if (instruction.usesSource() || instruction.instructionClass() == JMP32) {
      return InstructionCheck.unknown(instruction);
    }
    return registersAndImm(instruction);
  }

  private static String compare(Instruction instruction) {
    if (instruction.usesSource()) {
      return instruction.imm() != 0 ? InstructionCheck.reserved("imm", instruction.imm()) : null;
    }
    return instruction.src() != 0 ? InstructionCheck.reserved("src", instruction.src()) : null;
  }

  private static String registersAndImm(Instruction instruction) {
    return instruction.imm() != 0
        ? InstructionCheck.reserved("imm", instruction.imm())
        : registers(instruction);
  }

  private static String registers(Instruction instruction) {
    if (instruction.dst() != 0) {
      return InstructionCheck.reserved("dst", instruction.dst());
    }
    return instruction.src() != 0 ? InstructionCheck.reserved("src", instruction.src()) : null;
  }
}
