package org.xdp4j.bpf.verifier;

import static org.xdp4j.bpf.isa.Opcode.FETCH;
import static org.xdp4j.bpf.isa.Opcode.LOAD_ACQ;
import static org.xdp4j.bpf.isa.Opcode.MOV;
import static org.xdp4j.bpf.isa.Opcode.NEG;
import static org.xdp4j.bpf.isa.Opcode.STORE_REL;

import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/**
 * Finds out which scalars a decision rested on. When a path's safety depends on the value of a
 * scalar, the path is walked backwards to every register and stack slot the value came from, and
 * these are marked in the checkpoints passed. {@link Pruning} ignores the values of all others.
 */
final class Precision {
  private final Verification v;

  /** For each frame, the registers and slots sought at the current point of the walk. */
  private final int[] registers = new int[VerifierState.MAX_FRAMES];

  private final long[] slots = new long[VerifierState.MAX_FRAMES];

  /** Whether something was found since {@link #isSeeking} was last asked. */
  private boolean forgot;

  Precision(Verification v) {
    this.v = v;
  }

  /** The value {@code register} had before the current instruction matters. */
  void require(int register) {
    VerifierState state = v.state;
    v.facts.numbers.need(v.index, register, state.registers()[register]);
    registers[state.depth - 1] |= 1 << register;
    walk(state, state.history.previous);
  }

  /** The scalar spilled to {@code slot} of {@code frame} before the current instruction matters. */
  void requireSlot(int frame, int slot) {
    slots[frame] |= 1L << slot;
    walk(v.state, v.state.history.previous);
  }

  /** What mattered behind {@code old} matters for {@code state} too, which goes the same way. */
  void propagate(VerifierState old, VerifierState state) {
    for (int f = 0; f < old.depth; f++) {
      registers[f] = old.frames[f].preciseRegisters;
      slots[f] = old.frames[f].preciseSlots;
    }
    walk(state, state.history);
  }

  /** Every value {@code state} holds may matter. */
  void requireEverything(VerifierState state) {
    for (int f = 0; f < state.depth; f++) {
      registers[f] = (1 << Frame.REGISTERS) - 1;
      slots[f] = -1L;
    }
    walk(state, state.history);
  }

  private void walk(VerifierState state, Step from) {
    Step step = from;
    VerifierState checkpoint = state.parent;
    while (checkpoint != null && isSeeking()) {
      noteSeek(step, checkpoint);
      while (step != checkpoint.history) {
        notePassed(step);
        if (step == null || !undo(step)) {
          requireAll(checkpoint);
          clear();
          return;
        }
        if (forgot && !isSeeking()) {
          return;
        }
        step = step.previous;
      }
      mark(checkpoint);
      checkpoint = checkpoint.parent;
    }
    clear();
  }

  private void noteSeek(Step from, VerifierState checkpoint) {
    if (v.observer != null && from != null && from != checkpoint.history) {
      v.observer.seek(from.frame, from.instruction, checkpoint.instruction);
    }
  }

  private void notePassed(Step step) {
    if (v.observer != null && step != null) {
      int frame = step.frame;
      v.observer.passBack(frame, registers[frame], slots[frame], step.instruction);
    }
  }

  private boolean isSeeking() {
    forgot = false;
    for (int f = 0; f < VerifierState.MAX_FRAMES; f++) {
      if (registers[f] != 0 || slots[f] != 0) {
        return true;
      }
    }
    return false;
  }

  private void clear() {
    for (int f = 0; f < VerifierState.MAX_FRAMES; f++) {
      registers[f] = 0;
      slots[f] = 0;
    }
  }

  /** Marks what is sought in {@code checkpoint}; what was marked there before is done already. */
  private void mark(VerifierState checkpoint) {
    for (int f = 0; f < VerifierState.MAX_FRAMES; f++) {
      if (f >= checkpoint.depth) {
        registers[f] = 0;
        slots[f] = 0;
        continue;
      }
      if (registers[f] == 0 && slots[f] == 0) {
        continue;
      }
      Frame frame = checkpoint.frames[f];
      registers[f] &= ~frame.preciseRegisters & scalarRegisters(frame);
      slots[f] &= ~frame.preciseSlots & scalarSlots(frame, slots[f]);
      v.marks += registers[f] == 0 && slots[f] == 0 ? 0 : 1;
      frame.preciseRegisters |= registers[f];
      frame.preciseSlots |= slots[f];
      if (v.observer != null) {
        v.observer.markPrecise(checkpoint, f, registers[f], slots[f]);
      }
    }
  }

  private static int scalarRegisters(Frame frame) {
    int mask = 0;
    for (int r = 0; r < Frame.REGISTERS; r++) {
      if (frame.registers[r].isScalar()) {
        mask |= 1 << r;
      }
    }
    return mask;
  }

  /** Of {@code sought}, the slots that hold a number; of others nothing can matter. */
  private static long scalarSlots(Frame frame, long sought) {
    long found = 0;
    for (long left = sought; left != 0; left &= left - 1) {
      RegisterState spilled = frame.spilled(Long.numberOfTrailingZeros(left));
      if (spilled != null && spilled.isScalar()) {
        found |= Long.lowestOneBit(left);
      }
    }
    return found;
  }

