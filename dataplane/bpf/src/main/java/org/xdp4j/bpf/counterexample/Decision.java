package org.xdp4j.bpf.counterexample;

import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.isa.Instruction;

/**
 * A conditional jump that a run came through.
 *
 * @param index its place
 * @param left how dst was computed, or null
 * @param right how the operand was computed, or null
 * @param leftValue what dst was
 * @param rightValue what the operand was
 */
record Decision(
    int index,
    Instruction instruction,
    boolean jumped,
    Node left,
    Node right,
    long leftValue,
    long rightValue) {

  /** As {@code Refusal.decisions} has it. */
  int code() {
    return index * 2 + (jumped ? 1 : 0);
  }

  /** Inputs for which it may come out the other way. */
  List<Input> flipped(Input input) {
    List<Input> found = new ArrayList<>();
    if (instruction.isMayGoto()) {
      return found;
    }
    int operation = jumped ? inverse(instruction.operation()) : instruction.operation();
    boolean is32 = instruction.instructionClass() == JMP32;
    for (long target : targets(operation, leftValue, rightValue)) {
      add(found, input, left, is32 ? target & 0xffffffffL : target);
    }
    for (long target : targets(mirrored(operation), rightValue, leftValue)) {
      add(found, input, right, is32 ? target & 0xffffffffL : target);
    }
    return found;
  }

  private static void add(List<Input> found, Input input, Node node, long target) {
    Input copy = input.copy();
    if (node != null && new Solver(copy).solve(node, target)) {
      found.add(copy);
    }
  }

  /**
   * Values of the left side for which the comparison with {@code right} holds, the nearest first.
   */
  private static long[] targets(int operation, long left, long right) {
    return switch (operation) {
      case JEQ -> new long[] {right};
      case JNE -> new long[] {right + 1, right - 1, 0, 1, right ^ 0x80, -1L};
      case JGT, JSGT ->
          new long[] {right + 1, right + 2, right + 8, right | 0xff, 0x7fffffffL, -1L};
      case JGE, JSGE -> new long[] {right, right + 1, right + 8, right | 0xff, 0x7fffffffL, -1L};
      case JLT, JSLT -> new long[] {right - 1, right - 2, 0, -1L};
      case JLE, JSLE -> new long[] {right, right - 1, 0, -1L};
      case JSET -> new long[] {left | right, right, Long.lowestOneBit(right)};
      default -> new long[] {left & ~right, 0};
    };
  }

  private static int inverse(int operation) {
    return switch (operation) {
      case JEQ -> JNE;
      case JNE -> JEQ;
      case JGT -> JLE;
      case JLE -> JGT;
      case JLT -> JGE;
      case JGE -> JLT;
      case JSGT -> JSLE;
      case JSLE -> JSGT;
      case JSLT -> JSGE;
      case JSGE -> JSLT;
      default -> -1;
    };
  }

  private static int mirrored(int operation) {
    return switch (operation) {
      case JGT -> JLT;
      case JLT -> JGT;
      case JGE -> JLE;
      case JLE -> JGE;
      case JSGT -> JSLT;
      case JSLT -> JSGT;
      case JSGE -> JSLE;
      case JSLE -> JSGE;
      default -> operation;
    };
  }
}
