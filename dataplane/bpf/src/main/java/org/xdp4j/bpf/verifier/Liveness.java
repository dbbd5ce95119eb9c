package org.xdp4j.bpf.verifier;

import java.util.List;
import org.xdp4j.bpf.helper.ArgumentKind;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.isa.Opcode;

/**
 * Which registers may be read before they are written, from each instruction on: a backward data
 * flow over the whole program, each function by itself.
 */
final class Liveness {
  private static final int CALLER_SAVED = 0b111111;
  private static final int ARGUMENTS = 0b111110;

  private final List<Instruction> program;
  private final int[] before;

  Liveness(List<Instruction> program) {
    this.program = program;
    this.before = new int[program.size()];
    flow();
  }

  /** A bit for each register that may be read at {@code instruction} or behind it. */
  int before(int instruction) {
    return before[instruction];
  }

  /** Goes backwards once, and then again to whatever what has changed may change. */
  private void flow() {
    Predecessors predecessors = new Predecessors(program);
    InstructionQueue pending = new InstructionQueue(program.size());
    for (int i = program.size() - 1; i >= 0; i--) {
      if (i == 0 || !program.get(i - 1).isWide()) {
        pending.add(i);
      }
    }
    while (!pending.isEmpty()) {
      int i = pending.remove();
      Instruction instruction = program.get(i);
      int live = after(i, instruction) & ~written(instruction) | read(instruction);
      if (live != before[i]) {
        before[i] = live;
        predecessors.addAll(i, pending);
      }
    }
  }

  private int after(int i, Instruction instruction) {
    int live = 0;
    if (instruction.isJump()) {
      live = before[Instructions.jumpTarget(program, i)];
    }
    if (!instruction.isGoto() && !instruction.isExit()) {
      live |= before[Instructions.nextIndex(program, i)];
    }
    return live;
  }

  static int written(Instruction instruction) {
    return switch (instruction.instructionClass()) {
      case Opcode.ALU, Opcode.ALU64, Opcode.LD, Opcode.LDX -> 1 << instruction.dst();
      case Opcode.ST -> 0;
      case Opcode.STX -> instruction.isAtomic() ? fetched(instruction) : 0;
      default -> instruction.isCall() ? CALLER_SAVED : 0;
    };
  }

  private static int fetched(Instruction instruction) {
    return switch (instruction.imm()) {
      case Opcode.LOAD_ACQ -> 1 << instruction.dst();
      case Opcode.STORE_REL -> 0;
      case Opcode.CMPXCHG -> 1;
      default -> (instruction.imm() & Opcode.FETCH) != 0 ? 1 << instruction.src() : 0;
    };
  }

  static int read(Instruction instruction) {
    int dst = 1 << instruction.dst();
    int src = 1 << instruction.src();
    return switch (instruction.instructionClass()) {
      case Opcode.ALU, Opcode.ALU64 -> readByAlu(instruction, dst, src);
      case Opcode.LD -> 0;
      case Opcode.LDX -> src;
      case Opcode.ST -> dst;
      case Opcode.STX -> readByStore(instruction, dst, src);
      default -> readByJump(instruction, dst, src);
    };
  }

  private static int readByAlu(Instruction instruction, int dst, int src) {
    if (instruction.operation() == Opcode.NEG || instruction.operation() == Opcode.END) {
      return dst;
    }
    int operand = instruction.usesSource() ? src : 0;
    return instruction.operation() == Opcode.MOV ? operand : dst | operand;
  }

  private static int readByStore(Instruction instruction, int dst, int src) {
    if (instruction.isAtomic() && instruction.imm() == Opcode.LOAD_ACQ) {
      return src;
    }
    return dst | src | (instruction.isAtomic() && instruction.imm() == Opcode.CMPXCHG ? 1 : 0);
  }

  private static int readByJump(Instruction instruction, int dst, int src) {
    if (instruction.isExit()) {
      return 1;
    }
    if (instruction.isHelperCall()) {
      return Helpers.byId(instruction.imm()).map(Liveness::arguments).orElse(ARGUMENTS);
    }
    if (instruction.isCall()) {
      return Kfuncs.calledBy(instruction).map(k -> arguments(k.call())).orElse(ARGUMENTS);
    }
    if (instruction.isGoto() || instruction.isMayGoto()) {
      return 0;
    }
    return instruction.usesSource() ? dst | src : dst;
  }

  private static int arguments(HelperSpec helper) {
    int mask = 0;
    for (int i = 0; i < helper.arguments().size(); i++) {
      if (helper.arguments().get(i) != ArgumentKind.NONE) {
        mask |= 2 << i;
      }
    }
    return mask;
  }
}
