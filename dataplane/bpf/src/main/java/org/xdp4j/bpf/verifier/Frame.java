package org.xdp4j.bpf.verifier;

import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * A call frame: its registers and its stack. The stack is kept in slots of 8 bytes, each of whose
 * bytes is of one of four kinds; slot 0 is the highest.
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

  private static final long EVERY_BYTE = 0x0101010101010101L;

  final RegisterState[] registers;

  /** The call instruction, -1 for the program itself. */
  final int callSite;

  /** Index of the first instruction of the function it runs. */
  final int function;

  private long[] bytes;
  private RegisterState[] spilled;

  Frame(int number, int callSite, int function) {
    this.callSite = callSite;
    this.function = function;
    registers = new RegisterState[REGISTERS];
    Arrays.fill(registers, RegisterState.UNINITIALISED);
    registers[10] = RegisterState.frameTop(number);
    bytes = new long[0];
    spilled = new RegisterState[0];
  }

  private Frame(Frame from) {
    registers = from.registers.clone();
    callSite = from.callSite;
    function = from.function;
    bytes = from.bytes.clone();
    spilled = from.spilled.clone();
  }

  Frame copy() {
    return new Frame(this);
  }

  /** The slot that the byte {@code offset} (below 0) from r10 lies in. */
  static int slotOf(int offset) {
    return (-offset - 1) / 8;
  }

  /** Slots that were ever touched. */
  int slots() {
    return bytes.length;
  }

  /** Makes room for the byte at {@code offset}. */
  void grow(int offset) {
    int needed = slotOf(offset) + 1;
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, needed);
      spilled = Arrays.copyOf(spilled, needed);
    }
  }

  /** The kinds of a slot's bytes, b0 lowest. */
  long bytes(int slot) {
    return slot < bytes.length ? bytes[slot] : 0;
  }

  /** The kind of the byte at {@code offset} from r10. */
  int kind(int offset) {
    return kindOf(bytes(slotOf(offset)), offset & 7);
  }

  static int kindOf(long bytes, int index) {
    return (int) (bytes >>> index * 8) & 0xff;
  }

  /** The register spilled to {@code slot}, or null. */
  RegisterState spilled(int slot) {
    return slot < bytes.length && kindOf(bytes[slot], 0) == SPILL ? spilled[slot] : null;
  }

  /** How many of the low bytes of a spilled register {@code slot} holds. */
  int spilledBytes(int slot) {
    int count = 0;
    while (count < 8 && kindOf(bytes[slot], count) == SPILL) {
      count++;
    }
    return count;
  }

  /** Whether all of {@code slot} is a spilled register of 8 bytes. */
  boolean isWholeSpill(int slot) {
    return slot < bytes.length && bytes[slot] == EVERY_BYTE * SPILL;
  }

  /** Stores the low {@code size} bytes of {@code value} to the start of {@code slot}. */
  void spill(int slot, RegisterState value, int size) {
    long kinds = bytes[slot];
    for (int i = 0; i < 8; i++) {
      int kind = kindOf(kinds, i);
      if (i < size) {
        kinds = withKind(kinds, i, SPILL);
      } else if (kind == SPILL) {
        kinds = withKind(kinds, i, MISC);
      }
    }
    bytes[slot] = kinds;
    spilled[slot] = value;
  }

  /** Replaces what is known of a spilled register, its bytes staying as they are. */
  void refine(int slot, RegisterState value) {
    spilled[slot] = value;
  }

  /** Sets the kind of the byte at {@code offset}; a register spilled there is lost. */
  void set(int offset, int kind) {
    int slot = slotOf(offset);
    bytes[slot] = withKind(bytes[slot], offset & 7, kind);
  }

  /** Turns what is left of a spilled register into bytes of which nothing is known. */
  void forgetSpill(int slot) {
    spilled[slot] = null;
    for (int i = 0; i < 8; i++) {
      if (kindOf(bytes[slot], i) == SPILL) {
        bytes[slot] = withKind(bytes[slot], i, MISC);
      }
    }
  }

  private static long withKind(long kinds, int index, int kind) {
    int shift = index * 8;
    return kinds & ~(0xffL << shift) | (long) kind << shift;
  }

  /** Applies {@code change} to every register and spilled register. */
  void replaceAll(UnaryOperator<RegisterState> change) {
    for (int i = 0; i < REGISTERS; i++) {
      registers[i] = change.apply(registers[i]);
    }
    for (int slot = 0; slot < bytes.length; slot++) {
      if (kindOf(bytes[slot], 0) == SPILL) {
        spilled[slot] = change.apply(spilled[slot]);
      }
    }
  }

  /** Forgets the registers a call may change: r0 to r5. */
  void clobber() {
    Arrays.fill(registers, 0, 6, RegisterState.UNINITIALISED);
  }
}
