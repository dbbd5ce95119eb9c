package org.xdp4j.bpf.text;

import java.math.BigInteger;
import java.util.regex.Pattern;

/** Integers as text, and as bits in memory. */
final class Numbers {
  private static final Pattern DECIMAL = Pattern.compile("[-+]?[0-9][0-9_]*");
  private static final Pattern HEX = Pattern.compile("[-+]?0[xX][0-9A-Fa-f_]+");
  private static final int MOST_DIGITS = 64;

  private Numbers() {}

  /** The integer, or null when the text is none. */
  static BigInteger parse(String text) {
    if (text.length() > MOST_DIGITS) {
      return null;
    }
    String plain = text.replace("_", "");
    if (DECIMAL.matcher(text).matches()) {
      return new BigInteger(plain);
    }
    if (HEX.matcher(text).matches()) {
      String digits = plain.replaceFirst("0[xX]", "");
      return digits.matches("[-+]?") ? null : new BigInteger(digits, 16);
    }
    return null;
  }

  /** Whether {@code number} has a place in {@code bits} bits, signed or unsigned. */
  static boolean fits(BigInteger number, int bits, boolean signed) {
    return signed ? number.bitLength() < bits : number.signum() >= 0 && number.bitLength() <= bits;
  }

  /** Stores the lowest {@code bits} bits of {@code number}, little-endian, from {@code bit} on. */
  static void store(byte[] into, long bit, int bits, BigInteger number) {
    for (int i = 0; i < bits; i++) {
      int at = (int) ((bit + i) / Byte.SIZE);
      int mask = 1 << (int) ((bit + i) % Byte.SIZE);
      into[at] = (byte) (number.testBit(i) ? into[at] | mask : into[at] & ~mask);
    }
  }

  /** The same number with its lowest {@code bytes} bytes in the other order. */
  static BigInteger swap(BigInteger number, int bytes) {
    BigInteger swapped = BigInteger.ZERO;
    for (int i = 0; i < bytes; i++) {
      BigInteger part = number.shiftRight(i * Byte.SIZE).and(BigInteger.valueOf(0xff));
      swapped = swapped.shiftLeft(Byte.SIZE).or(part);
    }
    return swapped;
  }
}
