package org.xdp4j.bpf.compiler;

import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** LDDW: constants of 64 bits, maps, values of maps, functions (RFC 9669 section 5.4). */
final class WideEmitter {
  private final Body body;

  WideEmitter(Body body) {
    this.body = body;
  }

  void emit(int at) {
    Code code = body.code;
    Instruction insn = code.at(at);
    if (!insn.isWide()) {
      throw code.unknown(at);
    }
    int upper = code.at(at + 1).imm();
    long value =
        switch (insn.src()) {
          case 0 -> insn.imm() & 0xffff_ffffL | (long) upper << 32;
          case Opcode.PSEUDO_MAP_IDX -> code.map(insn.imm(), at).address();
          case Opcode.PSEUDO_MAP_IDX_VALUE -> code.valueAddress(at) + (upper & 0xffff_ffffL);
          case Opcode.PSEUDO_FUNC -> code.function(at);
          // A kernel function's address, of which a program can only ask whether it is 0.
          case Opcode.PSEUDO_BTF_ID -> insn.imm();
          default ->
              throw CompileException.at(at, "loads a constant of unknown kind " + insn.src());
        };
    body.push(value).put(insn.dst());
  }
}
