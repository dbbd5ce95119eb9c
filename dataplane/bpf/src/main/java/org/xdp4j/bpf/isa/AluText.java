package org.xdp4j.bpf.isa;

import static org.xdp4j.bpf.isa.Opcode.*;

/** The text of ALU and ALU64 instructions. */
final class AluText {
  private static final int LAST_REGISTER = 11;

  private AluText() {}

  /** The text, or null when it is no instruction. */
  static String of(Instruction instruction) {
    if (instruction.dst() > LAST_REGISTER) {
      return null;
    }
    String register = instruction.instructionClass() == ALU64 ? "r" : "w";
    String dst = register + instruction.dst();
    return switch (instruction.operation()) {
      case NEG -> instruction.usesSource() ? null : dst + " = -" + dst;
      case END -> byteSwap(instruction);
      case MOV -> move(instruction, register);
      default -> operation(instruction, register);
    };
  }

  private static String byteSwap(Instruction instruction) {
    int width = instruction.imm();
    if (width != 16 && width != 32 && width != 64) {
      return null;
    }
    String name =
        switch (instruction.opcode()) {
          case ALU | END -> "le";
          case ALU | END | X -> "be";
          case ALU64 | END -> "bswap";
          default -> null;
        };
    return name == null
        ? null
        : "r" + instruction.dst() + " = " + name + width + " r" + instruction.dst();
  }

  private static String move(Instruction instruction, String register) {
    String dst = register + instruction.dst() + " = ";
    if (!instruction.usesSource()) {
      return instruction.offset() != 0 ? null : dst + Disassembler.hex(instruction.imm());
    }
    if (instruction.src() > LAST_REGISTER) {
      return null;
    }
    String src = register + instruction.src();
    boolean wide = instruction.instructionClass() == ALU64;
    return switch (instruction.offset()) {
      case 0 -> dst + src;
      case 8, 16 -> dst + "(s" + instruction.offset() + ")" + src;
      case 32 -> wide ? dst + "(s32)" + src : null;
      case 1 -> wide ? dst + addressSpaceCast(instruction, src) : null;
      default -> null;
    };
  }

  /** Linux arenas; the immediate holds two address spaces, the one cast to in its upper half. */
  private static String addressSpaceCast(Instruction instruction, String src) {
    return "addr_space_cast("
        + src
        + ", "
        + Disassembler.hex(instruction.imm() >>> 16)
        + ", "
        + Disassembler.hex(instruction.imm() & 0xffff)
        + ")";
  }

  private static String operation(Instruction instruction, String register) {
    String operator = operator(instruction.operation());
    boolean division = instruction.operation() == DIV || instruction.operation() == MOD;
    if (operator == null
        || instruction.offset() < 0
        || instruction.offset() > (division ? 1 : 0)
        || instruction.usesSource() && instruction.src() > LAST_REGISTER) {
      return null;
    }
    String operand =
        instruction.usesSource()
            ? register + instruction.src()
            : Disassembler.hex(instruction.imm());
    String sign = instruction.offset() == 1 ? "s" : "";
    return register + instruction.dst() + " " + sign + operator + " " + operand;
  }

  private static String operator(int operation) {
    return switch (operation) {
      case ADD -> "+=";
      case SUB -> "-=";
      case MUL -> "*=";
      case DIV -> "/=";
      case OR -> "|=";
      case AND -> "&=";
      case LSH -> "<<=";
      case RSH -> ">>=";
      case MOD -> "%=";
      case XOR -> "^=";
      case ARSH -> "s>>=";
      default -> null;
    };
  }
}
