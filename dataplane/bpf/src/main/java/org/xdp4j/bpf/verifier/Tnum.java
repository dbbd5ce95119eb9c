package org.xdp4j.bpf.verifier;

/**
 * A tristate number: what is known of each bit of a 64-bit word. Where a bit of {@code mask} is
 * set, that bit may be 0 or 1; where it is clear, the bit is that of {@code value}. The two never
 * have a bit in common, so equal knowledge is equal records.
 *
 * <p>Each operation answers with a number that contains the result of the operation on any two
 * words its operands contain.
 */
record Tnum(long value, long mask) {
  @Override
  public boolean equals(Object other) {
    return other instanceof Tnum tnum && value == tnum.value && mask == tnum.mask;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(value * 31 + mask);
  }

  /** Nothing is known. */
  static final Tnum UNKNOWN = new Tnum(0, -1L);

  /** Exactly {@code value}. */
  static Tnum constant(long value) {
    return new Tnum(value, 0);
  }

  /** The smallest number that contains every unsigned word from {@code min} to {@code max}. */
  static Tnum range(long min, long max) {
    long differing = min ^ max;
    if (differing < 0) {
      return UNKNOWN;
    }
    long free = (1L << (64 - Long.numberOfLeadingZeros(differing))) - 1;
    return new Tnum(min & ~free, free);
  }

  boolean isConstant() {
    return mask == 0;
  }

  /** Whether {@code word} is one of the words this may be. */
  boolean contains(long word) {
    return ((word ^ value) & ~mask) == 0;
  }

  /** Whether every word that {@code inner} may be is one this may be. */
  boolean contains(Tnum inner) {
    return (inner.mask & ~mask) == 0 && ((inner.value ^ value) & ~mask) == 0;
  }

  /** Whether some word is in both. */
  boolean overlaps(Tnum other) {
    return ((value ^ other.value) & ~mask & ~other.mask) == 0;
  }

  Tnum plus(Tnum other) {
    long masks = mask + other.mask;
    long values = value + other.value;
    long free = masks + values ^ values | mask | other.mask;
    return new Tnum(values & ~free, free);
  }

  Tnum minus(Tnum other) {
    long difference = value - other.value;
    long high = difference + mask;
    long low = difference - other.mask;
    long free = high ^ low | mask | other.mask;
    return new Tnum(difference & ~free, free);
  }

  Tnum negated() {
    return constant(0).minus(this);
  }

  Tnum and(Tnum other) {
    long maybe = (value | mask) & (other.value | other.mask);
    long surely = value & other.value;
    return new Tnum(surely, maybe & ~surely);
  }

  Tnum or(Tnum other) {
    long surely = value | other.value;
    return new Tnum(surely, (mask | other.mask) & ~surely);
  }

  Tnum xor(Tnum other) {
    long free = mask | other.mask;
    return new Tnum((value ^ other.value) & ~free, free);
  }

  /**
   * The product: the known parts multiplied, plus one uncertain summand for each unknown bit of
   * this number (after "Sound, Precise, and Fast Abstract Interpretation with Tristate Numbers",
   * CGO 2022).
   */
  Tnum times(Tnum other) {
    Tnum sum = new Tnum(0, 0);
    long known = value * other.value;
    long restValue = value;
    long restMask = mask;
    Tnum shifted = other;
    while (restValue != 0 || restMask != 0) {
      if ((restValue & 1) != 0) {
        sum = sum.plus(new Tnum(0, shifted.mask));
      } else if ((restMask & 1) != 0) {
        sum = sum.plus(new Tnum(0, shifted.value | shifted.mask));
      }
      restValue >>>= 1;
      restMask >>>= 1;
      shifted = shifted.shiftedLeft(1);
    }
    return constant(known).plus(sum);
  }

  Tnum shiftedLeft(int bits) {
    return new Tnum(value << bits, mask << bits);
  }

  Tnum shiftedRight(int bits) {
    return new Tnum(value >>> bits, mask >>> bits);
  }

  /** Arithmetic shift right: an unknown sign bit makes every copy of it unknown. */
  Tnum shiftedRightSigned(int bits) {
    return new Tnum(value >> bits, mask >> bits);
  }

  /** The arithmetic shift of the low 32 bits, zero-extended. */
  Tnum shiftedRightSigned32(int bits) {
    return new Tnum((int) value >> bits & 0xffffffffL, (int) mask >> bits & 0xffffffffL);
  }

  /** What is known when both are known of the same word; a clash of known bits keeps ones. */
  Tnum intersect(Tnum other) {
    long free = mask & other.mask;
    return new Tnum((value | other.value) & ~free, free);
  }

  /** The low {@code bytes} bytes, the others zero. */
  Tnum truncated(int bytes) {
    if (bytes >= 8) {
      return this;
    }
    long keep = (1L << bytes * 8) - 1;
    return new Tnum(value & keep, mask & keep);
  }

  /** The low 32 bits, zero-extended. */
  Tnum low32() {
    return truncated(4);
  }

  /** The high 32 bits in place, the low ones zero. */
  Tnum withoutLow32() {
    return new Tnum(value & ~0xffffffffL, mask & ~0xffffffffL);
  }

  /** This with its low 32 bits replaced by those of {@code low}. */
  Tnum withLow32(Tnum low) {
    return withoutLow32().or(low.low32());
  }

  /** Whether it contains only multiples of {@code size}, a power of two. */
  boolean isAligned(int size) {
    return ((value | mask) & size - 1) == 0;
  }

  @Override
  public String toString() {
    return isConstant()
        ? "0x" + Long.toHexString(value)
        : "(0x" + Long.toHexString(value) + "; 0x" + Long.toHexString(mask) + ")";
  }
}
