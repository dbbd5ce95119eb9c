package org.xdp4j.bpf.verifier;

/**
 * One instruction of the path a state went, linked to the one before it. Paths that fork share
 * their common past.
 */
final class Step {
  /** {@link #stackSlot} of a step that neither spills nor fills. */
  static final int NO_SLOT = -1;

  final Step previous;
  final int instruction;

  /** The call frame that the instruction ran in, 0 for the program itself. */
  final int frame;

  /** The stack slot it spilled a register to or filled one from, else {@link #NO_SLOT}. */
  int stackSlot = NO_SLOT;

  /** Whether it opened another path: a comparison that could come out either way. */
  boolean forked;

  /** Of a call: the path went on in its callback. Of an exit: it left a callback. */
  boolean callback;

  /** The frame of {@link #stackSlot}. */
  int stackFrame;

  /**
   * For a comparison: registers and slots that hold scalars linked to its operands, as {@link
   * #register} and {@link #slot} encode them; null for none.
   */
  int[] linked;

  Step(Step previous, int instruction, int frame) {
    this.previous = previous;
    this.instruction = instruction;
    this.frame = frame;
  }

  /** Whether there is more to remember of it than that it was taken. */
  boolean hasNotes() {
    return stackSlot != NO_SLOT || linked != null;
  }

  static int register(int frame, int register) {
    return frame << 8 | register;
  }

  static int slot(int frame, int slot) {
    return frame << 8 | 0x80 | slot;
  }

  static boolean isSlot(int link) {
    return (link & 0x80) != 0;
  }

  static int indexOf(int link) {
    return link & 0x7f;
  }

  static int frameOf(int link) {
    return link >> 8;
  }
}
