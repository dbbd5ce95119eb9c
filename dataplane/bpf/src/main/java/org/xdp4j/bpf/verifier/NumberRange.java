package org.xdp4j.bpf.verifier;

/**
 * What the proof knows of a number at one instruction, over all paths.
 *
 * @param least the least value as an unsigned number
 * @param most the greatest value as an unsigned number
 * @param leastSigned the least value as a signed number
 * @param mostSigned the greatest value as a signed number
 * @param bits the bits that are known to be set
 * @param unknownBits the bits that are not known
 */
public record NumberRange(
    long least, long most, long leastSigned, long mostSigned, long bits, long unknownBits) {

  static NumberRange of(ScalarRange range) {
    return new NumberRange(
        range.umin(),
        range.umax(),
        range.smin(),
        range.smax(),
        range.bits().value(),
        range.bits().mask());
  }

  /** What holds of both. */
  NumberRange join(NumberRange other) {
    long unknown = unknownBits | other.unknownBits | bits ^ other.bits;
    return new NumberRange(
        Long.compareUnsigned(least, other.least) < 0 ? least : other.least,
        Long.compareUnsigned(most, other.most) > 0 ? most : other.most,
        Math.min(leastSigned, other.leastSigned),
        Math.max(mostSigned, other.mostSigned),
        bits & ~unknown,
        unknown);
  }

  /** Whether {@code value} is possible. */
  public boolean contains(long value) {
    return Long.compareUnsigned(least, value) <= 0
        && Long.compareUnsigned(value, most) <= 0
        && leastSigned <= value
        && value <= mostSigned
        && (value & ~unknownBits) == bits;
  }

  /** Whether only one value is possible. */
  public boolean isConstant() {
    return unknownBits == 0;
  }
}
