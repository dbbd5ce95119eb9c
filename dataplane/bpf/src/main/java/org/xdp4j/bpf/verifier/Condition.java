package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** A comparison in words. */
final class Condition {
  private Condition() {}

  /**
   * {@code packet + 14 > data_end}; or, when it is not known what was compared, {@code r1 > r2}.
   */
  static String text(Instruction i, PathRecorder.Operands operands) {
    if (i.isMayGoto()) {
      return "may_goto";
    }
    String operator = " " + operator(i.operation()) + " ";
    String register = i.instructionClass() == Opcode.JMP32 ? "w" : "r";
    String left = register + i.dst();
    String right = i.usesSource() ? register + i.src() : Integer.toString(i.imm());
    if (operands == null) {
      return left + operator + right;
    }
    return side(left, operands.left()) + operator + side(right, operands.right());
  }

  private static String side(String name, RegisterState r) {
    if (r.isScalar()) {
      return r.range().isConstant() ? r.range().toString() : name + " (" + r.range() + ")";
    }
    return r.kind() == RegisterKind.PACKET_END ? "data_end" : r.describe();
  }

  private static String operator(int operation) {
    return switch (operation) {
      case Opcode.JEQ -> "==";
      case Opcode.JNE -> "!=";
      case Opcode.JGT, Opcode.JSGT -> ">";
      case Opcode.JGE, Opcode.JSGE -> ">=";
      case Opcode.JLT, Opcode.JSLT -> "<";
      case Opcode.JLE, Opcode.JSLE -> "<=";
      default -> "&";
    };
  }
}
