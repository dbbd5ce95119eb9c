package org.xdp4j.bpf.verifier;

/**
 * Loads from and stores to the stack, spills and fills of registers among them. What a program may
 * do is what Linux lets privileged programs do: bytes never written may be read, and are any
 * number.
 */
final class StackAccess {
  private final Verification v;
  private final StackBounds bounds;
  private final StackObjects objects;

  StackAccess(Verification v) {
    this.v = v;
    this.bounds = new StackBounds(v);
    this.objects = new StackObjects(v);
  }

  RegisterState load(int register, RegisterState pointer, int offset, int size, boolean signed)
      throws VerifierException {
    bounds.checkAligned(register, pointer, offset, size);
    bounds.checkWithin(register, pointer, offset, size, false);
    Frame frame = v.state.frames[pointer.frame()];
    RegisterState loaded;
    if (pointer.hasFixedOffset()) {
      loaded = loadFixed(pointer, frame, (int) pointer.fixedOffset() + offset, size);
    } else {
      int low = (int) pointer.range().smin() + pointer.offset() + offset;
      int high = (int) pointer.range().smax() + pointer.offset() + offset + size;
      objects.checkReadable(frame, low, high);
      v.useStack(frame, low);
      markRead(pointer.frame(), low, high);
      loaded = isZero(frame, low, high) ? RegisterState.ZERO : RegisterState.UNKNOWN;
    }
    return loaded.isScalar() && size < 8 ? narrowed(loaded, size, signed) : loaded;
  }

  /** What is left when {@code size} bytes of a spilled number are loaded. */
  private static RegisterState narrowed(RegisterState loaded, int size, boolean signed) {
    if (signed) {
      return RegisterState.scalar(loaded.range().signExtended(size * 8));
    }
    return loaded.range().fitsUnsigned(size * 8)
        ? loaded
        : RegisterState.scalar(loaded.range().truncated(size));
  }

  private RegisterState loadFixed(RegisterState pointer, Frame frame, int at, int size)
      throws VerifierException {
    int slot = Frame.slotOf(at);
    objects.checkReadable(frame, at, at + size);
    v.useStack(frame, at);
    markRead(pointer.frame(), at, at + size);
    RegisterState spilled = frame.spilled(slot);
    if (spilled == null) {
      return isZero(frame, at, at + size) ? RegisterState.ZERO : RegisterState.UNKNOWN;
    }
    int held = frame.spilledBytes(slot);
    if (size == 8 && held == 8) {
      return fill(pointer.frame(), slot, spilled);
    }
    if (!spilled.isScalar()) {
      throw v.refuse(
          "a load of "
              + size
              + " bytes at fp - "
              + -at
              + " takes a part of "
              + spilled.describe()
              + ", which was spilled there; load all 8 bytes");
    }
    if (at % 8 == 0 && size <= held) {
      RegisterState filled = fill(pointer.frame(), slot, spilled);
      return filled.range().fitsUnsigned(size * 8) ? filled : filled.unlinked();
    }
    if (spilled.range().is(0) && isSpillOnly(frame, at, size)) {
      return fill(pointer.frame(), slot, RegisterState.ZERO);
    }
    return isZero(frame, at, at + size) ? RegisterState.ZERO : RegisterState.UNKNOWN;
  }

  private RegisterState fill(int frame, int slot, RegisterState spilled) {
    v.state.history.stackFrame = frame;
    v.state.history.stackSlot = slot;
    return spilled;
  }

  private static boolean isSpillOnly(Frame frame, int at, int size) {
    for (int i = at; i < at + size; i++) {
      if (frame.kind(i) != Frame.SPILL) {
        return false;
      }
    }
    return true;
  }

  private static boolean isZero(Frame frame, int low, int high) {
    for (int i = low; i < high; i++) {
      if (frame.kind(i) != Frame.ZERO) {
        return false;
      }
    }
    return true;
  }

  private void markRead(int frame, int low, int high) {
    v.markRead(v.state, frame, StackBounds.slots(low, high));
  }

