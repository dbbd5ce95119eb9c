package org.xdp4j.bpf.isa;

import static org.xdp4j.bpf.isa.Opcode.*;

/** The text of atomic operations. */
final class AtomicText {
  private AtomicText() {}

  /** The text, or null when it is no instruction. */
  static String of(Instruction instruction, Dialect dialect) {
    if (Disassembler.badRegister(instruction)) {
      return null;
    }
    // LLVM 19 knows neither and takes the first for an addition; this is what LLVM 20 prints.
    if (instruction.imm() == LOAD_ACQ) {
      return (instruction.accessSize() < 8 ? "w" : "r")
          + instruction.dst()
          + " = load_acquire(("
          + type(instruction)
          + ")("
          + Disassembler.address(instruction.src(), instruction.offset())
          + "))";
    }
    String src = (instruction.accessSize() < 8 ? "w" : "r") + instruction.src();
    if (instruction.imm() == STORE_REL) {
      return "store_release(("
          + type(instruction)
          + ")("
          + address(instruction)
          + "), "
          + src
          + ")";
    }
    if (instruction.accessSize() < 4) {
      return null;
    }
    // The tool's decoder looks at the low byte only.
    boolean generic32 = dialect == Dialect.GENERIC && instruction.accessSize() == 4;
    if (generic32) {
      return (instruction.imm() & 0xf0) == ADD ? lock(instruction, "+", "r") : null;
    }
    return operation(instruction, src);
  }

  private static String operation(Instruction instruction, String src) {
    String register = src.substring(0, 1);
    int operation = instruction.imm() & 0xf0;
    if ((instruction.imm() & 0x0f) != FETCH) {
      return switch (operation) {
        case ADD -> lock(instruction, "+", register);
        case OR -> lock(instruction, "|", register);
        case AND -> lock(instruction, "&", register);
        case XOR -> lock(instruction, "^", register);
        default -> null;
      };
    }
    return switch (operation) {
      case ADD -> fetch(instruction, "add", src);
      case OR -> fetch(instruction, "or", src);
      case AND -> fetch(instruction, "and", src);
      case XOR -> fetch(instruction, "xor", src);
      case XCHG & 0xf0 -> {
        String name = register.equals("w") ? " = xchg32_32(" : " = xchg_64(";
        yield src + name + address(instruction) + ", " + src + ")";
      }
      case CMPXCHG & 0xf0 -> {
        String name = register.equals("w") ? "w0 = cmpxchg32_32(" : "r0 = cmpxchg_64(";
        yield name + address(instruction) + ", " + register + "0, " + src + ")";
      }
      default -> null;
    };
  }

  private static String lock(Instruction instruction, String operator, String register) {
    return "lock "
        + Disassembler.memory(instruction)
        + " "
        + operator
        + "= "
        + register
        + instruction.src();
  }

  private static String fetch(Instruction instruction, String name, String src) {
    return src
        + " = atomic_fetch_"
        + name
        + "(("
        + type(instruction)
        + ")("
        + address(instruction)
        + "), "
        + src
        + ")";
  }

  private static String type(Instruction instruction) {
    return "u" + Disassembler.size(instruction) + " *";
  }

  private static String address(Instruction instruction) {
    return Disassembler.address(instruction.dst(), instruction.offset());
  }
}
