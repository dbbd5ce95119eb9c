package org.xdp4j.bpf.isa;

import static org.xdp4j.bpf.isa.Opcode.*;

/** The rules of atomic operations (RFC 9669, section 5.3; linux/bpf.h for acquire and release). */
final class AtomicCheck {
  private AtomicCheck() {}

  /** What is wrong with {@code instruction}, or null. */
  static String reason(Instruction instruction) {
    int operation = instruction.imm();
    if (operation == LOAD_ACQ) {
      return InstructionCheck.written(instruction.dst());
    }
    if (operation == STORE_REL) {
      return null;
    }
    if (instruction.accessSize() < 4) {
      return "an atomic operation on " + instruction.accessSize() + " bytes, not 4 or 8";
    }
    return switch (operation) {
      case ADD, OR, AND, XOR, CMPXCHG -> null;
      case ADD | FETCH, OR | FETCH, AND | FETCH, XOR | FETCH, XCHG ->
          InstructionCheck.written(instruction.src());
      default -> String.format("unknown atomic operation 0x%x", operation);
    };
  }
}
