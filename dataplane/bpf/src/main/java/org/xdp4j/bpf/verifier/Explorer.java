package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** Follows every path through a program, instruction by instruction. */
final class Explorer {
  private final Verification v;
  private final AluTransfer alu;
  private final MemoryAccess memory;
  private final BranchTransfer branches;
  private final CallTransfer calls;
  private final ConstantLoad constants;
  private final Pruning pruning;

  private final GlobalFunctions globals;

  Explorer(Verification v) throws VerifierException {
    this.v = v;
    MemoryBounds bounds = new MemoryBounds(v);
    this.alu = new AluTransfer(v);
    this.memory = new MemoryAccess(v, bounds);
    this.branches = new BranchTransfer(v);
    this.globals = new GlobalFunctions(v, bounds);
    this.calls = new CallTransfer(v, bounds, globals);
    this.constants = new ConstantLoad(v);
    this.pruning = new Pruning(v);
    globals.checkTailCallers();
    v.arenas.checkOnlyOne();
  }

  /**
   * Where the proof of a program begins that takes a function's place: it is given what its own
   * types say, as that function is.
   */
  VerifierState extensionStart() throws VerifierException {
    v.index = 0;
    return globals.start(0);
  }

  /** Follows the program, and then each global function and each later callback it has. */
  void exploreAll(VerifierState start) throws VerifierException {
    v.exceptions.checkCallback();
    explore(start);
    if (v.exceptions.callback() > 0) {
      globals.called(v.exceptions.callback());
    }
    boolean more = true;
    while (more) {
      more = false;
      for (VerifierState next = v.later.next(); next != null; next = v.later.next()) {
        explore(next);
        more = true;
      }
      for (int next = globals.next(); next >= 0; next = globals.next()) {
        v.index = next;
        explore(globals.start(next));
        more = true;
      }
    }
  }

  private void explore(VerifierState start) throws VerifierException {
    pruning.reset();
    v.state = start;
    while (v.state != null) {
      followPath();
      v.endPath();
      v.state = v.nextPath();
    }
  }

  private void followPath() throws VerifierException {
    int next = v.state.instruction;
    while (next != CallTransfer.END) {
      v.index = next;
      v.state.instruction = next;
      v.facts.reached[next] = true;
      if (++v.processed > VerifierLimits.PROCESSED) {
        v.processed--;
        throw v.refuse(
            Cause.TOO_COMPLEX,
            -1,
            "the program is too complex: "
                + VerifierLimits.PROCESSED
                + " instructions were followed, and there are paths left; is a loop without a"
                + " bound?"
                + (v.memory.wasFull() ? memoryReason() : ""));
      }
      if (v.flow.isMeetingPoint(next)) {
        if (pruning.isKnown()) {
          return;
        }
      } else if (v.state.steps >= Pruning.LONG_WALK) {
        pruning.checkpoint();
      }
      Step step = new Step(v.state.history, next, v.state.depth - 1);
      VerifierState state = v.state;
      state.history = step;
      state.steps++;
      v.facts.numbers.follow(next);
      v.deadCode.refuse(next);
      if (v.observer == null) {
        next = execute(v.instruction(next));
      } else {
        next = executeObserved(next);
      }
      if (v.flow.isJoin(step.instruction) || step.hasNotes()) {
        state.noted++;
      }
    }
  }

  /** Why paths that could have met may not have done so. */
  private static String memoryReason() {
    return " Its states took more than "
        + (VerifierLimits.CHECKPOINT_BYTES >> 20)
        + " MB, so that not all of them were kept to compare others with";
  }

  private int executeObserved(int index) throws VerifierException {
    v.observer.before(v.state, index);
    int next = execute(v.instruction(index));
    v.observer.after(v.state, index, next);
    return next;
  }

  private int execute(Instruction instruction) throws VerifierException {
    switch (instruction.instructionClass()) {
      case Opcode.ALU, Opcode.ALU64 -> alu.execute(instruction);
      case Opcode.LD -> constants.execute(instruction);
      case Opcode.LDX -> memory.load(instruction);
      case Opcode.ST -> memory.store(instruction);
      case Opcode.STX -> {
        if (instruction.isAtomic()) {
          memory.atomic(instruction);
        } else {
          memory.store(instruction);
        }
      }
      default -> {
        return jump(instruction);
      }
    }
    return v.next();
  }

  private int jump(Instruction instruction) throws VerifierException {
    v.jumps++;
    if (instruction.isCall()) {
      return calls.call(instruction);
    }
    if (instruction.isExit()) {
      return calls.exit();
    }
    if (instruction.isGoto()) {
      return v.index + 1 + instruction.jumpOffset();
    }
    if (instruction.isMayGoto()) {
      VerifierState again = v.fork(v.index + 1);
      again.mayGotoDepth++;
      Widening.apply(again);
      return v.index + 1 + instruction.jumpOffset();
    }
    return branches.execute(instruction);
  }
}
