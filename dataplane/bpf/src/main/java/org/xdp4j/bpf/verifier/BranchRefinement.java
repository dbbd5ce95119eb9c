package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.isa.Opcode;

/**
 * What is known of two numbers once a comparison of them is known to hold.
 *
 * @param left what is left of the left number
 * @param right what is left of the right one
 * @param isPossible whether any values are left at all; else the path cannot be taken
 */
record BranchRefinement(ScalarRange left, ScalarRange right, boolean isPossible) {

  /** The comparison that holds where {@code operation} does not; JSET has none. */
  private static int inverse(int operation) {
    return switch (operation) {
      case Opcode.JEQ -> Opcode.JNE;
      case Opcode.JNE -> Opcode.JEQ;
      case Opcode.JGT -> Opcode.JLE;
      case Opcode.JLE -> Opcode.JGT;
      case Opcode.JLT -> Opcode.JGE;
      case Opcode.JGE -> Opcode.JLT;
      case Opcode.JSGT -> Opcode.JSLE;
      case Opcode.JSLE -> Opcode.JSGT;
      case Opcode.JSLT -> Opcode.JSGE;
      case Opcode.JSGE -> Opcode.JSLT;
      default -> throw new IllegalArgumentException("comparison " + operation);
    };
  }

  /** What holds when {@code left operation right} came out as {@code holds}. */
  static BranchRefinement of(
      int operation, boolean holds, boolean is32, ScalarRange left, ScalarRange right) {
    Bounds a = new Bounds(left);
    Bounds b = new Bounds(right);
    if (operation == Opcode.JSET) {
      shareBits(holds, is32, a, b);
    } else {
      compare(holds ? operation : inverse(operation), is32, a, b);
    }
    a.sync();
    b.sync();
    return new BranchRefinement(
        ScalarRange.of(a, left), ScalarRange.of(b, right), !a.isEmpty() && !b.isEmpty());
  }

  private static void compare(int operation, boolean is32, Bounds a, Bounds b) {
    switch (operation) {
      case Opcode.JEQ -> equal(is32, a, b);
      case Opcode.JNE -> differ(is32, a, b);
      case Opcode.JLT -> below(is32, true, a, b);
      case Opcode.JLE -> below(is32, false, a, b);
      case Opcode.JGT -> below(is32, true, b, a);
      case Opcode.JGE -> below(is32, false, b, a);
      case Opcode.JSLT -> belowSigned(is32, true, a, b);
      case Opcode.JSLE -> belowSigned(is32, false, a, b);
      case Opcode.JSGT -> belowSigned(is32, true, b, a);
      default -> belowSigned(is32, false, b, a);
    }
  }

  private static void equal(boolean is32, Bounds a, Bounds b) {
    a.atLeastUnsigned32(b.u32min);
    a.atMostUnsigned32(b.u32max);
    a.atLeastSigned32(b.s32min);
    a.atMostSigned32(b.s32max);
    b.atLeastUnsigned32(a.u32min);
    b.atMostUnsigned32(a.u32max);
    b.atLeastSigned32(a.s32min);
    b.atMostSigned32(a.s32max);
    if (is32) {
      Tnum low = a.bits.low32().intersect(b.bits.low32());
      a.bits = a.bits.withLow32(low);
      b.bits = b.bits.withLow32(low);
      return;
    }
    a.atLeastUnsigned(b.umin);
    a.atMostUnsigned(b.umax);
    a.atLeastSigned(b.smin);
    a.atMostSigned(b.smax);
    b.atLeastUnsigned(a.umin);
    b.atMostUnsigned(a.umax);
    b.atLeastSigned(a.smin);
    b.atMostSigned(a.smax);
    a.bits = a.bits.intersect(b.bits);
    b.bits = a.bits;
  }

  /** A bound that is the one value it is not moves by one. */
  private static void differ(boolean is32, Bounds a, Bounds b) {
    if (is32 ? b.bits.low32().isConstant() : b.bits.isConstant()) {
      exclude(is32, a, b.bits.value());
    } else if (is32 ? a.bits.low32().isConstant() : a.bits.isConstant()) {
      exclude(is32, b, a.bits.value());
    }
  }

  private static void exclude(boolean is32, Bounds a, long value) {
    if (is32) {
      int low = (int) value;
      a.u32min += a.u32min == low ? 1 : 0;
      a.u32max -= a.u32max == low ? 1 : 0;
      a.s32min += a.s32min == low ? 1 : 0;
      a.s32max -= a.s32max == low ? 1 : 0;
    } else {
      a.umin += a.umin == value ? 1 : 0;
      a.umax -= a.umax == value ? 1 : 0;
      a.smin += a.smin == value ? 1 : 0;
      a.smax -= a.smax == value ? 1 : 0;
    }
  }

  private static void below(boolean is32, boolean strictly, Bounds a, Bounds b) {
    int less = strictly ? 1 : 0;
    if (is32) {
      a.atMostUnsigned32(strictly && b.u32max == 0 ? 0 : b.u32max - less);
      b.atLeastUnsigned32(strictly && a.u32min == -1 ? -1 : a.u32min + less);
    } else {
      a.atMostUnsigned(strictly && b.umax == 0 ? 0 : b.umax - less);
      b.atLeastUnsigned(strictly && a.umin == -1L ? -1L : a.umin + less);
    }
  }

  private static void belowSigned(boolean is32, boolean strictly, Bounds a, Bounds b) {
    int less = strictly ? 1 : 0;
    if (is32) {
      boolean bottom = strictly && b.s32max == Integer.MIN_VALUE;
      boolean top = strictly && a.s32min == Integer.MAX_VALUE;
      a.atMostSigned32(bottom ? Integer.MIN_VALUE : b.s32max - less);
      b.atLeastSigned32(top ? Integer.MAX_VALUE : a.s32min + less);
    } else {
      boolean bottom = strictly && b.smax == Long.MIN_VALUE;
      boolean top = strictly && a.smin == Long.MAX_VALUE;
      a.atMostSigned(bottom ? Long.MIN_VALUE : b.smax - less);
      b.atLeastSigned(top ? Long.MAX_VALUE : a.smin + less);
    }
  }

  /** JSET: of the bits of a constant, none is set, or the only one is. */
  private static void shareBits(boolean holds, boolean is32, Bounds a, Bounds b) {
    boolean constant = is32 ? b.bits.low32().isConstant() : b.bits.isConstant();
    boolean swapped = !constant && (is32 ? a.bits.low32().isConstant() : a.bits.isConstant());
    if (!constant && !swapped) {
      return;
    }
    Bounds number = swapped ? b : a;
    long bits = (swapped ? a : b).bits.value() & (is32 ? 0xffffffffL : -1L);
    if (!holds) {
      number.bits = number.bits.and(Tnum.constant(~bits));
    } else if (Long.bitCount(bits) == 1) {
      number.bits = number.bits.or(Tnum.constant(bits));
    }
  }
}
