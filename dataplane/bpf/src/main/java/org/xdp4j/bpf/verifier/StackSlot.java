package org.xdp4j.bpf.verifier;

/**
 * Eight bytes of a stack: of what kind each byte is, and the register spilled there. Immutable, so
 * states share it; the kinds are those of {@link Frame}.
 *
 * @param kinds a byte a kind, that of the lowest address lowest
 * @param spilled the register whose low bytes are held by the bytes that are {@link Frame#SPILL},
 *     from the lowest address up; null where that one is not
 * @param object what all of it is a part of when its bytes are {@link Frame#OBJECT}, else null
 */
record StackSlot(long kinds, RegisterState spilled, StackObject object) {
  private static final long EVERY_BYTE = 0x0101010101010101L;

  /** Never written. */
  static final StackSlot INVALID = new StackSlot(EVERY_BYTE * Frame.INVALID, null, null);

  private static final StackSlot MISC = new StackSlot(EVERY_BYTE * Frame.MISC, null, null);
  private static final StackSlot ZERO = new StackSlot(EVERY_BYTE * Frame.ZERO, null, null);

  private static StackSlot of(long kinds, RegisterState spilled) {
    if (spilled != null && kindOf(kinds, 0) == Frame.SPILL) {
      return new StackSlot(kinds, spilled, null);
    }
    return kinds == MISC.kinds
        ? MISC
        : kinds == ZERO.kinds ? ZERO : new StackSlot(kinds, null, null);
  }

  /** All of it a part of {@code object}. */
  static StackSlot of(StackObject object) {
    return new StackSlot(EVERY_BYTE * Frame.OBJECT, null, object);
  }

  private static int kindOf(long kinds, int index) {
    return (int) (kinds >>> index * 8) & 0xff;
  }

  private static long withKind(long kinds, int index, int kind) {
    int shift = index * 8;
    return kinds & ~(0xffL << shift) | (long) kind << shift;
  }

  /** The kind of byte {@code index}, 0 to 7. */
  int kind(int index) {
    return kindOf(kinds, index);
  }

  /** How many of the low bytes of a spilled register it holds. */
  int spilledBytes() {
    int count = 0;
    while (count < 8 && kind(count) == Frame.SPILL) {
      count++;
    }
    return count;
  }

  /** Whether all of it is a spilled register of 8 bytes. */
  boolean isWholeSpill() {
    return kinds == EVERY_BYTE * Frame.SPILL;
  }

  /** What loading all of it gives when that is a number, else null. */
  RegisterState wholeScalar() {
    if (isWholeSpill()) {
      return spilled.isScalar() ? spilled : null;
    }
    for (int i = 0; i < 8; i++) {
      if (kind(i) != Frame.INVALID && kind(i) != Frame.MISC) {
        return null;
      }
    }
    return RegisterState.UNKNOWN;
  }

  /** With the low {@code size} bytes of {@code value} stored from the lowest byte up. */
  StackSlot spill(RegisterState value, int size) {
    long changed = kinds;
    for (int i = 0; i < 8; i++) {
      if (i < size) {
        changed = withKind(changed, i, Frame.SPILL);
      } else if (kindOf(changed, i) == Frame.SPILL) {
        changed = withKind(changed, i, Frame.MISC);
      }
    }
    return new StackSlot(changed, value, null);
  }

  /** With another register spilled there, its bytes staying as they are. */
  StackSlot withSpilled(RegisterState value) {
    return value == spilled ? this : new StackSlot(kinds, value, null);
  }

  /** With byte {@code index} of another kind. */
  StackSlot withKind(int index, int kind) {
    long changed = withKind(kinds, index, kind);
    return changed == kinds ? this : of(changed, spilled);
  }

  /** With what is left of a spilled register turned into bytes of which nothing is known. */
  StackSlot withoutSpill() {
    long changed = kinds;
    for (int i = 0; i < 8; i++) {
      if (kindOf(changed, i) == Frame.SPILL) {
        changed = withKind(changed, i, Frame.MISC);
      }
    }
    return changed == kinds ? this : of(changed, null);
  }
}
