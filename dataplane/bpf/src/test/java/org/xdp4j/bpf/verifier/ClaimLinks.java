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
      long distance =
          first
              - (a.linkedByAdd() ? a.offset() : 0)
              - (second - (b.linkedByAdd() ? b.offset() : 0));
      return a.linked32() || b.linked32() ? (int) distance == 0 : distance == 0;
    }
    if (a.nullable() && b.nullable()) {
      return (first == 0) == (second == 0);
    }
    if (a.kind().isPacket() && a.kind() == b.kind()) {
      return first - a.offset() == second - b.offset();
    }
    return true;
  }
}
