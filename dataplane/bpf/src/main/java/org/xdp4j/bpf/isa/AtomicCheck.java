package org.xdp4j.bpf.isa;

import static org.xdp4j.bpf.isa.Opcode.*;

/** The rules of atomic operations (RFC 9669, section 5.3; linux/bpf.h for acquire and release). */
final class AtomicCheck {
  private AtomicCheck() {}

  /** What is wrong with {@code instruction}, or null. */
  static String reason(Instruction instruction) {
    int operation = instruction.imm();
    if (operation == LOAD_ACQ || operation == STORE_REL) {
      return null;
    }
    if (instruction.accessSize() < 4) {
      return "an atomic operation on " + instruction.accessSize() + " bytes, not 4 or 8";
    }
    return switch (operation) {
      case ADD, OR, AND, XOR, CMPXCHG -> null;
      case ADD | FETCH, OR | FETCH, AND | FETCH, XOR | FETCH, XCHG -> null;
      default -> String.format("unknown atomic operation 0x%x", operation);
    };
  }

  /** The register that {@code instruction} puts what was in memory into, -1 for none. */
  static int result(Instruction instruction) {
    int operation = instruction.imm();
    if (operation == LOAD_ACQ) {
      return instruction.dst();
    }
    if (operation == CMPXCHG) {
      return 0;
    }
    return operation != STORE_REL && (operation & FETCH) != 0 ? instruction.src() : -1;
  }
}
