package org.xdp4j.bpf.verifier;

/**
 * A scalar being worked out: what is known of its bits, and its least and greatest value read as
 * unsigned and signed, as 64 bits and as its low 32 bits. The five views are kept in step by {@link
 * #sync}. Mutable; {@link ScalarRange} is the finished, immutable form.
 */
final class Bounds {
  private static final long HIGH = ~0xffffffffL;

  Tnum bits;
  long umin;
  long umax;
  long smin;
  long smax;
  int u32min;
  int u32max;
  int s32min;
  int s32max;

  Bounds(ScalarRange from) {
    bits = from.bits();
    umin = from.umin();
    umax = from.umax();
    smin = from.smin();
    smax = from.smax();
    u32min = from.u32min();
    u32max = from.u32max();
    s32min = from.s32min();
    s32max = from.s32max();
  }

  /** Forgets the ranges of the low 32 bits. */
  void unbound32() {
    u32min = 0;
    u32max = -1;
    s32min = Integer.MIN_VALUE;
    s32max = Integer.MAX_VALUE;
  }

  /** Forgets the ranges of all 64 bits. */
  void unbound64() {
    umin = 0;
    umax = -1L;
    smin = Long.MIN_VALUE;
    smax = Long.MAX_VALUE;
  }

  /** Makes it the zero extension of what its low 32 bits are known to be. */
  void zeroExtend32() {
    bits = bits.low32();
    umin = u32min & 0xffffffffL;
    umax = u32max & 0xffffffffL;
    smin = umin;
    smax = umax;
  }

  void atLeastUnsigned(long bound) {
    if (Long.compareUnsigned(bound, umin) > 0) {
      umin = bound;
    }
  }

  void atMostUnsigned(long bound) {
    if (Long.compareUnsigned(bound, umax) < 0) {
      umax = bound;
    }
  }

  void atLeastSigned(long bound) {
    smin = Math.max(smin, bound);
  }

  void atMostSigned(long bound) {
    smax = Math.min(smax, bound);
  }

  void atLeastUnsigned32(int bound) {
    if (Integer.compareUnsigned(bound, u32min) > 0) {
      u32min = bound;
    }
  }

  void atMostUnsigned32(int bound) {
    if (Integer.compareUnsigned(bound, u32max) < 0) {
      u32max = bound;
    }
  }

  void atLeastSigned32(int bound) {
    s32min = Math.max(s32min, bound);
  }

  void atMostSigned32(int bound) {
    s32max = Math.min(s32max, bound);
  }

  /** Lets each view learn from the others. */
  void sync() {
    learnFromBits();
    deduce();
    deduce();
    deduce();
    teachBits();
    learnFromBits();
  }

  /** Whether no value is left: the path that needs one cannot be taken. */
  boolean isEmpty() {
    return Long.compareUnsigned(umin, umax) > 0
        || smin > smax
        || Integer.compareUnsigned(u32min, u32max) > 0
        || s32min > s32max;
  }

  private void learnFromBits() {
    long free = bits.mask();
    atLeastUnsigned(bits.value());
    atMostUnsigned(bits.value() | free);
    atLeastSigned(bits.value() | free & Long.MIN_VALUE);
    atMostSigned(bits.value() | free & Long.MAX_VALUE);
    int value = (int) bits.value();
    int free32 = (int) free;
    atLeastUnsigned32(value);
    atMostUnsigned32(value | free32);
    atLeastSigned32(value | free32 & Integer.MIN_VALUE);
    atMostSigned32(value | free32 & Integer.MAX_VALUE);
  }

  private void deduce() {
    deduce32From64();
    deduce32();
    deduce64();
    deduce64From32();
  }

  /** The low halves are bounded where the high halves are the same at both ends. */
  private void deduce32From64() {
    narrow32(umin, umax);
    narrow32(smin, smax);
  }

  private void narrow32(long low, long high) {
    if (low >>> 32 == high >>> 32) {
      int low32 = (int) low;
      int high32 = (int) high;
      if (Integer.compareUnsigned(low32, high32) <= 0) {
        atLeastUnsigned32(low32);
        atMostUnsigned32(high32);
      }
      if (low32 <= high32) {
        atLeastSigned32(low32);
        atMostSigned32(high32);
      }
    } else if ((int) (low >>> 32) + 1 == (int) (high >>> 32) && (int) low < 0 && (int) high >= 0) {
      // Crosses one multiple of 2^32, from a negative low half to one that is not.
      atLeastSigned32((int) low);
      atMostSigned32((int) high);
    }
  }

  private void deduce32() {
    if (u32min <= u32max && u32min < 0 == u32max < 0) {
      atLeastSigned32(u32min);
      atMostSigned32(u32max);
    }
    if (Integer.compareUnsigned(s32min, s32max) <= 0) {
      atLeastUnsigned32(s32min);
      atMostUnsigned32(s32max);
    } else if (Integer.compareUnsigned(u32max, s32min) < 0) {
      atLeastSigned32(u32min);
      atMostUnsigned32(s32max);
    } else if (Integer.compareUnsigned(s32max, u32min) < 0) {
      atMostSigned32(u32max);
      atLeastUnsigned32(s32min);
    }
  }

  private void deduce64() {
    if (umin <= umax && umin < 0 == umax < 0) {
      atLeastSigned(umin);
      atMostSigned(umax);
    }
    if (Long.compareUnsigned(smin, smax) <= 0) {
      atLeastUnsigned(smin);
      atMostUnsigned(smax);
    } else if (Long.compareUnsigned(umax, smin) < 0) {
      // Only the values from 0 up are in both views.
      atLeastSigned(umin);
      atMostUnsigned(smax);
    } else if (Long.compareUnsigned(smax, umin) < 0) {
      // Only the negative values are in both views.
      atMostSigned(umax);
      atLeastUnsigned(smin);
    }
  }

  /** The 64-bit ends are tightened by what their low halves can be. */
  private void deduce64From32() {
    long low = u32min & 0xffffffffL;
    long high = u32max & 0xffffffffL;
    atLeastUnsigned(umin & HIGH | low);
    atMostUnsigned(umax & HIGH | high);
    atLeastSigned(smin & HIGH | low);
    atMostSigned(smax & HIGH | high);
    if (smin >= Integer.MIN_VALUE && smax <= Integer.MAX_VALUE) {
      atLeastSigned(s32min);
      atMostSigned(s32max);
    }
  }

  private void teachBits() {
    Tnum whole = bits.intersect(Tnum.range(umin, umax));
    Tnum low = whole.low32().intersect(Tnum.range(u32min & 0xffffffffL, u32max & 0xffffffffL));
    bits = whole.withLow32(low);
  }
}
