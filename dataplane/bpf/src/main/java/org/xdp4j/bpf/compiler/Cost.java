package org.xdp4j.bpf.compiler;

import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** Bytes of bytecode an instruction is estimated at, rather too high than too low. */
final class Cost {
  private Cost() {}

  static int of(Code code, int index) {
    Instruction insn = code.at(index);
    return switch (insn.instructionClass()) {
      case Opcode.LD -> 8;
      case Opcode.LDX, Opcode.ST, Opcode.STX -> Effects.isAtomic(insn) ? 36 : 30;
      case Opcode.JMP, Opcode.JMP32 -> code.isCall(index) ? 60 : 18;
      default -> 16;
    };
  }
}
