package org.xdp4j.bpf.verifier;

import java.util.List;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.ArgumentKind;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.verifier.Exploration.Point;

/** What an instruction that was run does to the marks of {@link Unclaimed}. */
final class StepEffects {
  private static final int STACK = XdpContext.STACK_SIZE;

  private final List<Instruction> program;
  private final XdpContext context;

  /** How deep in the run's calls the proof's first frame is. */
  private int root;

  StepEffects(List<Instruction> program, XdpContext context) {
    this.program = program;
    this.context = context;
  }

  void setRoot(int depth) {
    root = depth;
  }

  /** Says so when the instruction reads what nothing was to read any more; else null. */
  String readsUnclaimed(Point point, Unclaimed unclaimed, long[] before) {
    if (unclaimed.isEmpty()) {
      return null;
    }
    Instruction i = program.get(point.instruction);
    int frame = point.state.depth - 1;
    // A function may return without a result, and calls pass on what is not set.
    if (!i.isExit() && !i.isSubprogramCall()) {
      int read = Liveness.read(i) & ~ignored(i);
      for (int r = 0; r < 10; r++) {
        if ((read >>> r & 1) != 0 && unclaimed.isDead(frame, r)) {
          return "r" + r + " is read at " + point.instruction + ", but was taken to be dead";
        }
      }
    }
    long address = loadAddress(point, i, before);
    if (isStack(address)) {
      int f = frameOf(address);
      int offset = offsetOf(address);
      if (unclaimed.anyDead(f, offset, Math.min(i.accessSize(), -offset))) {
        return "fp - %d of frame %d is read at %d, but was taken to be dead"
            .formatted(-offset, f, point.instruction);
      }
    }
    return null;
  }

  /** Arguments that a function is given and that proofs do not look at: they need not be set. */
  private static int ignored(Instruction i) {
    if (!i.isCall() || i.isSubprogramCall()) {
      return 0;
    }
    List<ArgumentKind> arguments =
        i.isHelperCall()
            ? Helpers.byId(i.imm()).map(HelperSpec::arguments).orElse(List.of())
            : Kfuncs.calledBy(i).map(kfunc -> kfunc.call().arguments()).orElse(List.of());
    int mask = 0;
    for (int a = 0; a < arguments.size(); a++) {
      mask |= arguments.get(a) == ArgumentKind.IGNORED ? 2 << a : 0;
    }
    return mask;
  }

  /**
   * Where the memory is that is read; 0 for none, for an arena's, which is not the stack, and for
   * what may lie anywhere, of which nothing is claimed.
   */
  private static long loadAddress(Point point, Instruction i, long[] before) {
    if (i.instructionClass() == Opcode.LDX
        || i.instructionClass() == Opcode.STX && i.isAtomic() && i.imm() == Opcode.LOAD_ACQ) {
      return address(point, i, i.src(), before);
    }
    if (i.instructionClass() == Opcode.STX && i.isAtomic() && i.imm() != Opcode.STORE_REL) {
      return address(point, i, i.dst(), before);
    }
    return 0;
  }

  private static long address(Point point, Instruction i, int base, long[] before) {
    RegisterState pointer = point.state.frames[point.state.depth - 1].registers[base];
    boolean anywhere = pointer.kind() == RegisterKind.ARENA || pointer.isAnyMemory();
    return anywhere ? 0 : before[base] + i.offset();
  }

  private boolean isStack(long address) {
    return address < context.stackTop - (long) root * STACK
        && address >= context.stackTop - (long) VerifierState.MAX_FRAMES * STACK;
  }

  private int frameOf(long address) {
    return (int) ((context.stackTop - 1 - address) / STACK) - root;
  }

  private int offsetOf(long address) {
    return (int) (address - (context.stackTop - (long) (root + frameOf(address)) * STACK));
  }

  /**
   * Carries the marks over the instruction at {@code point}.
   *
   * @param before the registers before it
   * @param depth the call depth after it
   */
  void apply(Point point, Unclaimed unclaimed, long[] before, int depth) {
    if (unclaimed.isEmpty()) {
      return;
    }
    Instruction i = program.get(point.instruction);
    int frame = point.state.depth - 1;
    switch (i.instructionClass()) {
      case Opcode.ALU, Opcode.ALU64 -> alu(i, unclaimed, frame);
      case Opcode.LD -> unclaimed.claim(frame, i.dst());
      case Opcode.LDX -> load(point, i, unclaimed, before);
      case Opcode.ST -> store(address(point, i, i.dst(), before), i.accessSize(), unclaimed, false);
      case Opcode.STX -> storeOrAtomic(point, i, unclaimed, before);
      default -> jump(point, i, unclaimed, frame, before, depth);
    }
  }

