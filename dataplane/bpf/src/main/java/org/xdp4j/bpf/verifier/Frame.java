package org.xdp4j.bpf.verifier;

import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * A call frame: its registers and its stack. The stack is kept in slots of 8 bytes, each of whose
 * bytes is of one of five kinds; slot 0 is the highest. Copies share them until one changes.
 *
 * <pre>
 *  r10 - 16              r10 - 8               r10
 *   | slot 1: b0 .. b7    | slot 0: b0 .. b7    |
 * </pre>
 *
 * A slot whose byte b0 is {@link #SPILL} holds a register that was stored there, whole or its low
 * bytes.
 */
final class Frame {
  static final int REGISTERS = 11;

  /** Never written. */
  static final int INVALID = 0;

  /** Part of a spilled register. */
  static final int SPILL = 1;

  /** Written, with anything. */
  static final int MISC = 2;

  /** Written with zero. */
  static final int ZERO = 3;

  /** Part of an object that only helpers and kernel functions touch. */
  static final int OBJECT = 4;

  private static final StackSlot[] NO_SLOTS = {};

  final RegisterState[] registers;

  /** The call instruction, -1 for the program itself. */
  final int callSite;

  /** Index of the first instruction of the function it runs. */
  final int function;

  /** Of a callback: what it may return; null for what is called by the program. */
  final Callbacks.Contract contract;

  /** How often the helper that this frame calls has called back on this path. */
  int callbackDepth;

  /** Of a checkpoint: a bit a slot that was read behind it before it was written. */
  long readSlots;

  /** A bit a slot that was written since the last checkpoint. */
  long writtenSlots;

  /** Of a checkpoint: a bit a register whose exact value mattered behind it. */
  int preciseRegisters;

  /** Of a checkpoint: a bit a slot, where the exact value of the scalar spilled there mattered. */
  long preciseSlots;

  private StackSlot[] slots;

  /** Whether another frame may use {@link #slots} too, so that it must not be changed. */
  private boolean isShared;

  Frame(int number, int callSite, int function) {
    this(number, callSite, function, null);
  }

  /** A callback's frame. */
  Frame(int number, int callSite, int function, Callbacks.Contract contract) {
    this.callSite = callSite;
    this.function = function;
    this.contract = contract;
    registers = new RegisterState[REGISTERS];
    Arrays.fill(registers, RegisterState.UNINITIALISED);
    registers[10] = RegisterState.frameTop(number);
    slots = NO_SLOTS;
  }

  private Frame(Frame from) {
    registers = from.registers.clone();
    callSite = from.callSite;
    function = from.function;
    contract = from.contract;
    callbackDepth = from.callbackDepth;
    writtenSlots = from.writtenSlots;
    from.isShared = true;
    slots = from.slots;
    isShared = true;
  }

  /** A copy to be changed independently, without the marks of a checkpoint. */
  Frame copy() {
    return new Frame(this);
  }

  /** The slot that the byte {@code offset} (below 0) from r10 lies in. */
  static int slotOf(int offset) {
    return (-offset - 1) / 8;
  }

  /** Slots that were ever touched. */
  int slots() {
    return slots.length;
  }

  /** Makes room for the byte at {@code offset}. */
  void grow(int offset) {
    int before = slots.length;
    int needed = slotOf(offset) + 1;
    if (needed > before) {
      slots = Arrays.copyOf(slots, needed);
      Arrays.fill(slots, before, needed, StackSlot.INVALID);
      isShared = false;
    }
  }

  StackSlot slot(int slot) {
    return slot < slots.length ? slots[slot] : StackSlot.INVALID;
  }

  private void change(int slot, StackSlot to) {
    if (slots[slot] != to) {
      if (isShared) {
        slots = slots.clone();
        isShared = false;
      }
      slots[slot] = to;
    }
  }

  /** The kind of the byte at {@code offset} from r10. */
  int kind(int offset) {
    return slot(slotOf(offset)).kind(offset & 7);
  }

  /** The register spilled to {@code slot}, or null. */
  RegisterState spilled(int slot) {
    return slot(slot).spilled();
  }

  /** How many of the low bytes of a spilled register {@code slot} holds. */
  int spilledBytes(int slot) {
    return slot(slot).spilledBytes();
  }

  /** Stores the low {@code size} bytes of {@code value} to the start of {@code slot}. */
  void spill(int slot, RegisterState value, int size) {
    change(slot, slots[slot].spill(value, size));
  }

  /** Replaces what is known of a spilled register, its bytes staying as they are. */
  void refine(int slot, RegisterState value) {
    change(slot, slots[slot].withSpilled(value));
  }

  /** Sets the kind of the byte at {@code offset}; a register spilled there is lost. */
  void set(int offset, int kind) {
    int slot = slotOf(offset);
    change(slot, slots[slot].withKind(offset & 7, kind));
  }

  /** Puts a part of {@code object} into {@code slot}. */
  void put(int slot, StackObject object) {
    change(slot, StackSlot.of(object));
  }

  /** Forgets what is in {@code slot}, as if nothing had been written there. */
  void clear(int slot) {
    change(slot, StackSlot.INVALID);
  }

  /** Turns what is left of a spilled register into bytes of which nothing is known. */
  void forgetSpill(int slot) {
    change(slot, slots[slot].withoutSpill());
  }

  /** Applies {@code change} to every register and spilled register. */
  void replaceAll(UnaryOperator<RegisterState> change) {
    for (int i = 0; i < REGISTERS; i++) {
      registers[i] = change.apply(registers[i]);
    }
    for (int slot = 0; slot < slots.length; slot++) {
      RegisterState spilled = slots[slot].spilled();
      if (spilled != null) {
        refine(slot, change.apply(spilled));
      }
    }
  }

  /** A hash of what the registers hold, ids too. */
  int fingerprint() {
    int hash = callSite;
    for (int i = 0; i < REGISTERS; i++) {
      hash = hash * 31 + registers[i].hashCode();
    }
    return hash;
  }

  /** About how many bytes of memory a copy made now takes that no other copy shares. */
  int bytes() {
    return 400 + (isShared ? 0 : 32 * slots.length);
  }

  /** Forgets the registers a call may change: r0 to r5. */
  void clobber() {
    Arrays.fill(registers, 0, 6, RegisterState.UNINITIALISED);
  }
}
