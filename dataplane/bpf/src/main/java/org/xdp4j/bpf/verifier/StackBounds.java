package org.xdp4j.bpf.verifier;

/** Whether an access through a stack pointer stays within the 512 bytes of its frame. */
final class StackBounds {
  private final Verification v;

  StackBounds(Verification v) {
    this.v = v;
  }

  /** A bit for each slot that bytes {@code low} (inclusive) to {@code high} from r10 touch. */
  static long slots(int low, int high) {
    long slots = 0;
    for (int slot = Frame.slotOf(high - 1); slot <= Frame.slotOf(low); slot++) {
      slots |= 1L << slot;
    }
    return slots;
  }

  void checkAligned(int register, RegisterState pointer, int offset, int size)
      throws VerifierException {
    Tnum place = pointer.range().bits().plus(Tnum.constant((long) pointer.offset() + offset));
    if (!place.isAligned(size)) {
      throw v.refuse(
          "r"
              + register
              + " is "
              + pointer.describe()
              + "; an access of "
              + size
              + (size == 1 ? " byte at offset " : " bytes at offset ")
              + offset
              + " from it is not aligned, as the stack needs it");
    }
  }

  /**
   * Checks an access of {@code size} bytes (0 up), which begins on the stack even when it has none
   * (kernel: check_stack_access_within_bounds).
   */
  void checkWithin(int register, RegisterState pointer, int offset, long size, boolean write)
      throws VerifierException {
    ScalarRange range = pointer.range();
    if (range.smax() >= VerifierLimits.VARIABLE_OFFSET
        || range.smin() <= -VerifierLimits.VARIABLE_OFFSET) {
      throw v.refuse(
          Cause.UNBOUNDED_INDEX,
          register,
          is(register, pointer)
              + "; a "
              + what(write, size, offset)
              + " has no bounds: check the index before using it");
    }
    long low = range.smin() + pointer.offset() + offset;
    long high = range.smax() + pointer.offset() + offset + size;
    if (low < -VerifierLimits.STACK) {
      throw v.refuse(
          Cause.STACK_BOUNDS,
          register,
          is(register, pointer)
              + "; a "
              + what(write, size, offset)
              + " from it begins at fp - "
              + -low
              + ", but a stack has only "
              + VerifierLimits.STACK
              + " bytes");
    }
    if (low >= 0 || high > 0) {
      throw v.refuse(
          Cause.STACK_BOUNDS,
          register,
          is(register, pointer)
              + "; a "
              + what(write, size, offset)
              + " from it "
              + (high > 0 ? "ends " + high + " bytes above" : "begins at")
              + " the frame's top (fp)");
    }
  }

  private static String is(int register, RegisterState pointer) {
    return "r" + register + " is " + pointer.describe();
  }

  private static String what(boolean write, long size, int offset) {
    return (write ? "store" : "load")
        + " of "
        + size
        + (size == 1 ? " byte at offset " : " bytes at offset ")
        + offset;
  }
}
