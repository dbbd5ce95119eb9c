package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.isa.Opcode;

/**
 * What arithmetic makes of what is known of numbers (RFC 9669, section 4.1): the transfer function
 * of every ALU operation on {@link ScalarRange}s.
 */
final class ScalarArithmetic {
  private ScalarArithmetic() {}

  /**
   * The range of {@code left operation right}.
   *
   * @param operation an ALU operation of {@link Opcode}, MOV and END excepted
   * @param is32 whether the low 32 bits are worked on and the result zero-extended
   */
  static ScalarRange apply(int operation, boolean is32, ScalarRange left, ScalarRange right) {
    if (!isTracked(operation, is32, right)) {
      // Of 32 bits, too: as Linux does, which then forgets that the upper half is zero.
      return ScalarRange.UNKNOWN;
    }
    if (left.isConstant() && right.isConstant()) {
      long result = constant(operation, is32, left.value(), right.value());
      return ScalarRange.constant(is32 ? result & 0xffffffffL : result);
    }
    Bounds b = new Bounds(left);
    int shift = is32 ? right.u32min() & 31 : (int) right.umin() & 63;
    switch (operation) {
      case Opcode.ADD -> add(b, right);
      case Opcode.SUB -> subtract(b, right);
      case Opcode.MUL -> multiply(b, right);
      case Opcode.AND -> and(b, right);
      case Opcode.OR -> or(b, right);
      case Opcode.XOR -> xor(b, right);
      case Opcode.LSH -> shiftLeft(b, shift, is32);
      case Opcode.RSH -> shiftRight(b, shift, is32);
      case Opcode.ARSH -> shiftRightSigned(b, shift, is32);
      default -> throw new IllegalArgumentException("ALU operation " + operation);
    }
    if (is32) {
      b.zeroExtend32();
    }
    b.sync();
    return ScalarRange.of(b);
  }

  /** Known numbers need no ranges: the operation itself, of whose result 32 bits count if 32. */
  private static long constant(int operation, boolean is32, long left, long right) {
    return switch (operation) {
      case Opcode.ADD -> left + right;
      case Opcode.SUB -> left - right;
      case Opcode.MUL -> left * right;
      case Opcode.AND -> left & right;
      case Opcode.OR -> left | right;
      case Opcode.XOR -> left ^ right;
      case Opcode.LSH -> left << right;
      case Opcode.RSH -> is32 ? (int) left >>> (int) right : left >>> right;
      case Opcode.ARSH -> is32 ? (int) left >> (int) right : left >> right;
      default -> throw new IllegalArgumentException("ALU operation " + operation);
    };
  }

  /** The range of {@code -operand}. */
  static ScalarRange negate(boolean is32, ScalarRange operand) {
    return apply(Opcode.SUB, is32, ScalarRange.ZERO, operand);
  }

  /** Quotients, remainders and shifts by an amount that is not known are any number. */
  private static boolean isTracked(int operation, boolean is32, ScalarRange right) {
    return switch (operation) {
      case Opcode.DIV, Opcode.MOD -> false;
      case Opcode.LSH, Opcode.RSH, Opcode.ARSH ->
          is32
              ? right.isConstant32() && Long.compareUnsigned(right.umax(), 32) < 0
              : right.isConstant() && Long.compareUnsigned(right.umax(), 64) < 0;
      default -> true;
    };
  }

  private static void add(Bounds b, ScalarRange right) {
    b.bits = b.bits.plus(right.bits());
    long low = b.umin + right.umin();
    long high = b.umax + right.umax();
    // Sound when no sum wraps around, and when every sum does.
    boolean lowWraps = Long.compareUnsigned(low, b.umin) < 0;
    boolean highWraps = Long.compareUnsigned(high, b.umax) < 0;
    long slow = b.smin + right.smin();
    long shigh = b.smax + right.smax();
    boolean fits = !addOverflows(b.smin, right.smin()) && !addOverflows(b.smax, right.smax());
    add32(b, right);
    b.umin = lowWraps == highWraps ? low : 0;
    b.umax = lowWraps == highWraps ? high : -1L;
    b.smin = fits ? slow : Long.MIN_VALUE;
    b.smax = fits ? shigh : Long.MAX_VALUE;
  }

