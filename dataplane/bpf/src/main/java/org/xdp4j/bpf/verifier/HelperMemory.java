package org.xdp4j.bpf.verifier;

import java.util.Arrays;
import org.xdp4j.bpf.helper.ArgumentKind;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

/** Whether memory that a helper reads or writes is the program's to give. */
final class HelperMemory {
  private final Verification v;
  private final MemoryBounds bounds;
  private final StackBounds stack;
  private final StackObjects objects;

  HelperMemory(Verification v, MemoryBounds bounds) {
    this.v = v;
    this.bounds = bounds;
    this.stack = new StackBounds(v);
    this.objects = new StackObjects(v);
  }

  VerifierException refuse(HelperSpec helper, int register, RegisterState value, String reason) {
    return refuse(Cause.HELPER_ARGUMENT, helper, register, value, reason);
  }

  VerifierException refuse(
      Cause cause, HelperSpec helper, int register, RegisterState value, String reason) {
    return v.refuse(
        cause,
        register,
        "r"
            + register
            + ", an argument of "
            + helper.name()
            + ", is "
            + value.describe()
            + ", "
            + reason);
  }

  /** Refuses what is no pointer to memory. */
  void checkKind(HelperSpec helper, int register, RegisterState value) throws VerifierException {
    if (value.nullable()) {
      throw refuse(
          Cause.NULL_NOT_CHECKED, helper, register, value, "and must be compared with NULL first");
    }
    checkMemory(helper, register, value);
  }

  /** Refuses what is no pointer to memory and not NULL; a pointer that may be NULL is taken. */
  void checkKindOrNull(HelperSpec helper, int register, RegisterState value)
      throws VerifierException {
    if (!value.isNull()) {
      checkMemory(helper, register, value);
    }
  }

  private void checkMemory(HelperSpec helper, int register, RegisterState value)
      throws VerifierException {
    if (!isMemory(value)) {
      Cause cause = Loss.cause(value, Cause.HELPER_ARGUMENT);
      String lost = Loss.clause(value);
      throw refuse(cause, helper, register, value, "not a pointer to memory" + lost);
    }
  }

  /** Checks memory of exactly {@code size} bytes. */
  void check(HelperSpec helper, int register, RegisterState value, int size, boolean write)
      throws VerifierException {
    checkKind(helper, register, value);
    checkBytes(register, value, ScalarRange.constant(size), write);
  }

  /** Checks memory of {@code size} bytes that a call may both read and write. */
  void checkReadWrite(HelperSpec helper, int register, RegisterState value, long size)
      throws VerifierException {
    checkKind(helper, register, value);
    checkBytes(register, value, ScalarRange.constant(size), false);
    checkBytes(register, value, ScalarRange.constant(size), true);
  }

  /** Checks memory of the size that its kind says; what is written must be aligned, too. */
  void checkFixed(HelperSpec helper, int register, RegisterState value, ArgumentKind kind)
      throws VerifierException {
    check(helper, register, value, kind.size(), kind.writes());
    boolean aligned =
        value.range().bits().plus(Tnum.constant(value.offset())).isAligned(kind.size());
    if (kind.writes() && !value.kind().isPacket() && !aligned) {
      throw refuse(helper, register, value, "not aligned to " + kind.size() + " bytes");
    }
  }

  /** Checks memory of a size that another argument gives, once its kind was found right. */
  void checkSized(
      HelperSpec helper, int register, RegisterState value, ScalarRange size, boolean write)
      throws VerifierException {
    checkMemory(helper, register, value);
    checkBytes(register, value, size, write);
  }

  /** Checks {@code size} bytes that a function may read and write as it likes. */
  void checkShared(String function, int register, RegisterState value, int size)
      throws VerifierException {
    if (!isMemory(value)) {
      throw v.refuse(
          "r%d, an argument of %s, is %s, not a pointer to memory of %d bytes"
              .formatted(register, function, value.describe(), size));
    }
    checkBytes(register, value, ScalarRange.constant(size), false);
    checkBytes(register, value, ScalarRange.constant(size), true);
  }

  private static boolean isMemory(RegisterState value) {
    return switch (value.kind()) {
      case MAP_VALUE -> value.map().type() != MapType.XSKMAP;
      case STACK, PACKET, PACKET_META, MAP_KEY -> true;
      case MEMORY -> !value.isAnyMemory();
      default -> false;
    };
  }

  private void checkBytes(int register, RegisterState value, ScalarRange size, boolean write)
      throws VerifierException {
    int most = (int) size.umax();
    if (value.kind() != RegisterKind.STACK) {
      bounds.check(register, value, 0, most, write);
      return;
    }
    stack.checkWithin(register, value, 0, most, write);
    int low = (int) value.range().smin() + value.offset();
    int high = (int) value.range().smax() + value.offset() + most;
    Frame frame = v.state.frames[value.frame()];
    v.useStack(frame, low);
    if (low == high) {
      return;
    }
    boolean exact = size.isConstant() && value.hasFixedOffset();
    if (write && StackObjects.within(frame, low, high) instanceof StackObject.Dynptr) {
      throw v.refuse(
          "r"
              + register
              + " is "
              + value.describe()
              + ", where the call could write over a dynptr");
    }
    if (write && exact) {
      overwrite(value.frame(), frame, low, high);
      return;
    }
    objects.checkReadable(frame, low, high);
    v.markRead(v.state, value.frame(), StackBounds.slots(low, high));
    if (write) {
      forget(frame, low, high);
    }
  }

  /** All bytes are written by the helper: nothing that was there is read. */
  private void overwrite(int number, Frame frame, int low, int high) throws VerifierException {
    for (int i = low; i < high; i++) {
      int slot = Frame.slotOf(i);
      objects.overwrite(frame, slot);
      if (frame.kind(i) == Frame.SPILL) {
        frame.forgetSpill(slot);
      }
      frame.set(i, Frame.MISC);
      boolean whole = (i & 7) == 0 && i + 8 <= high;
      if (whole) {
        v.state.markWritten(number, 1L << slot);
      }
    }
  }

  private static void forget(Frame frame, int low, int high) {
    for (int i = low; i < high; i++) {
      if (frame.kind(i) == Frame.SPILL) {
        frame.forgetSpill(Frame.slotOf(i));
      }
      frame.set(i, Frame.MISC);
    }
  }

  /** Checks a constant string: NUL-terminated, in read-only map data. */
  void checkString(HelperSpec helper, int register, RegisterState value) throws VerifierException {
    MapSpec map = value.map();
    boolean constant =
        value.kind() == RegisterKind.MAP_VALUE
            && !value.nullable()
            && map.data() != null
            && map.frozen()
            && value.hasFixedOffset();
    if (!constant) {
      throw refuse(helper, register, value, "not a string constant in read-only data");
    }
    bounds.check(register, value, 0, 1, false);
    for (int i = (int) value.fixedOffset(); i < map.data().length; i++) {
      if (map.data()[i] == 0) {
        return;
      }
    }
    throw refuse(helper, register, value, "a string without an end");
  }

  /** The constant string that {@link #checkString} found, without its NUL. */
  byte[] string(RegisterState value) {
    byte[] data = value.map().data();
    int start = (int) value.fixedOffset();
    int end = start;
    while (data[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(data, start, end);
  }
}
