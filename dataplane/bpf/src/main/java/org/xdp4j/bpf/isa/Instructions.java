package org.xdp4j.bpf.isa;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Whole programs: lists of slots, as bytes and as a graph of jumps. */
public final class Instructions {
  private Instructions() {}

  /**
   * Reads little-endian slots.
   *
   * @throws IllegalArgumentException when {@code code} is not a whole number of slots
   */
  public static List<Instruction> decode(byte[] code) {
    return decode(code, 0, code.length);
  }

  /**
   * Reads little-endian slots from {@code length} bytes at {@code start}.
   *
   * @throws IllegalArgumentException when {@code length} is not a whole number of slots
   */
  public static List<Instruction> decode(byte[] code, int start, int length) {
    if (length % Instruction.SIZE != 0) {
      throw new IllegalArgumentException(
          "a program of " + length + " bytes is not a whole number of 8-byte instructions");
    }
    ByteBuffer buffer = ByteBuffer.wrap(code, start, length).order(ByteOrder.LITTLE_ENDIAN);
    List<Instruction> program = new ArrayList<>(length / Instruction.SIZE);
    while (buffer.hasRemaining()) {
      program.add(Instruction.decode(buffer.getLong()));
    }
    return program;
  }

  /** The bytes that {@link #decode(byte[])} reads. */
  public static byte[] encode(List<Instruction> program) {
    ByteBuffer buffer =
        ByteBuffer.allocate(program.size() * Instruction.SIZE).order(ByteOrder.LITTLE_ENDIAN);
    program.forEach(instruction -> buffer.putLong(instruction.encode()));
    return buffer.array();
  }

  /** The index of the instruction behind the one at {@code index}: two further for LDDW. */
  public static int nextIndex(List<Instruction> program, int index) {
    return program.get(index).isWide() ? index + 2 : index + 1;
  }

  /** Where the jump at {@code index} goes to; outside the program if it is a bad one. */
  public static int jumpTarget(List<Instruction> program, int index) {
    return index + 1 + program.get(index).jumpOffset();
  }

  /**
   * The first instruction of the subprogram that the call, or LDDW of a function, at index names.
   */
  public static int callTarget(List<Instruction> program, int index) {
    return index + 1 + program.get(index).imm();
  }

  /** The 64-bit constant of the LDDW at {@code index}. */
  public static long wideImmediate(List<Instruction> program, int index) {
    return program.get(index).imm() & 0xffffffffL | (long) program.get(index + 1).imm() << 32;
  }

  /** Which slots are the second of a LDDW, and so no place to jump to. */
  public static boolean[] secondSlots(List<Instruction> program) {
    boolean[] second = new boolean[program.size()];
    for (int i = 0; i < program.size(); i = nextIndex(program, i)) {
      if (program.get(i).isWide() && i + 1 < program.size()) {
        second[i + 1] = true;
      }
    }
    return second;
  }
}