  private static void add32(Bounds b, ScalarRange right) {
    int low = b.u32min + right.u32min();
    int high = b.u32max + right.u32max();
    boolean lowWraps = Integer.compareUnsigned(low, b.u32min) < 0;
    boolean highWraps = Integer.compareUnsigned(high, b.u32max) < 0;
    long slow = (long) b.s32min + right.s32min();
    long shigh = (long) b.s32max + right.s32max();
    boolean fits = slow == (int) slow && shigh == (int) shigh;
    b.unbound32();
    if (lowWraps == highWraps) {
      b.u32min = low;
      b.u32max = high;
    }
    if (fits) {
      b.s32min = (int) slow;
      b.s32max = (int) shigh;
    }
  }

  private static boolean addOverflows(long a, long c) {
    long sum = a + c;
    return ((a ^ sum) & (c ^ sum)) < 0;
  }

  private static boolean subtractOverflows(long a, long c) {
    return ((a ^ c) & (a ^ a - c)) < 0;
  }

  private static void subtract(Bounds b, ScalarRange right) {
    b.bits = b.bits.minus(right.bits());
    boolean lowWraps = Long.compareUnsigned(b.umin, right.umax()) < 0;
    boolean highWraps = Long.compareUnsigned(b.umax, right.umin()) < 0;
    long low = b.umin - right.umax();
    long high = b.umax - right.umin();
    boolean fits =
        !subtractOverflows(b.smin, right.smax()) && !subtractOverflows(b.smax, right.smin());
    long slow = b.smin - right.smax();
    long shigh = b.smax - right.smin();
    subtract32(b, right);
    b.umin = lowWraps == highWraps ? low : 0;
    b.umax = lowWraps == highWraps ? high : -1L;
    b.smin = fits ? slow : Long.MIN_VALUE;
    b.smax = fits ? shigh : Long.MAX_VALUE;
  }

  private static void subtract32(Bounds b, ScalarRange right) {
    boolean lowWraps = Integer.compareUnsigned(b.u32min, right.u32max()) < 0;
    boolean highWraps = Integer.compareUnsigned(b.u32max, right.u32min()) < 0;
    int low = b.u32min - right.u32max();
    int high = b.u32max - right.u32min();
    long slow = (long) b.s32min - right.s32max();
    long shigh = (long) b.s32max - right.s32min();
    boolean fits = slow == (int) slow && shigh == (int) shigh;
    b.unbound32();
    if (lowWraps == highWraps) {
      b.u32min = low;
      b.u32max = high;
    }
    if (fits) {
      b.s32min = (int) slow;
      b.s32max = (int) shigh;
    }
  }

  private static void multiply(Bounds b, ScalarRange right) {
    b.bits = b.bits.times(right.bits());
    boolean unsignedFits = Math.unsignedMultiplyHigh(b.umax, right.umax()) == 0;
    long low = b.umin * right.umin();
    long high = b.umax * right.umax();
    long[] corners = {b.smin, b.smax, right.smin(), right.smax()};
    multiply32(b, right);
    b.unbound64();
    if (unsignedFits) {
      b.umin = low;
      b.umax = high;
    }
    multiplySigned(b, corners);
  }

  private static void multiplySigned(Bounds b, long[] corners) {
    long least = Long.MAX_VALUE;
    long greatest = Long.MIN_VALUE;
    for (int i = 0; i < 2; i++) {
      for (int j = 2; j < 4; j++) {
        long product = corners[i] * corners[j];
        if (Math.multiplyHigh(corners[i], corners[j]) != product >> 63) {
          return;
        }
        least = Math.min(least, product);
        greatest = Math.max(greatest, product);
      }
    }
    b.smin = least;
    b.smax = greatest;
  }