  /**
   * A store.
   *
   * @param value what is stored; null for something of which nothing is known
   * @param valueRegister the register it comes from, -1 for none
   */
  void store(
      int register,
      RegisterState pointer,
      int offset,
      int size,
      RegisterState value,
      int valueRegister)
      throws VerifierException {
    bounds.checkAligned(register, pointer, offset, size);
    bounds.checkWithin(register, pointer, offset, size, true);
    Frame frame = v.state.frames[pointer.frame()];
    if (!pointer.hasFixedOffset()) {
      int low = (int) pointer.range().smin() + pointer.offset() + offset;
      int high = (int) pointer.range().smax() + pointer.offset() + offset + size;
      v.useStack(frame, low);
      storeSomewhere(frame, low, high, value, valueRegister);
      return;
    }
    int at = (int) pointer.fixedOffset() + offset;
    v.useStack(frame, at);
    storeFixed(pointer, frame, at, size, value, valueRegister);
  }

  private void storeFixed(
      RegisterState pointer, Frame frame, int at, int size, RegisterState value, int register)
      throws VerifierException {
    int slot = Frame.slotOf(at);
    objects.overwrite(frame, slot);
    if (size == 8) {
      v.state.markWritten(pointer.frame(), 1L << slot);
    }
    if (value != null && value.isPointer()) {
      spillPointer(pointer, frame, slot, size, value);
      return;
    }
    if (value != null && at % 8 == 0) {
      spillScalar(pointer, frame, slot, size, value, register);
      return;
    }
    frame.forgetSpill(slot);
    boolean zero = value != null && value.range().is(0);
    if (zero && register >= 0) {
      v.precision.require(register);
    }
    for (int i = at; i < at + size; i++) {
      frame.set(i, zero ? Frame.ZERO : Frame.MISC);
    }
  }

  private void spillPointer(
      RegisterState pointer, Frame frame, int slot, int size, RegisterState value)
      throws VerifierException {
    if (size != 8) {
      throw v.refuse(
          "a store of "
              + size
              + " bytes would cut off "
              + value.describe()
              + "; a pointer is stored with 8 bytes");
    }
    boolean outer = pointer.frame() != v.state.depth - 1;
    if (outer && value.kind() == RegisterKind.STACK) {
      throw v.refuse(
          "a pointer to the stack cannot be stored in the caller's stack, which outlives it");
    }
    frame.spill(slot, value, 8);
    v.state.history.stackFrame = pointer.frame();
    v.state.history.stackSlot = slot;
  }

  private void spillScalar(
      RegisterState pointer, Frame frame, int slot, int size, RegisterState value, int register) {
    RegisterState spilled = value;
    if (register >= 0) {
      boolean fits = value.range().fitsUnsigned(size * 8);
      if (fits && !value.range().isConstant() && (value.id() == 0 || value.linkedByAdd())) {
        spilled = value.withLink(v.newId());
        v.write(register, spilled);
      }
      if (!fits) {
        spilled = value.unlinked();
      }
    }
    frame.spill(slot, spilled, size);
    v.state.history.stackFrame = pointer.frame();
    v.state.history.stackSlot = slot;
  }

  /** A store of which only the range of places is known: each byte there may or may not change. */
  private void storeSomewhere(Frame frame, int low, int high, RegisterState value, int register)
      throws VerifierException {
    boolean zero = value != null && value.isScalar() && value.range().is(0);
    boolean relied = false;
    for (int slot = Frame.slotOf(high - 1); slot <= Frame.slotOf(low); slot++) {
      objects.overwrite(frame, slot);
    }
    for (int i = low; i < high; i++) {
      int slot = Frame.slotOf(i);
      RegisterState spilled = frame.spilled(slot);
      if (zero && spilled != null && spilled.isNull() && frame.kind(i) == Frame.SPILL) {
        relied = true;
        continue;
      }
      if (frame.kind(i) == Frame.SPILL) {
        frame.forgetSpill(slot);
      }
      boolean staysZero = zero && frame.kind(i) == Frame.ZERO;
      relied |= staysZero;
      frame.set(i, staysZero ? Frame.ZERO : Frame.MISC);
    }
    if (relied && register >= 0) {
      v.precision.require(register);
    }
  }
}
