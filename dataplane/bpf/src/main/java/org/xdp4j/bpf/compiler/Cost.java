package org.xdp4j.bpf.compiler;

import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/**
 * What an instruction costs the JIT, in bytes of bytecode, rather too many than too few. An access
 * to memory is 25 bytes of ours but inlines some 20 methods of the JDK: beyond about 50 of them in a
 * method C1 runs out of registers, and beyond about 100 C2 leaves calls standing, which makes the
 * method six times as slow. The benchmark is {@code org.xdp4j.bench.SplitBenchmark}.
 */
final class Cost {
  private static final int ACCESS = 100;

  private Cost() {}

  static int of(Code code, int index) {
    Instruction insn = code.at(index);
    return switch (insn.instructionClass()) {
      case Opcode.LD -> 8;
      case Opcode.LDX, Opcode.ST, Opcode.STX -> code.isContextAccess(index) ? 8 : ACCESS;
      case Opcode.JMP, Opcode.JMP32 -> code.isCall(index) ? call(code, index) : 18;
      default -> 16;
    };
  }

  private static int call(Code code, int index) {
    boolean mayBeInlined =
        code.mapAt(index) != null && code.at(index).imm() <= HelperSpec.MAP_DELETE_ELEM;
    return mayBeInlined ? ACCESS + 60 : 60;
  }
}