  private static void multiply32(Bounds b, ScalarRange right) {
    long high = (b.u32max & 0xffffffffL) * (right.u32max() & 0xffffffffL);
    int low = b.u32min * right.u32min();
    long c0 = (long) b.s32min * right.s32min();
    long c1 = (long) b.s32min * right.s32max();
    long c2 = (long) b.s32max * right.s32min();
    long c3 = (long) b.s32max * right.s32max();
    long least = Math.min(Math.min(c0, c1), Math.min(c2, c3));
    long greatest = Math.max(Math.max(c0, c1), Math.max(c2, c3));
    b.unbound32();
    if (high >>> 32 == 0) {
      b.u32min = low;
      b.u32max = (int) high;
    }
    if (least == (int) least && greatest == (int) greatest) {
      b.s32min = (int) least;
      b.s32max = (int) greatest;
    }
  }

  private static void and(Bounds b, ScalarRange right) {
    b.bits = b.bits.and(right.bits());
    long most = Long.compareUnsigned(b.umax, right.umax()) < 0 ? b.umax : right.umax();
    int most32 = Integer.compareUnsigned(b.u32max, right.u32max()) < 0 ? b.u32max : right.u32max();
    b.unbound32();
    b.unbound64();
    b.umax = most;
    b.u32max = most32;
  }

  private static void or(Bounds b, ScalarRange right) {
    b.bits = b.bits.or(right.bits());
    long least = Long.compareUnsigned(b.umin, right.umin()) > 0 ? b.umin : right.umin();
    int least32 = Integer.compareUnsigned(b.u32min, right.u32min()) > 0 ? b.u32min : right.u32min();
    b.unbound32();
    b.unbound64();
    b.umin = least;
    b.u32min = least32;
  }

  private static void xor(Bounds b, ScalarRange right) {
    b.bits = b.bits.xor(right.bits());
    b.unbound32();
    b.unbound64();
  }

  private static void shiftLeft(Bounds b, int bits, boolean is32) {
    if (is32) {
      b.bits = b.bits.low32().shiftedLeft(bits).low32();
      shiftLeft32(b, bits);
      return;
    }
    b.bits = b.bits.shiftedLeft(bits);
    boolean fits = bits == 0 || b.umax >>> (64 - bits) == 0;
    long low = b.umin << bits;
    long high = b.umax << bits;
    long signedLow = (long) b.s32min << 32;
    long signedHigh = (long) b.s32max << 32;
    shiftLeft32(b, bits);
    b.unbound64();
    if (fits) {
      b.umin = low;
      b.umax = high;
    }
    if (bits == 32) {
      // Compilers sign-extend by << 32 and s>> 32: the low half, signed, moves up.
      b.smin = signedLow;
      b.smax = signedHigh;
    }
  }

  private static void shiftLeft32(Bounds b, int bits) {
    boolean fits = bits == 0 || bits < 32 && b.u32max >>> (32 - bits) == 0;
    int low = b.u32min << bits;
    int high = b.u32max << bits;
    b.unbound32();
    if (fits) {
      b.u32min = low;
      b.u32max = high;
    }
  }

  private static void shiftRight(Bounds b, int bits, boolean is32) {
    if (is32) {
      b.bits = b.bits.low32().shiftedRight(bits);
      int low = b.u32min >>> bits;
      int high = b.u32max >>> bits;
      b.unbound32();
      b.u32min = low;
      b.u32max = high;
      return;
    }
    b.bits = b.bits.shiftedRight(bits);
    long low = b.umin >>> bits;
    long high = b.umax >>> bits;
    b.unbound32();
    b.unbound64();
    b.umin = low;
    b.umax = high;
  }

  private static void shiftRightSigned(Bounds b, int bits, boolean is32) {
    if (is32) {
      b.bits = b.bits.shiftedRightSigned32(bits);
      int low = b.s32min >> bits;
      int high = b.s32max >> bits;
      b.unbound32();
      b.s32min = low;
      b.s32max = high;
      return;
    }
    b.bits = b.bits.shiftedRightSigned(bits);
    long low = b.smin >> bits;
    long high = b.smax >> bits;
    b.unbound32();
    b.unbound64();
    b.smin = low;
    b.smax = high;
  }
}
