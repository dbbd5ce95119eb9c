package org.xdp4j.bpf.verifier;

import java.util.ArrayDeque;
import java.util.List;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ObjectTypes;
import org.xdp4j.bpf.object.Subprogram;

/**
 * What the parts of one verification share: the program, the state of the path being followed, the
 * paths still to follow, and what was found out so far.
 */
final class Verification {
  final BpfProgram program;
  final List<MapSpec> maps;
  final Refusals refusals;
  final ControlFlow flow;
  final CallGraph calls;
  final Liveness liveness;
  final Facts facts;
  final Precision precision;
  final DeadCode deadCode;
  final Loops loops;

  /** Who may throw exceptions, and where they end. */
  final Exceptions exceptions;

  /** The arena of the program. */
  final Arenas arenas;

  /** The structs that objects are allocated of. */
  final ObjectTypes types;

  /** Callbacks that run when the program is over. */
  final LaterCallbacks later;

  /** Sees every step; null for none. */
  final VerifierObserver observer;

  final int[] stackDepths;

  final FastCalls fastCalls;

  /** The path being followed. */
  VerifierState state;

  /** The instruction being followed. */
  int index;

  /** Instructions followed so far. */
  int processed;

  /** Conditional and unconditional jumps followed so far. */
  int jumps;

  /** Checkpoints made, kept now, kept at once at the most, and kept at one instruction. */
  int checkpoints;

  int checkpointsNow;
  int mostCheckpoints;
  int mostCheckpointsAtOne;

  final CheckpointMemory memory = new CheckpointMemory();

  /** Marks set in checkpoints: slots read, and scalars whose exact value mattered. */
  long marks;

  private final Instruction[] instructions;
  private final ArrayDeque<VerifierState> pending = new ArrayDeque<>();
  private int lastId;

  Verification(BpfProgram program, List<MapSpec> maps, VerifierObserver observer)
      throws VerifierException {
    this.program = program;
    this.maps = maps;
    this.observer = observer;
    this.instructions = program.instructions().toArray(Instruction[]::new);
    this.refusals = new Refusals(this);
    this.exceptions = new Exceptions(this);
    this.arenas = new Arenas(this);
    this.flow = new ControlFlow(this);
    this.types = new ObjectTypes(program.btf());
    this.calls = new CallGraph(this);
    this.liveness = new Liveness(program.instructions());
    this.facts = new Facts(instructions.length);
    this.precision = new Precision(this);
    this.deadCode = new DeadCode(this);
    this.loops = new Loops(this);
    this.later = new LaterCallbacks(this);
    this.stackDepths = new int[flow.functions()];
    this.fastCalls = new FastCalls(this, instructions.length);
  }

  Instruction instruction(int at) {
    return instructions[at];
  }

  /** The index of the instruction behind the current one. */
  int next() {
    return instructions[index].isWide() ? index + 2 : index + 1;
  }

  int newId() {
    return ++lastId;
  }

  /** A refusal of the current instruction, to be thrown. */
  VerifierException refuse(String reason) {
    return refusals.at(index, reason);
  }

  /**
   * The same, with the class of mistake it belongs to.
   *
   * @param register the one at fault, or -1
   */
  VerifierException refuse(Cause cause, int register, String reason) {
    return refusals.at(index, cause, register, reason);
  }

  /**
   * Whether the function that starts at {@code start} is proved once, by what its types say of its
   * arguments, and not followed at its calls.
   */
  boolean isGlobal(int start) {
    Subprogram subprogram = start == 0 ? null : flow.subprogram(start);
    return subprogram != null && subprogram.global() && subprogram.btfFunc() != 0;
  }

  /** The packet may move with the current instruction: pointers into it mean nothing any more. */
  void losePacketPointers(VerifierState of) {
    int at = index;
    of.replaceAll(
        r ->
            r.kind().isPacketOrEnd() || r.has(RegisterState.PACKET_SLICE)
                ? RegisterState.lostPacketPointer(at)
                : r);
  }

  /** A register of the current frame, to be read. */
  RegisterState read(int register) throws VerifierException {
    RegisterState value = state.registers()[register];
    if (!value.isInitialised()) {
      throw refuse(
          Cause.UNINITIALISED_REGISTER,
          register,
          "r" + register + " is read, but nothing was written to it" + clobberedBy(register));
    }
    return value;
  }

