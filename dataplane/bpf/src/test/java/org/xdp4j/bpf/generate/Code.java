package org.xdp4j.bpf.generate;

import static org.xdp4j.bpf.isa.Opcode.ALU;
import static org.xdp4j.bpf.isa.Opcode.ALU64;
import static org.xdp4j.bpf.isa.Opcode.ATOMIC;
import static org.xdp4j.bpf.isa.Opcode.CALL;
import static org.xdp4j.bpf.isa.Opcode.DW;
import static org.xdp4j.bpf.isa.Opcode.EXIT;
import static org.xdp4j.bpf.isa.Opcode.JMP;
import static org.xdp4j.bpf.isa.Opcode.JMP32;
import static org.xdp4j.bpf.isa.Opcode.K;
import static org.xdp4j.bpf.isa.Opcode.LDDW;
import static org.xdp4j.bpf.isa.Opcode.LDX;
import static org.xdp4j.bpf.isa.Opcode.MEM;
import static org.xdp4j.bpf.isa.Opcode.MEMSX;
import static org.xdp4j.bpf.isa.Opcode.MOV;
import static org.xdp4j.bpf.isa.Opcode.ST;
import static org.xdp4j.bpf.isa.Opcode.STX;
import static org.xdp4j.bpf.isa.Opcode.W;
import static org.xdp4j.bpf.isa.Opcode.X;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** Instructions being written down, with labels for jumps that are not placed yet. */
final class Code {
  private final List<Instruction> instructions = new ArrayList<>();
  private final Map<Integer, Integer> places = new HashMap<>();
  private final List<int[]> jumps = new ArrayList<>();
  private int labels;

  int size() {
    return instructions.size();
  }

  int newLabel() {
    return labels++;
  }

  /** Whether anything written so far jumps to {@code label}. */
  boolean isUsed(int label) {
    return jumps.stream().anyMatch(jump -> jump[1] == label);
  }

  void place(int label) {
    places.put(label, instructions.size());
  }

  void add(int opcode, int dst, int src, int offset, int imm) {
    instructions.add(new Instruction(opcode, dst, src, offset, imm));
  }

  void aluImm(boolean wide, int operation, int dst, int imm) {
    add((wide ? ALU64 : ALU) | K | operation, dst, 0, 0, imm);
  }

  void aluReg(boolean wide, int operation, int dst, int src, int offset) {
    add((wide ? ALU64 : ALU) | X | operation, dst, src, offset, 0);
  }

  void mov(int dst, int src) {
    aluReg(true, MOV, dst, src, 0);
  }

  void movImm(int dst, int imm) {
    aluImm(true, MOV, dst, imm);
  }

  void lddw(int dst, long value) {
    add(LDDW, dst, 0, 0, (int) value);
    add(0, 0, 0, 0, (int) (value >>> 32));
  }

  void map(int dst, int index) {
    add(LDDW, dst, Opcode.PSEUDO_MAP_IDX, 0, index);
    add(0, 0, 0, 0, 0);
  }

  /** The address of a byte of the only value of a map. */
  void value(int dst, int index, int offset) {
    add(LDDW, dst, Opcode.PSEUDO_MAP_IDX_VALUE, 0, index);
    add(0, 0, 0, 0, offset);
  }

  void load(int size, boolean signed, int dst, int src, int offset) {
    add(LDX | (signed && size != DW ? MEMSX : MEM) | size, dst, src, offset, 0);
  }

  void store(int size, int dst, int src, int offset) {
    add(STX | MEM | size, dst, src, offset, 0);
  }

  void storeImm(int size, int dst, int offset, int imm) {
    add(ST | MEM | size, dst, 0, offset, imm);
  }

  void atomic(boolean wide, int dst, int src, int offset, int operation) {
    add(STX | ATOMIC | (wide ? DW : W), dst, src, offset, operation);
  }

  void call(int helper) {
    add(JMP | CALL, 0, 0, 0, helper);
  }

  void callSubprogram(int label) {
    jumps.add(new int[] {instructions.size(), label});
    add(JMP | CALL, 0, Opcode.PSEUDO_CALL, 0, 0);
  }

  /** A kernel function, by its number in our table. */
  void callKernel(int number) {
    add(JMP | CALL, 0, Opcode.PSEUDO_KFUNC_CALL, 0, number);
  }

  /** The address of a subprogram. */
  void function(int dst, int label) {
    jumps.add(new int[] {instructions.size(), label});
    add(LDDW, dst, Opcode.PSEUDO_FUNC, 0, 0);
    add(0, 0, 0, 0, 0);
  }

  void exit() {
    add(JMP | EXIT, 0, 0, 0, 0);
  }

  void jumpImm(boolean wide, int operation, int dst, int imm, int label) {
    jumps.add(new int[] {instructions.size(), label});
    add((wide ? JMP : JMP32) | K | operation, dst, 0, 0, imm);
  }

  void jumpReg(boolean wide, int operation, int dst, int src, int label) {
    jumps.add(new int[] {instructions.size(), label});
    add((wide ? JMP : JMP32) | X | operation, dst, src, 0, 0);
  }

  /** {@code may_goto}. */
  void mayGoto(int label) {
    jumps.add(new int[] {instructions.size(), label});
    add(JMP | Opcode.JCOND, 0, 0, 0, 0);
  }

  /** {@code goto}, or the long {@code gotol}. */
  void jump(boolean far, int label) {
    jumps.add(new int[] {instructions.size(), label});
    add((far ? JMP32 : JMP) | Opcode.JA, 0, 0, 0, 0);
  }

  /** Every instruction, jumps filled in. */
  List<Instruction> finish() {
    List<Instruction> done = new ArrayList<>(instructions);
    for (int[] jump : jumps) {
      Instruction from = done.get(jump[0]);
      int distance = places.get(jump[1]) - jump[0] - 1;
      boolean inImm =
          from.opcode() == (JMP32 | Opcode.JA)
              || from.opcode() == (JMP | CALL)
              || from.opcode() == LDDW;
      done.set(
          jump[0],
          inImm
              ? from.withImm(distance)
              : new Instruction(from.opcode(), from.dst(), from.src(), distance, from.imm()));
    }
    return List.copyOf(done);
  }
}
