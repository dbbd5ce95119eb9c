package org.xdp4j.bpf.isa;

import static org.xdp4j.bpf.isa.Opcode.*;

/**
 * Instructions as text, letter for letter what {@code llvm-objdump} prints. Like it, this looks
 * only at the fields an instruction uses: whether the others are zero is {@link InstructionCheck}'s
 * question.
 */
public final class Disassembler {
  /** What stands for anything that is no instruction. */
  public static final String UNKNOWN = "<unknown>";

  private static final int LAST_REGISTER = 11;
  private static final String[] SIZES = {"32", "16", "8", "64"};
  private static final String[] COMPARISONS = {
    null, "==", ">", ">=", "&", "!=", "s>", "s>=", null, null, "<", "<=", "s<", "s<="
  };

  private Disassembler() {}

  /**
   * The text of one instruction, in the dialect that has one for each.
   *
   * @param second the second slot of a wide instruction; else not looked at, and may be null
   */
  public static String text(Instruction instruction, Instruction second) {
    return text(instruction, second, Dialect.V4);
  }

  /**
   * The text of one instruction.
   *
   * @param second the second slot of a wide instruction; else not looked at, and may be null
   */
  public static String text(Instruction instruction, Instruction second, Dialect dialect) {
    String text =
        switch (instruction.instructionClass()) {
          case LD -> instruction.isWide() ? wide(instruction, second) : packetLoad(instruction);
          case LDX -> load(instruction, dialect);
          case ST -> storeConstant(instruction);
          case STX ->
              instruction.isAtomic()
                  ? AtomicText.of(instruction, dialect)
                  : store(instruction, dialect);
          case ALU, ALU64 -> AluText.of(instruction);
          default -> jump(instruction);
        };
    return text == null ? UNKNOWN : text;
  }

  private static String wide(Instruction first, Instruction second) {
    if (first.offset() != 0 || first.dst() > LAST_REGISTER) {
      return null;
    }
    long low = first.imm() & 0xffffffffL;
    long constant = second == null ? first.imm() : low | (long) second.imm() << 32;
    if (first.src() == 0) {
      return "r" + first.dst() + " = " + hex(constant) + " ll";
    }
    // The tool's decoder leaves the upper half out of every other kind.
    return "ld_pseudo\tr" + first.dst() + ", " + hex(first.src()) + ", " + hex(low);
  }

  private static String packetLoad(Instruction instruction) {
    if (instruction.accessSize() == 8) {
      return null;
    }
    String load = "r0 = *(u" + size(instruction) + " *)skb[";
    return switch (instruction.mode()) {
      case ABS -> load + hex(instruction.imm()) + "]";
      case IND -> instruction.src() > LAST_REGISTER ? null : load + "r" + instruction.src() + "]";
      default -> null;
    };
  }

  private static String load(Instruction instruction, Dialect dialect) {
    if (badRegister(instruction)) {
      return null;
    }
    boolean signed = instruction.mode() == MEMSX && instruction.accessSize() < 8;
    if (instruction.mode() != MEM && !signed) {
      return null;
    }
    String register = signed ? "r" : valueRegister(instruction, dialect);
    return register
        + instruction.dst()
        + " = *("
        + (signed ? "s" : "u")
        + size(instruction)
        + " *)("
        + address(instruction.src(), instruction.offset())
        + ")";
  }

  private static String storeConstant(Instruction instruction) {
    if (instruction.mode() != MEM || instruction.dst() > LAST_REGISTER) {
      return null;
    }
    return memory(instruction) + " = " + hex(instruction.imm());
  }

  private static String store(Instruction instruction, Dialect dialect) {
    if (instruction.mode() != MEM || badRegister(instruction)) {
      return null;
    }
    return memory(instruction) + " = " + valueRegister(instruction, dialect) + instruction.src();
  }

  private static String jump(Instruction instruction) {
    boolean wide = instruction.instructionClass() == JMP;
    return switch (instruction.operation()) {
      case JA -> {
        String target = (wide ? "goto " : "gotol ") + displacement(instruction);
        yield instruction.usesSource() ? null : target;
      }
      case CALL -> wide ? call(instruction) : null;
      case EXIT -> instruction.isExit() && instruction.imm() == 0 ? "exit" : null;
      case JCOND -> instruction.isMayGoto() ? "may_goto " + displacement(instruction) : null;
      case 0xf0 -> null;
      default -> comparison(instruction, wide ? "r" : "w");
    };
  }

  private static String call(Instruction instruction) {
    if (instruction.usesSource()) {
      return instruction.dst() > LAST_REGISTER ? null : "callx r" + instruction.dst();
    }
    return "call " + hex(instruction.imm());
  }

  private static String comparison(Instruction instruction, String register) {
    if (instruction.usesSource() ? badRegister(instruction) : instruction.dst() > LAST_REGISTER) {
      return null;
    }
    return "if "
        + register
        + instruction.dst()
        + " "
        + COMPARISONS[instruction.operation() >> 4]
        + " "
        + (instruction.usesSource() ? register + instruction.src() : hex(instruction.imm()))
        + " goto "
        + displacement(instruction);
  }

  private static String displacement(Instruction instruction) {
    int offset = instruction.jumpOffset();
    return (offset >= 0 ? "+" : "") + hex(offset);
  }

  static boolean badRegister(Instruction instruction) {
    return instruction.dst() > LAST_REGISTER || instruction.src() > LAST_REGISTER;
  }

  static String valueRegister(Instruction instruction, Dialect dialect) {
    return dialect == Dialect.V4 && instruction.accessSize() < 8 ? "w" : "r";
  }

  /** Bits of a load or store, as its type names them. */
  static String size(Instruction instruction) {
    return SIZES[instruction.opcode() >> 3 & 3];
  }

  static String memory(Instruction instruction) {
    return "*(u"
        + size(instruction)
        + " *)("
        + address(instruction.dst(), instruction.offset())
        + ")";
  }

  static String address(int register, int offset) {
    return "r" + register + (offset < 0 ? " - " + hex(-offset) : " + " + hex(offset));
  }

  static String hex(long value) {
    return value < 0 ? "-0x" + Long.toHexString(-value) : "0x" + Long.toHexString(value);
  }
}
