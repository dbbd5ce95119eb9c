package org.xdp4j.bpf.isa;

import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.List;

/**
 * The rules that hold for every instruction wherever it stands (RFC 9669; {@code kernel/bpf/
 * verifier.c} where Linux knows more): the opcode exists, registers exist, r10 is not written,
 * fields it does not use are zero, jumps land on an instruction, and no path runs off the end.
 * Verifier, interpreter and compiler all ask here and nowhere else.
 */
public final class InstructionCheck {
  private static final int LAST_REGISTER = 10;
  private static final int FRAME_POINTER = 10;
  private static final String WRITTEN = "r10 is written, which is read-only";

  /**
   * A broken rule.
   *
   * @param index the slot
   * @param instruction the offending instruction; null for an empty program
   * @param reason what is wrong with it
   */
  public record Problem(int index, Instruction instruction, String reason) {
    /** One sentence. */
    @Override
    public String toString() {
      return instruction == null ? reason : "instruction " + index + ": " + reason;
    }
  }

  private final List<Instruction> program;
  private final boolean[] secondSlots;

  private InstructionCheck(List<Instruction> program) {
    this.program = program;
    this.secondSlots = Instructions.secondSlots(program);
  }

  /** The first broken rule, or null when there is none. */
  public static Problem check(List<Instruction> program) {
    Problem problem = checkForm(program);
    for (int i = 0; problem == null && i < program.size(); i++) {
      if (writesFramePointer(program.get(i))) {
        problem = new Problem(i, program.get(i), WRITTEN);
      }
    }
    return problem;
  }

  /**
   * The first broken rule but for what {@link #refusedWhenReached} says, which Linux judges only
   * where a path leads.
   */
  public static Problem checkForm(List<Instruction> program) {
    if (program.isEmpty()) {
      return new Problem(-1, null, "the program is empty");
    }
    InstructionCheck check = new InstructionCheck(program);
    for (int i = 0; i < program.size(); i = Instructions.nextIndex(program, i)) {
      String reason = check.reason(i);
      if (reason == null
          && Instructions.nextIndex(program, i) == program.size()
          && !program.get(i).isExit()
          && !program.get(i).isGoto()) {
        reason = "the program can run past its last instruction";
      }
      if (reason != null) {
        return new Problem(i, program.get(i), reason);
      }
    }
    return null;
  }

  /**
   * What Linux refuses beyond the RFC, which defines both: a constant shift by more bits than the
   * operand has and a division by the constant zero. Null when it is neither.
   */
  public static String refusedByLinux(Instruction instruction) {
    if (!instruction.isAlu() || instruction.usesSource()) {
      return null;
    }
    int bits = instruction.instructionClass() == ALU64 ? 64 : 32;
    return switch (instruction.operation()) {
      case DIV, MOD -> instruction.imm() == 0 ? "division by the constant zero" : null;
      case LSH, RSH, ARSH ->
          Integer.compareUnsigned(instruction.imm(), bits) >= 0
              ? "a shift by " + instruction.imm() + " of a " + bits + "-bit operand"
              : null;
      default -> null;
    };
  }

  /** Why Linux refuses an instruction once a path reaches it, or null. */
  public static String refusedWhenReached(Instruction instruction) {
    if (writesFramePointer(instruction)) {
      return WRITTEN;
    }
    String reason = refusedByLinux(instruction);
    return reason == null ? null : reason + " is refused";
  }

  private static boolean writesFramePointer(Instruction instruction) {
    return switch (instruction.instructionClass()) {
      case ALU, ALU64, LDX -> instruction.dst() == FRAME_POINTER;
      case LD -> instruction.isWide() && instruction.dst() == FRAME_POINTER;
      case STX -> instruction.isAtomic() && AtomicCheck.result(instruction) == FRAME_POINTER;
      default -> false;
    };
  }

  private String reason(int index) {
    Instruction instruction = program.get(index);
    String reason = registers(instruction);
    if (reason != null) {
      return reason;
    }
    return switch (instruction.instructionClass()) {
      case LD -> instruction.isWide() ? wide(index) : legacyLoad(instruction);
      case LDX -> load(instruction);
      case ST -> store(instruction);
      case STX -> instruction.isAtomic() ? AtomicCheck.reason(instruction) : store(instruction);
      case ALU, ALU64 -> AluCheck.reason(instruction);
      default -> jump(index);
    };
  }

  private static String registers(Instruction instruction) {
    if (instruction.dst() > LAST_REGISTER) {
      return "register r" + instruction.dst() + " does not exist";
    }
    return instruction.src() > LAST_REGISTER
        ? "register r" + instruction.src() + " does not exist"
        : null;
  }

  private String wide(int index) {
    Instruction first = program.get(index);
    if (index + 1 == program.size()) {
      return "the second half of a 64-bit constant is missing";
    }
    Instruction second = program.get(index + 1);
    if (second.opcode() != 0 || second.dst() != 0 || second.src() != 0 || second.offset() != 0) {
      return "the second half of a 64-bit constant has a field other than imm";
    }
    if (first.offset() != 0) {
      return reserved("offset", first.offset());
    }
    if (first.src() > PSEUDO_MAP_IDX_VALUE) {
      return "unknown kind " + first.src() + " of 64-bit constant";
    }
    boolean one = first.src() == PSEUDO_MAP_FD || first.src() == PSEUDO_MAP_IDX;
    if ((one || first.src() == PSEUDO_FUNC) && second.imm() != 0) {
      return reserved("imm of the second half", second.imm());
    }
    if (first.src() == PSEUDO_FUNC) {
      String target = target("function", Instructions.callTarget(program, index));
      if (target != null) {
        return target;
      }
    }
    return null;
  }

  private static String legacyLoad(Instruction instruction) {
    int mode = instruction.mode();
    if ((mode == ABS || mode == IND) && instruction.accessSize() != 8) {
      return "legacy packet access is not for XDP programs";
    }
    return unknown(instruction);
  }

  private static String load(Instruction instruction) {
    boolean extended = instruction.mode() == MEMSX && instruction.accessSize() != 8;
    if (instruction.mode() != MEM && !extended) {
      return unknown(instruction);
    }
    return instruction.imm() != 0 ? reserved("imm", instruction.imm()) : null;
  }

  private static String store(Instruction instruction) {
    if (instruction.mode() != MEM) {
      return unknown(instruction);
    }
    if (instruction.instructionClass() == ST) {
      return instruction.src() != 0 ? reserved("src", instruction.src()) : null;
    }
    return instruction.imm() != 0 ? reserved("imm", instruction.imm()) : null;
  }

  private String jump(int index) {
    Instruction instruction = program.get(index);
    String reason = JumpCheck.reason(instruction);
    if (reason == null && instruction.isJump()) {
      reason = target("jump", Instructions.jumpTarget(program, index));
    }
    if (reason == null && instruction.isSubprogramCall()) {
      reason = target("call", Instructions.callTarget(program, index));
    }
    return reason;
  }

  private String target(String what, int target) {
    if (target < 0 || target >= program.size()) {
      return what + " to " + target + " is outside the program";
    }
    return secondSlots[target] ? what + " to " + target + " is into a 64-bit constant" : null;
  }

  static String unknown(Instruction instruction) {
    return String.format("unknown opcode 0x%02x", instruction.opcode());
  }

  static String reserved(String field, int value) {
    return "reserved field " + field + " is " + value + ", not 0";
  }
}
