package org.xdp4j.bpf.compiler;

import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.ArenaMap;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;

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
          case Opcode.PSEUDO_MAP_IDX_VALUE -> code.valueAddress(at);
          case Opcode.PSEUDO_FUNC -> code.function(at);
          // A kernel function's address, of which a program can only ask whether it is 0.
          case Opcode.PSEUDO_BTF_ID -> insn.imm();
          default ->
              throw CompileException.at(at, "loads a constant of unknown kind " + insn.src());
        };
    body.push(value);
    if (insn.src() == Opcode.PSEUDO_MAP_IDX) {
      body.cb.aload(body.locals.context());
      body.cb.invokestatic(
          Descs.SUPPORT, "handle", MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.CONTEXT));
    }
    if (insn.src() == Opcode.PSEUDO_MAP_IDX_VALUE) {
      enterData(at, insn.imm(), upper);
    }
    body.put(insn.dst());
  }

  /** What programs write into data sections must not be seen from a trial; constants may. */
  private void enterData(int at, int number, int offset) {
    BpfMap map = body.code.map(number, at);
    boolean arena = map instanceof ArenaMap;
    if (!arena && (map.spec().flags() & MapSpec.F_RDONLY_PROG) == 0) {
      body.enterValue(map.spec().valueSize());
    }
    if (offset != 0) {
      body.push(offset & 0xffff_ffffL);
      body.cb.ladd();
    }
  }
}
