package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.isa.Opcode;

/** Whether a comparison of two numbers is known to hold, or known not to. */
enum BranchDecision {
  ALWAYS,
  NEVER,
  EITHER;

  private static BranchDecision of(boolean always, boolean never) {
    return always ? ALWAYS : never ? NEVER : EITHER;
  }

  BranchDecision inverted() {
    return this == ALWAYS ? NEVER : this == NEVER ? ALWAYS : EITHER;
  }

  /** Of {@code left operation right}, on the low 32 bits when {@code is32}. */
  static BranchDecision of(int operation, boolean is32, ScalarRange left, ScalarRange right) {
    return switch (operation) {
      case Opcode.JEQ -> is32 ? equal32(left, right) : equal64(left, right);
      case Opcode.JNE -> (is32 ? equal32(left, right) : equal64(left, right)).inverted();
      case Opcode.JSET -> shareBits(is32, left, right);
      case Opcode.JGT -> above(is32, left, right);
      case Opcode.JLE -> above(is32, left, right).inverted();
      case Opcode.JLT -> above(is32, right, left);
      case Opcode.JGE -> above(is32, right, left).inverted();
      case Opcode.JSGT -> aboveSigned(is32, left, right);
      case Opcode.JSLE -> aboveSigned(is32, left, right).inverted();
      case Opcode.JSLT -> aboveSigned(is32, right, left);
      case Opcode.JSGE -> aboveSigned(is32, right, left).inverted();
      default -> throw new IllegalArgumentException("comparison " + operation);
    };
  }

  private static BranchDecision equal64(ScalarRange a, ScalarRange b) {
    if (a.isConstant() && b.isConstant()) {
      return a.value() == b.value() ? ALWAYS : NEVER;
    }
    boolean apart =
        !a.bits().overlaps(b.bits())
            || Long.compareUnsigned(a.umin(), b.umax()) > 0
            || Long.compareUnsigned(a.umax(), b.umin()) < 0
            || a.smin() > b.smax()
            || a.smax() < b.smin();
    return apart || equal32(a, b) == NEVER ? NEVER : EITHER;
  }

  private static BranchDecision equal32(ScalarRange a, ScalarRange b) {
    Tnum left = a.bits().low32();
    Tnum right = b.bits().low32();
    if (left.isConstant() && right.isConstant()) {
      return left.value() == right.value() ? ALWAYS : NEVER;
    }
    boolean apart =
        !left.overlaps(right)
            || Integer.compareUnsigned(a.u32min(), b.u32max()) > 0
            || Integer.compareUnsigned(a.u32max(), b.u32min()) < 0
            || a.s32min() > b.s32max()
            || a.s32max() < b.s32min();
    return apart ? NEVER : EITHER;
  }

  private static BranchDecision shareBits(boolean is32, ScalarRange a, ScalarRange b) {
    Tnum left = is32 ? a.bits().low32() : a.bits();
    Tnum right = is32 ? b.bits().low32() : b.bits();
    boolean always = (left.value() & right.value()) != 0;
    boolean never = ((left.value() | left.mask()) & (right.value() | right.mask())) == 0;
    return of(always, never);
  }

  private static BranchDecision above(boolean is32, ScalarRange a, ScalarRange b) {
    return is32
        ? of(
            Integer.compareUnsigned(a.u32min(), b.u32max()) > 0,
            Integer.compareUnsigned(a.u32max(), b.u32min()) <= 0)
        : of(
            Long.compareUnsigned(a.umin(), b.umax()) > 0,
            Long.compareUnsigned(a.umax(), b.umin()) <= 0);
  }

  private static BranchDecision aboveSigned(boolean is32, ScalarRange a, ScalarRange b) {
    return is32
        ? of(a.s32min() > b.s32max(), a.s32max() <= b.s32min())
        : of(a.smin() > b.smax(), a.smax() <= b.smin());
  }
}
