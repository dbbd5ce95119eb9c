package org.xdp4j.bpf.compiler;

import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.verifier.MemoryKind;

/** Which of r0 to r9 an instruction reads and writes, as masks. r10 is constant and left out. */
final class Effects {
  static final int REGISTERS = 10;
  private static final int ALL = (1 << REGISTERS) - 1;
  private static final int ARGUMENTS = 0b111110;
  private static final int CALLER_SAVED = 0b111111;

  private Effects() {}

  static int reads(Code code, int index) {
    Instruction insn = code.at(index);
    int dst = 1 << insn.dst();
    int src = 1 << insn.src();
    int reads =
        switch (insn.instructionClass()) {
          case Opcode.ALU, Opcode.ALU64 -> aluReads(insn, dst, src);
          case Opcode.JMP, Opcode.JMP32 -> jumpReads(code, index, dst, src);
          case Opcode.LDX -> src;
          case Opcode.ST -> dst;
          case Opcode.STX -> storeReads(code, index, dst, src);
          default -> 0;
        };
    return reads & ALL;
  }

  static int writes(Code code, int index) {
    Instruction insn = code.at(index);
    int writes =
        switch (insn.instructionClass()) {
          case Opcode.ALU, Opcode.ALU64, Opcode.LDX, Opcode.LD -> 1 << insn.dst();
          case Opcode.JMP -> code.isCall(index) ? CALLER_SAVED : 0;
          case Opcode.STX -> storeWrites(insn);
          default -> 0;
        };
    return writes & ALL;
  }

  private static int aluReads(Instruction insn, int dst, int src) {
    boolean bySource = (insn.opcode() & Opcode.X) != 0;
    return switch (insn.opcode() & 0xf0) {
      case Opcode.MOV -> bySource ? src : 0;
      case Opcode.NEG, Opcode.END -> dst;
      default -> bySource ? dst | src : dst;
    };
  }

  private static int jumpReads(Code code, int index, int dst, int src) {
    if (code.isCall(index)) {
      return callReads(code, index);
    }
    if (code.isExit(index)) {
      return 1;
    }
    if (code.isUnconditional(index) || code.isMayGoto(index)) {
      return 0;
    }
    return (code.at(index).opcode() & Opcode.X) != 0 ? dst | src : dst;
  }

  private static int callReads(Code code, int index) {
    HelperSpec helper = code.isSubprogramCall(index) ? null : code.helperAt(index);
    return helper == null ? ARGUMENTS : (1 << helper.arguments().size() + 1) - 1 & ARGUMENTS;
  }

  private static int storeReads(Code code, int index, int dst, int src) {
    Instruction insn = code.at(index);
    if (!isAtomic(insn)) {
      return dst | src;
    }
    return switch (insn.imm()) {
      // In an arena it leaves the register as it was where nothing is.
      case Opcode.LOAD_ACQ -> code.kind(index) == MemoryKind.ARENA ? dst | src : src;
      case Opcode.CMPXCHG -> dst | src | 1;
      default -> dst | src;
    };
  }

  private static int storeWrites(Instruction insn) {
    if (!isAtomic(insn)) {
      return 0;
    }
    return switch (insn.imm()) {
      case Opcode.LOAD_ACQ -> 1 << insn.dst();
      case Opcode.STORE_REL -> 0;
      case Opcode.CMPXCHG -> 1;
      default -> (insn.imm() & Opcode.FETCH) != 0 ? 1 << insn.src() : 0;
    };
  }

  static boolean isAtomic(Instruction insn) {
    return insn.instructionClass() == Opcode.STX && (insn.opcode() & 0xe0) == Opcode.ATOMIC;
  }
}