  /** Gives up following values: every scalar of every earlier checkpoint matters. */
  private void requireAll(VerifierState checkpoint) {
    for (VerifierState s = checkpoint; s != null; s = s.parent) {
      for (int f = 0; f < s.depth; f++) {
        v.marks += s.frames[f].preciseRegisters == -1 && s.frames[f].preciseSlots == -1L ? 0 : 1;
        s.frames[f].preciseRegisters = -1;
        s.frames[f].preciseSlots = -1L;
      }
    }
  }

  /** Turns what is sought after {@code step} into what is sought before it; false: cannot. */
  private boolean undo(Step step) {
    Instruction instruction = v.instruction(step.instruction);
    followLinks(step);
    boolean followed =
        switch (instruction.instructionClass()) {
          case Opcode.ALU, Opcode.ALU64 -> undoAlu(step, instruction);
          case Opcode.LD -> forget(step, instruction.dst());
          case Opcode.LDX -> undoLoad(step, instruction.dst());
          case Opcode.ST -> undoStore(step, -1);
          case Opcode.STX -> undoStoreOrAtomic(step, instruction);
          default -> undoJump(step, instruction);
        };
    followLinks(step);
    return followed;
  }

  /** Scalars linked to one another were refined together: if one matters, all do. */
  private void followLinks(Step step) {
    if (step.linked == null) {
      return;
    }
    boolean any = false;
    for (int link : step.linked) {
      int f = Step.frameOf(link);
      any |=
          Step.isSlot(link)
              ? (slots[f] >>> Step.indexOf(link) & 1) != 0
              : (registers[f] >>> Step.indexOf(link) & 1) != 0;
    }
    for (int i = 0; any && i < step.linked.length; i++) {
      int link = step.linked[i];
      if (Step.isSlot(link)) {
        slots[Step.frameOf(link)] |= 1L << Step.indexOf(link);
      } else {
        registers[Step.frameOf(link)] |= 1 << Step.indexOf(link);
      }
    }
  }

  private boolean seeks(Step step, int register) {
    return (registers[step.frame] >>> register & 1) != 0;
  }

  private void seek(Step step, int register) {
    registers[step.frame] |= 1 << register;
  }

  private boolean forget(Step step, int register) {
    registers[step.frame] &= ~(1 << register);
    forgot = true;
    return true;
  }

  private boolean undoAlu(Step step, Instruction instruction) {
    if (!seeks(step, instruction.dst())) {
      return true;
    }
    int operation = instruction.operation();
    if (operation == MOV) {
      forget(step, instruction.dst());
    }
    if (instruction.usesSource() && operation != NEG && operation != Opcode.END) {
      seek(step, instruction.src());
    }
    return true;
  }

  private boolean undoLoad(Step step, int register) {
    if (seeks(step, register)) {
      forget(step, register);
      if (step.stackSlot != Step.NO_SLOT) {
        slots[step.stackFrame] |= 1L << step.stackSlot;
      }
    }
    return true;
  }

  private boolean undoStore(Step step, int source) {
    if (step.stackSlot != Step.NO_SLOT && (slots[step.stackFrame] >>> step.stackSlot & 1) != 0) {
      slots[step.stackFrame] &= ~(1L << step.stackSlot);
      forgot = true;
      if (source >= 0) {
        seek(step, source);
      }
    }
    return true;
  }

  private boolean undoStoreOrAtomic(Step step, Instruction instruction) {
    if (!instruction.isAtomic() || instruction.imm() == STORE_REL) {
      return undoStore(step, instruction.src());
    }
    if (instruction.imm() == LOAD_ACQ) {
      return undoLoad(step, instruction.dst());
    }
    // What it left in the slot is any number; what it fetched is what was there before.
    undoStore(step, -1);
    if (instruction.imm() == Opcode.CMPXCHG) {
      return undoLoad(step, 0);
    }
    return (instruction.imm() & FETCH) == 0 || undoLoad(step, instruction.src());
  }

  private boolean undoJump(Step step, Instruction instruction) {
    if (step.callback) {
      return undoCallback(step, instruction);
    }
    if (instruction.isCall()) {
      return undoCall(step, instruction);
    }
    if (instruction.isExit()) {
      if (step.frame > 0 && (registers[step.frame - 1] & 1) != 0) {
        registers[step.frame - 1] &= ~1;
        seek(step, 0);
      }
    } else if (instruction.isConditionalJump() && instruction.usesSource()) {
      if (seeks(step, instruction.dst()) || seeks(step, instruction.src())) {
        seek(step, instruction.dst());
        seek(step, instruction.src());
      }
    }
    return true;
  }

  /**
   * What a callback is given does not come from the caller's registers, but for pointers; and what
   * it returns goes nowhere but into the helper.
   */
  private boolean undoCallback(Step step, Instruction instruction) {
    if (instruction.isCall()) {
      registers[step.frame + 1] = 0;
      slots[step.frame + 1] = 0;
    }
    return true;
  }

  private boolean undoCall(Step step, Instruction instruction) {
    int callee = step.frame + 1;
    if (callee < VerifierState.MAX_FRAMES && (registers[callee] != 0 || slots[callee] != 0)) {
      if (!instruction.isSubprogramCall()) {
        return false;
      }
      registers[step.frame] |= registers[callee] & 0b111110;
      registers[callee] = 0;
      slots[callee] = 0;
    }
    if (!v.isFollowedCall(step.instruction)) {
      registers[step.frame] &= ~0b111111;
      forgot = true;
    }
    return true;
  }
}
