package org.xdp4j.engine.capture;

import java.io.Serializable;
import java.math.BigInteger;

/**
 * The unit timestamps are counted in: {@code base^-exponent} seconds, base 10 or 2 ({@code
 * if_tsresol}).
 *
 * @param binary whether the base is 2
 * @param exponent 0 to 127
 */
public record TimestampResolution(boolean binary, int exponent) implements Serializable {
  public static final TimestampResolution MICRO = new TimestampResolution(false, 6);
  public static final TimestampResolution NANO = new TimestampResolution(false, 9);

  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final int NANO_EXPONENT = 9;
  private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);

  /** From the octet of an {@code if_tsresol} option: the top bit says base 2. */
  public static TimestampResolution ofOption(int octet) {
    return new TimestampResolution((octet & 0x80) != 0, octet & 0x7f);
  }

  /**
   * Converts a timestamp to nanoseconds since 1970.
   *
   * @param units unsigned count of units
   * @return nanoseconds, rounded down; {@link Long#MAX_VALUE} when they do not fit
   */
  public long toNanos(long units, long offsetSeconds) {
    if (!binary && offsetSeconds == 0) {
      if (exponent == NANO_EXPONENT && units >= 0) {
        return units;
      }
      if (exponent == 6 && units >= 0 && units <= Long.MAX_VALUE / 1000) {
        return units * 1000;
      }
    }
    return exactNanos(units, offsetSeconds);
  }

  private long exactNanos(long units, long offsetSeconds) {
    BigInteger count = new BigInteger(Long.toUnsignedString(units));
    BigInteger nanos = count.multiply(BigInteger.valueOf(NANOS_PER_SECOND));
    nanos = binary ? nanos.shiftRight(exponent) : nanos.divide(BigInteger.TEN.pow(exponent));
    nanos =
        nanos.add(BigInteger.valueOf(offsetSeconds).multiply(BigInteger.valueOf(NANOS_PER_SECOND)));
    return nanos.min(LONG_MAX).max(LONG_MAX.negate()).longValueExact();
  }

  /** The unit in words, such as {@code 10^-6 s}. */
  @Override
  public String toString() {
    return (binary ? "2^-" : "10^-") + exponent + " s";
  }
}
