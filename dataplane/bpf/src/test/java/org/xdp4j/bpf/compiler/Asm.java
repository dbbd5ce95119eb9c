package org.xdp4j.bpf.compiler;

import static org.xdp4j.bpf.isa.Opcode.*;

import org.xdp4j.bpf.isa.Instruction;

/** Instructions by name, as tests write them. */
final class Asm {
  private Asm() {}

  static Instruction insn(int opcode, int dst, int src, int offset, int imm) {
    return new Instruction(opcode, dst, src, offset, imm);
  }

  static Instruction mov(int dst, int imm) {
    return insn(ALU64 | MOV | K, dst, 0, 0, imm);
  }

  static Instruction movReg(int dst, int src) {
    return insn(ALU64 | MOV | X, dst, src, 0, 0);
  }

  static Instruction alu(int operation, int dst, int imm) {
    return insn(ALU64 | operation | K, dst, 0, 0, imm);
  }

  static Instruction aluReg(int operation, int dst, int src) {
    return insn(ALU64 | operation | X, dst, src, 0, 0);
  }

  static Instruction load(int size, int dst, int src, int offset) {
    return insn(LDX | MEM | size, dst, src, offset, 0);
  }

  static Instruction store(int size, int dst, int offset, int src) {
    return insn(STX | MEM | size, dst, src, offset, 0);
  }

  static Instruction storeImm(int size, int dst, int offset, int imm) {
    return insn(ST | MEM | size, dst, 0, offset, imm);
  }

  static Instruction jump(int operation, int dst, int imm, int offset) {
    return insn(JMP | operation | K, dst, 0, offset, imm);
  }

  static Instruction jumpReg(int operation, int dst, int src, int offset) {
    return insn(JMP | operation | X, dst, src, offset, 0);
  }

  static Instruction goTo(int offset) {
    return insn(JMP | JA, 0, 0, offset, 0);
  }

  static Instruction call(int helper) {
    return insn(JMP | CALL, 0, 0, 0, helper);
  }

  static Instruction callFunction(int distance) {
    return insn(JMP | CALL, 0, PSEUDO_CALL, 0, distance);
  }

  static Instruction exit() {
    return insn(JMP | EXIT, 0, 0, 0, 0);
  }
}
