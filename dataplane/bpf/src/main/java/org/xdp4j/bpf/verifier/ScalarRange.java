package org.xdp4j.bpf.verifier;

/**
 * What is known of a number: its bits, and its least and greatest value as an unsigned and a signed
 * number of 64 bits ({@code umin} to {@code umax}, {@code smin} to {@code smax}), and the same of
 * its low 32 bits. Unsigned bounds are kept in signed Java types.
 */
record ScalarRange(
    Tnum bits,
    long umin,
    long umax,
    long smin,
    long smax,
    int u32min,
    int u32max,
    int s32min,
    int s32max) {

  /** Any number. */
  static final ScalarRange UNKNOWN =
      new ScalarRange(
          Tnum.UNKNOWN,
          0,
          -1L,
          Long.MIN_VALUE,
          Long.MAX_VALUE,
          0,
          -1,
          Integer.MIN_VALUE,
          Integer.MAX_VALUE);

  static final ScalarRange ZERO = makeConstant(0);

  private static final ScalarRange UNSIGNED_8 = UNKNOWN.truncated(1);
  private static final ScalarRange UNSIGNED_16 = UNKNOWN.truncated(2);
  private static final ScalarRange UNSIGNED_32 = UNKNOWN.truncated(4);

  /** Exactly {@code value}. */
  static ScalarRange constant(long value) {
    return value == 0 ? ZERO : makeConstant(value);
  }

  private static ScalarRange makeConstant(long value) {
    int low = (int) value;
    return new ScalarRange(Tnum.constant(value), value, value, value, value, low, low, low, low);
  }

  /** The finished form of {@code b}, which is {@code before} when nothing else became known. */
  static ScalarRange of(Bounds b, ScalarRange before) {
    return before.isSame(b) ? before : of(b);
  }

  private boolean isSame(Bounds b) {
    return umin == b.umin
        && umax == b.umax
        && smin == b.smin
        && smax == b.smax
        && u32min == b.u32min
        && u32max == b.u32max
        && s32min == b.s32min
        && s32max == b.s32max
        && bits.value() == b.bits.value()
        && bits.mask() == b.bits.mask();
  }

  /** The finished form of {@code b}. */
  static ScalarRange of(Bounds b) {
    return new ScalarRange(
        b.bits, b.umin, b.umax, b.smin, b.smax, b.u32min, b.u32max, b.s32min, b.s32max);
  }

  /** Any number that {@code bytes} bytes can hold, zero-extended. */
  static ScalarRange unsigned(int bytes) {
    return switch (bytes) {
      case 1 -> UNSIGNED_8;
      case 2 -> UNSIGNED_16;
      case 4 -> UNSIGNED_32;
      default -> UNKNOWN.truncated(bytes);
    };
  }

  /** Compared by plain code, being compared all the time: a record's own is slow to link. */
  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof ScalarRange range
            && umin == range.umin
            && umax == range.umax
            && smin == range.smin
            && smax == range.smax
            && u32min == range.u32min
            && u32max == range.u32max
            && s32min == range.s32min
            && s32max == range.s32max
            && bits.equals(range.bits);
  }

  @Override
  public int hashCode() {
    long hash = bits.value() * 31 + bits.mask();
    hash = (hash * 31 + umin) * 31 + umax;
    hash = (hash * 31 + smin) * 31 + smax;
    hash = (hash * 31 + u32min) * 31 + u32max;
    return Long.hashCode((hash * 31 + s32min) * 31 + s32max);
  }

  boolean isConstant() {
    return bits.isConstant();
  }

  /** Whether it is known to be {@code value}. */
  boolean is(long value) {
    return bits.isConstant() && bits.value() == value;
  }

  /** The value, when {@link #isConstant}. */
  long value() {
    return bits.value();
  }

  /** Whether its low 32 bits are known. */
  boolean isConstant32() {
    return bits.low32().isConstant();
  }

  /** Whether every value of {@code inner} is one of this, by each of the views. */
  boolean contains(ScalarRange inner) {
    return this == inner
        || Long.compareUnsigned(umin, inner.umin) <= 0
            && Long.compareUnsigned(umax, inner.umax) >= 0
            && smin <= inner.smin
            && smax >= inner.smax
            && Integer.compareUnsigned(u32min, inner.u32min) <= 0
            && Integer.compareUnsigned(u32max, inner.u32max) >= 0
            && s32min <= inner.s32min
            && s32max >= inner.s32max
            && bits.contains(inner.bits);
  }

  /** Whether {@code word} may be its value. */
  boolean contains(long word) {
    int low = (int) word;
    return bits.contains(word)
        && Long.compareUnsigned(umin, word) <= 0
        && Long.compareUnsigned(umax, word) >= 0
        && smin <= word
        && word <= smax
        && Integer.compareUnsigned(u32min, low) <= 0
        && Integer.compareUnsigned(u32max, low) >= 0
        && s32min <= low
        && low <= s32max;
  }

  /** Whether the upper 32 bits are known to be zero. */
  boolean fitsUnsigned32() {
    return umax >>> 32 == 0;
  }

  /** Whether it is known to be below {@code 2^bits}. */
  boolean fitsUnsigned(int width) {
    return width >= 64 || umax >>> width == 0;
  }

  /** Its low {@code bytes} bytes, zero-extended. */
  ScalarRange truncated(int bytes) {
    if (bytes >= 8) {
      return this;
    }
    Bounds b = new Bounds(this);
    long limit = (1L << bytes * 8) - 1;
    b.bits = bits.truncated(bytes);
    if ((umin & ~limit) == (umax & ~limit)) {
      b.umin = umin & limit;
      b.umax = umax & limit;
    } else {
      b.umin = 0;
      b.umax = limit;
    }
    b.smin = b.umin;
    b.smax = b.umax;
    if (bytes < 4) {
      b.unbound32();
    }
    b.sync();
    return of(b);
  }

  /** Its low 32 bits, zero-extended. */
  ScalarRange zeroExtended32() {
    if (fitsUnsigned32() && umin >= 0) {
      return this;
    }
    Bounds b = new Bounds(this);
    b.zeroExtend32();
    b.sync();
    return of(b);
  }

  /** Its low {@code width} bits (8, 16 or 32), sign-extended to 64. */
  ScalarRange signExtended(int width) {
    int shift = 64 - width;
    Bounds b = new Bounds(this);
    long low = smin << shift >> shift;
    long high = smax << shift >> shift;
    if (smin >> width - 1 == smax >> width - 1 && low <= high) {
      // Both ends lie in the same window of 2^(width-1), so extension keeps their order.
      b.smin = low;
      b.smax = high;
    } else {
      b.smin = -1L << width - 1;
      b.smax = (1L << width - 1) - 1;
    }
    if (width == 32) {
      b.smin = Math.max(b.smin, s32min);
      b.smax = Math.min(b.smax, s32max);
    }
    b.bits = new Tnum(bits.value() << shift >> shift, bits.mask() << shift >> shift);
    b.umin = 0;
    b.umax = -1L;
    if (width < 32) {
      b.unbound32();
    }
    b.sync();
    return of(b);
  }

  /** How messages say it: a constant, or its bounds. */
  @Override
  public String toString() {
    if (isConstant()) {
      return Long.toString(value());
    }
    if (equals(UNKNOWN)) {
      return "any number";
    }
    if (smin >= 0) {
      return smin + " to " + smax;
    }
    if (smin == Long.MIN_VALUE && smax == Long.MAX_VALUE) {
      return umax == -1L
          ? "any number from " + Long.toUnsignedString(umin) + " up"
          : Long.toUnsignedString(umin) + " to " + Long.toUnsignedString(umax);
    }
    return text(smin) + " to " + text(smax);
  }

  private static String text(long bound) {
    if (bound == Long.MIN_VALUE) {
      return "-2^63";
    }
    return bound == Long.MAX_VALUE ? "2^63-1" : Long.toString(bound);
  }
}