  private String clobberedBy(int register) {
    if (register < 1 || register > 5) {
      return "";
    }
    Step newest = state.history;
    for (Step s = newest; s != null; s = s.previous) {
      if (s == newest && s.instruction == index) {
        continue; // the call that reads it
      }
      Instruction i = instruction(s.instruction);
      if (s.frame == state.depth - 1 && i.isCall()) {
        return " since the call at instruction " + s.instruction + " clobbered it";
      }
    }
    return "";
  }

  /** Resource {@code reference} is given back: pointers to it are worth nothing any more. */
  void release(int reference) {
    state.drop(reference);
    int at = index;
    state.replaceAll(
        r -> r.reference() == reference ? RegisterState.lost(at, RegisterState.RELEASED) : r);
  }

  /** A new resource, to be released; returns its id. */
  int acquire(Resource resource) throws VerifierException {
    if (state.acquired.size() >= VerifierLimits.ACQUIRED) {
      throw refuse(
          "more than "
              + VerifierLimits.ACQUIRED
              + " resources are held, such as reserved records: release some");
    }
    int id = newId();
    state.acquire(resource, id, index);
    return id;
  }

  void write(int register, RegisterState value) {
    state.registers()[register] = value;
  }

  /** Whether the call at {@code at} is followed into the callee, with a frame of its own. */
  boolean isFollowedCall(int at) {
    return instruction(at).isSubprogramCall()
        && !isGlobal(Instructions.callTarget(program.instructions(), at));
  }

  /**
   * Takes another path from the current instruction: a copy of the state that will go on at {@code
   * target}. The caller may change the copy.
   */
  VerifierState fork(int target) throws VerifierException {
    if (pending.size() >= VerifierLimits.PENDING) {
      throw refuse(
          Cause.TOO_COMPLEX,
          -1,
          "more than "
              + VerifierLimits.PENDING
              + " paths wait to be followed: the program branches"
              + " too much");
    }
    VerifierState other = state.copy();
    if (state.history != null) {
      state.history.forked = true;
    }
    other.instruction = target;
    if (other.parent != null) {
      other.parent.branches++;
    }
    pending.push(other);
    if (observer != null) {
      observer.fork(other);
    }
    return other;
  }

  /** The next path to follow, or null. */
  VerifierState nextPath() {
    VerifierState next = pending.poll();
    if (next != null && observer != null) {
      observer.resume(next);
    }
    return next;
  }

  /** A checkpoint was made, one of {@code atOne} at its instruction. */
  void countCheckpoint(int atOne) {
    checkpoints++;
    mostCheckpoints = Math.max(mostCheckpoints, ++checkpointsNow);
    mostCheckpointsAtOne = Math.max(mostCheckpointsAtOne, atOne);
  }

  /** Tells the checkpoints before {@code of} which slots of a frame were read. */
  void markRead(VerifierState of, int frame, long slots) {
    long left = slots & ~of.frames[frame].writtenSlots;
    for (VerifierState s = of.parent; s != null && left != 0 && frame < s.depth; s = s.parent) {
      Frame f = s.frames[frame];
      left &= ~f.readSlots;
      f.readSlots |= left;
      marks += left == 0 ? 0 : 1;
      left &= ~f.writtenSlots;
    }
  }

  /** The current path ended: checkpoints behind which nothing is left are finished. */
  void endPath() {
    VerifierState s = state;
    while (s != null && --s.branches == 0) {
      VerifierState parent = s.parent;
      memory.finish(s);
      if (s.backEdges != null) {
        loops.settle(s);
      }
      if (Loops.entryOf(s) == null) {
        // No path goes back to what lies before it, so that memory is free.
        s.parent = null;
        s.history = null;
      }
      s = parent;
    }
  }

  /** Memory is touched, the lowest at {@code offset}, on the stack that {@code frame} has. */
  void useStack(Frame frame, int offset) {
    int function = flow.indexOf(frame.function);
    stackDepths[function] = Math.max(stackDepths[function], -offset);
    fastCalls.touch(function, offset);
    frame.grow(offset);
  }
}
