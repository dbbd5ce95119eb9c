package org.xdp4j.bpf.helper;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** A straight program being written that calls helpers and folds what they return into r7. */
final class Snippet {
  private final List<Instruction> code = new ArrayList<>();

  /** Keeps the context in r6 and begins with an empty fold. */
  Snippet() {
    move(6, 1);
    set(7, 0);
  }

  List<Instruction> instructions() {
    List<Instruction> whole = new ArrayList<>(code);
    whole.add(new Instruction(Opcode.ALU64 | Opcode.MOV | Opcode.X, 0, 7, 0, 0));
    whole.add(new Instruction(Opcode.JMP | Opcode.EXIT, 0, 0, 0, 0));
    return whole;
  }

  Snippet add(int opcode, int dst, int src, int offset, int imm) {
    code.add(new Instruction(opcode, dst, src, offset, imm));
    return this;
  }

  Snippet set(int register, int value) {
    return add(Opcode.ALU64 | Opcode.MOV | Opcode.K, register, 0, 0, value);
  }

  Snippet setLong(int register, long value) {
    add(Opcode.LDDW, register, 0, 0, (int) value);
    return add(0, 0, 0, 0, (int) (value >>> 32));
  }

  Snippet move(int to, int from) {
    return add(Opcode.ALU64 | Opcode.MOV | Opcode.X, to, from, 0, 0);
  }

  /** The map of this index in a register. */
  Snippet map(int register, int index) {
    add(Opcode.LDDW, register, Opcode.PSEUDO_MAP_IDX, 0, index);
    return add(0, 0, 0, 0, 0);
  }

  /** The address of {@code offset} in that map's only value. */
  Snippet mapValue(int register, int index, int offset) {
    add(Opcode.LDDW, register, Opcode.PSEUDO_MAP_IDX_VALUE, 0, index);
    return add(0, 0, 0, 0, offset);
  }

  /** r10 + {@code offset} in a register. */
  Snippet stack(int register, int offset) {
    move(register, 10);
    return add(Opcode.ALU64 | Opcode.ADD | Opcode.K, register, 0, 0, offset);
  }

  /** Writes bytes to the stack at r10 + {@code offset}. */
  Snippet write(int offset, byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      add(Opcode.ST | Opcode.MEM | Opcode.B, 10, 0, offset + i, bytes[i]);
    }
    return this;
  }

  Snippet writeInt(int offset, int value) {
    return add(Opcode.ST | Opcode.MEM | Opcode.W, 10, 0, offset, value);
  }

  Snippet writeLong(int offset, int value) {
    return add(Opcode.ST | Opcode.MEM | Opcode.DW, 10, 0, offset, value);
  }

  /** Calls a helper and folds r0: r7 = r7 * 31 + r0. */
  Snippet call(int helper) {
    callOnly(helper);
    return fold(0);
  }

  Snippet callOnly(int helper) {
    return add(Opcode.JMP | Opcode.CALL, 0, 0, 0, helper);
  }

  /** Calls a kernel function, whose number here the oracle makes the kernel's. */
  Snippet callKernel(String name) {
    int number = Kfuncs.byName(name).orElseThrow().number();
    return add(Opcode.JMP | Opcode.CALL, 0, Opcode.PSEUDO_KFUNC_CALL, 0, number);
  }

  Snippet fold(int register) {
    add(Opcode.ALU64 | Opcode.MUL | Opcode.K, 7, 0, 0, 31);
    return add(Opcode.ALU64 | Opcode.ADD | Opcode.X, 7, register, 0, 0);
  }

  /** When r0 is not NULL: folds the word it points at; else folds 1. */
  Snippet foldWordAt(int register) {
    add(Opcode.JMP | Opcode.JNE | Opcode.K, register, 0, 2, 0);
    set(1, 1);
    add(Opcode.JMP | Opcode.JA, 0, 0, 1, 0);
    add(Opcode.LDX | Opcode.MEM | Opcode.W, 1, register, 0, 0);
    return fold(1);
  }

  /** Keeps a register, 64 bits wide, at {@code offset} of the only value of map {@code index}. */
  Snippet keep(int register, int index, int offset) {
    move(9, register);
    mapValue(8, index, offset);
    return add(Opcode.STX | Opcode.MEM | Opcode.DW, 8, 9, 0, 0);
  }
}