  private static void alu(Instruction i, Unclaimed unclaimed, int frame) {
    boolean move = i.operation() == Opcode.MOV;
    boolean source = i.usesSource() && i.operation() != Opcode.END && i.operation() != Opcode.NEG;
    boolean loose =
        !move && unclaimed.isLoose(frame, i.dst()) || source && unclaimed.isLoose(frame, i.src());
    unclaimed.setDead(frame, i.dst(), false);
    unclaimed.setLoose(frame, i.dst(), loose);
  }

  private void load(Point point, Instruction i, Unclaimed unclaimed, long[] before) {
    int frame = point.state.depth - 1;
    long address = loadAddress(point, i, before);
    boolean loose =
        isStack(address) && unclaimed.anyLoose(frameOf(address), offsetOf(address), i.accessSize());
    unclaimed.setDead(frame, i.dst(), false);
    unclaimed.setLoose(frame, i.dst(), loose);
  }

  private void store(long address, int size, Unclaimed unclaimed, boolean loose) {
    if (isStack(address)) {
      unclaimed.setBytes(frameOf(address), offsetOf(address), size, false, loose);
    }
  }

  private void storeOrAtomic(Point point, Instruction i, Unclaimed unclaimed, long[] before) {
    if (i.isAtomic() && i.imm() == Opcode.LOAD_ACQ) {
      load(point, i, unclaimed, before);
      return;
    }
    int frame = point.state.depth - 1;
    boolean plain = !i.isAtomic() || i.imm() == Opcode.STORE_REL;
    long address = address(point, i, i.dst(), before);
    boolean fetchesLoose =
        !plain
            && isStack(address)
            && unclaimed.anyLoose(frameOf(address), offsetOf(address), i.accessSize());
    boolean loose = plain && unclaimed.isLoose(frame, i.src());
    store(address, i.accessSize(), unclaimed, loose);
    if (i.isAtomic() && i.imm() == Opcode.CMPXCHG) {
      unclaimed.claim(frame, 0);
      unclaimed.setLoose(frame, 0, fetchesLoose);
    } else if (i.isAtomic() && i.imm() != Opcode.STORE_REL && (i.imm() & Opcode.FETCH) != 0) {
      unclaimed.claim(frame, i.src());
      unclaimed.setLoose(frame, i.src(), fetchesLoose);
    }
  }

  /** A number that was compared with a loose one was refined by it, with all that equal it. */
  private static void loosenLike(Point point, int frame, int register, Unclaimed unclaimed) {
    int id = point.state.frames[frame].registers[register].id();
    unclaimed.setLoose(frame, register, true);
    for (int f = 0; id != 0 && f <= frame; f++) {
      Frame at = point.state.frames[f];
      for (int r = 0; r < 10; r++) {
        if (at.registers[r].id() == id) {
          unclaimed.setLoose(f, r, true);
        }
      }
      for (int slot = 0; slot < at.slots(); slot++) {
        if (at.spilled(slot) != null && at.spilled(slot).id() == id) {
          unclaimed.setBytes(f, -8 * slot - 8, 8, false, true);
        }
      }
    }
  }

  private void jump(
      Point point, Instruction i, Unclaimed unclaimed, int frame, long[] before, int depth) {
    if (i.isExit()) {
      if (frame > 0) {
        unclaimed.copyRegister(frame, 0, frame - 1, 0);
        unclaimed.claimFrame(frame);
      }
      return;
    }
    if (i.isConditionalJump() && i.usesSource()) {
      boolean dst = unclaimed.isLoose(frame, i.dst());
      boolean src = unclaimed.isLoose(frame, i.src());
      if (dst != src) {
        loosenLike(point, frame, dst ? i.src() : i.dst(), unclaimed);
      }
    }
    if (!i.isCall()) {
      return;
    }
    if (depth > frame + 1) {
      unclaimed.claimFrame(frame + 1);
      for (int r = 1; r <= 5; r++) {
        unclaimed.copyRegister(frame, r, frame + 1, r);
      }
    } else {
      helperMemory(unclaimed, before);
    }
    for (int r = 0; r <= 5; r++) {
      unclaimed.claim(frame, r);
    }
    if (depth <= frame) {
      // A tail call that succeeded returned for the function that made it.
      unclaimed.claimFrame(frame);
      unclaimed.claim(frame - 1, 0);
    }
  }

  /** A helper may have written what its arguments point at: that is no longer what it was. */
  private void helperMemory(Unclaimed unclaimed, long[] before) {
    for (int r = 1; r <= 5; r++) {
      if (isStack(before[r])) {
        int offset = offsetOf(before[r]);
        for (int at = offset; at < 0; at++) {
          int frame = frameOf(before[r]);
          boolean loose = unclaimed.anyDead(frame, at, 1) || unclaimed.anyLoose(frame, at, 1);
          unclaimed.setBytes(frame, at, 1, false, loose);
        }
      }
    }
  }
}
