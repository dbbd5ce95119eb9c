package org.xdp4j.bpf.compiler;

/**
 * Division as RFC 9669 section 4.1 has it: by zero it gives 0, its remainder the dividend. Called
 * by generated code; with a constant divisor what is left of it after inlining is a multiplication.
 */
final class Arithmetic {
  private Arithmetic() {}

  static long divide(long dividend, long divisor) {
    return divisor == 0
        ? 0
        : (dividend | divisor) >= 0 ? dividend / divisor : Long.divideUnsigned(dividend, divisor);
  }

  static long remainder(long dividend, long divisor) {
    return divisor == 0
        ? dividend
        : (dividend | divisor) >= 0
            ? dividend % divisor
            : Long.remainderUnsigned(dividend, divisor);
  }

  static long divideSigned(long dividend, long divisor) {
    return divisor == 0 ? 0 : dividend / divisor;
  }

  static long remainderSigned(long dividend, long divisor) {
    return divisor == 0 ? dividend : dividend % divisor;
  }

  static int divide(int dividend, int divisor) {
    return divisor == 0
        ? 0
        : (int) (Integer.toUnsignedLong(dividend) / Integer.toUnsignedLong(divisor));
  }

  static int remainder(int dividend, int divisor) {
    return divisor == 0
        ? dividend
        : (int) (Integer.toUnsignedLong(dividend) % Integer.toUnsignedLong(divisor));
  }

  static int divideSigned(int dividend, int divisor) {
    return divisor == 0 ? 0 : dividend / divisor;
  }

  static int remainderSigned(int dividend, int divisor) {
    return divisor == 0 ? dividend : dividend % divisor;
  }
}
