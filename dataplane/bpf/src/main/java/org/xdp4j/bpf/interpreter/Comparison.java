package org.xdp4j.bpf.interpreter;

import static org.xdp4j.bpf.isa.Opcode.*;

import org.xdp4j.bpf.isa.Instruction;

/** Conditions of jumps (RFC 9669, section 4.3). */
final class Comparison {
  private Comparison() {}

  /** Whether the jump is taken. */
  static boolean holds(Instruction instruction, long dst, long operand) {
    if (instruction.instructionClass() == JMP32) {
      // Sign extension keeps both orders: the signed one, and the unsigned one among 32-bit values.
      return compare(instruction.operation(), (int) dst, (int) operand);
    }
    return compare(instruction.operation(), dst, operand);
  }

  private static boolean compare(int operation, long dst, long operand) {
    return switch (operation) {
      case JEQ -> dst == operand;
      case JNE -> dst != operand;
      case JSET -> (dst & operand) != 0;
      case JGT -> Long.compareUnsigned(dst, operand) > 0;
      case JGE -> Long.compareUnsigned(dst, operand) >= 0;
      case JLT -> Long.compareUnsigned(dst, operand) < 0;
      case JLE -> Long.compareUnsigned(dst, operand) <= 0;
      case JSGT -> dst > operand;
      case JSGE -> dst >= operand;
      case JSLT -> dst < operand;
      case JSLE -> dst <= operand;
      default -> throw new IllegalArgumentException("not a comparison: " + operation);
    };
  }
}
