package org.xdp4j.bpf.verifier;

import java.util.Arrays;

/**
 * What of a run the proof says nothing about: once a path was ended by a checkpoint, registers and
 * stack bytes that nothing behind the checkpoint reads ({@code dead}), and numbers whose value
 * nothing there rests on ({@code loose}) may be others than the checkpoint's. Follows them through
 * the run, instruction by instruction.
 */
final class Unclaimed {
  private static final int STACK = VerifierLimits.STACK;
  private static final int WORDS = STACK / 64;

  private final int[] deadRegisters = new int[VerifierState.MAX_FRAMES];
  private final int[] looseRegisters = new int[VerifierState.MAX_FRAMES];
  private final long[] deadBytes = new long[VerifierState.MAX_FRAMES * WORDS];
  private final long[] looseBytes = new long[VerifierState.MAX_FRAMES * WORDS];
  private boolean any;

  Unclaimed copy() {
    Unclaimed copy = new Unclaimed();
    if (any) {
      copy.any = true;
      System.arraycopy(deadRegisters, 0, copy.deadRegisters, 0, deadRegisters.length);
      System.arraycopy(looseRegisters, 0, copy.looseRegisters, 0, looseRegisters.length);
      System.arraycopy(deadBytes, 0, copy.deadBytes, 0, deadBytes.length);
      System.arraycopy(looseBytes, 0, copy.looseBytes, 0, looseBytes.length);
    }
    return copy;
  }

  void clear() {
    if (any) {
      any = false;
      Arrays.fill(deadRegisters, 0);
      Arrays.fill(looseRegisters, 0);
      Arrays.fill(deadBytes, 0);
      Arrays.fill(looseBytes, 0);
    }
  }

  boolean isEmpty() {
    return !any;
  }

  boolean isDead(int frame, int register) {
    return (deadRegisters[frame] >>> register & 1) != 0;
  }

  boolean isLoose(int frame, int register) {
    return (looseRegisters[frame] >>> register & 1) != 0;
  }

  boolean isClaimed(int frame, int register) {
    return ((deadRegisters[frame] | looseRegisters[frame]) >>> register & 1) == 0;
  }

  void setDead(int frame, int register, boolean dead) {
    deadRegisters[frame] = with(deadRegisters[frame], register, dead);
  }

  void setLoose(int frame, int register, boolean loose) {
    looseRegisters[frame] = with(looseRegisters[frame], register, loose);
  }

  private int with(int mask, int register, boolean set) {
    any |= set;
    return set ? mask | 1 << register : mask & ~(1 << register);
  }

  /** Both marks of a register, to be copied to another. */
  void copyRegister(int frame, int register, int toFrame, int toRegister) {
    boolean dead = isDead(frame, register);
    boolean loose = isLoose(frame, register);
    setDead(toFrame, toRegister, dead);
    setLoose(toFrame, toRegister, loose);
  }

  void claim(int frame, int register) {
    setDead(frame, register, false);
    setLoose(frame, register, false);
  }

  /** Forgets the marks of a whole frame: its registers and its stack. */
  void claimFrame(int frame) {
    deadRegisters[frame] = 0;
    looseRegisters[frame] = 0;
    Arrays.fill(deadBytes, frame * WORDS, (frame + 1) * WORDS, 0);
    Arrays.fill(looseBytes, frame * WORDS, (frame + 1) * WORDS, 0);
  }

  /** Marks {@code size} bytes at {@code offset} (below 0) from a frame's r10. */
  void setBytes(int frame, int offset, int size, boolean dead, boolean loose) {
    any |= dead || loose;
    for (int i = offset; i < offset + size && i < 0; i++) {
      int bit = frame * STACK + STACK + i;
      if (bit >= 0) {
        set(deadBytes, bit, dead);
        set(looseBytes, bit, loose);
      }
    }
  }

  private static void set(long[] bits, int bit, boolean value) {
    if (value) {
      bits[bit >>> 6] |= 1L << bit;
    } else {
      bits[bit >>> 6] &= ~(1L << bit);
    }
  }

  boolean anyDead(int frame, int offset, int size) {
    return any && any(deadBytes, frame, offset, size);
  }

  boolean anyLoose(int frame, int offset, int size) {
    return any && any(looseBytes, frame, offset, size);
  }

  private static boolean any(long[] bits, int frame, int offset, int size) {
    for (int i = offset; i < offset + size; i++) {
      int bit = frame * STACK + STACK + i;
      if ((bits[bit >>> 6] >>> bit & 1) != 0) {
        return true;
      }
    }
    return false;
  }
}
