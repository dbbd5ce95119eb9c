package org.xdp4j.bpf.verifier;

/**
 * The claims that tie values to each other: numbers of one id are equal but for a constant, packet
 * pointers of one id come from one base, nullable pointers of one id are NULL together.
 */
final class ClaimLinks {
  private RegisterState[] claims = new RegisterState[32];
  private long[] values = new long[32];
  private int size;

  void reset() {
    size = 0;
  }

  /** Adds a value, and says what it contradicts, or null. */
  String add(RegisterState claim, long value) {
    if (claim.id() == 0) {
      return null;
    }
    for (int i = 0; i < size; i++) {
      if (claims[i].id() == claim.id() && !agree(claims[i], values[i], claim, value)) {
        return "0x%x and 0x%x are said to have one id: %s (%+d), %s (%+d)"
            .formatted(
                values[i],
                value,
                claims[i].describe(),
                claims[i].offset(),
                claim.describe(),
                claim.offset());
      }
    }
    if (size == claims.length) {
      claims = java.util.Arrays.copyOf(claims, size * 2);
      values = java.util.Arrays.copyOf(values, size * 2);
    }
    claims[size] = claim;
    values[size++] = value;
    return null;
  }

  private static boolean agree(RegisterState a, long first, RegisterState b, long second) {
    if (a.isScalar() && b.isScalar()) {
      return a.linked32() || b.linked32()
          ? agree32(a, first, b, second)
          : base(a, first) == base(b, second);
    }
    if (a.nullable() && b.nullable()) {
      return (first == 0) == (second == 0);
    }
    if (a.kind().isPacket() && a.kind() == b.kind()) {
      return first - a.offset() == second - b.offset();
    }
    return true;
  }

  /** What the claim says the others of its id are, if they are no sums. */
  private static long base(RegisterState claim, long value) {
    return claim.linkedByAdd() ? value - claim.offset() : value;
  }

  /** Sums of 32 bits have no upper half, nor has the number they are sums of. */
  private static boolean agree32(RegisterState a, long first, RegisterState b, long second) {
    if (!a.linked32()) {
      return agree32(b, second, a, first);
    }
    if (!b.linked32()) {
      return isLow(base(b, second)) && first == low(base(b, second) + a.offset());
    }
    return isLow(first) && isLow(second) && low(base(a, first)) == low(base(b, second));
  }

  private static boolean isLow(long value) {
    return value == low(value);
  }

  private static long low(long value) {
    return value & 0xffff_ffffL;
  }
}
