package org.xdp4j.bpf.verifier;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.InstructionCheck;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.object.Subprogram;

/**
 * The shape of a program, before any path is followed: its functions, that every jump stays within
 * one, that each ends in exit or a jump back, that every instruction can be reached; and the points
 * where paths may meet again.
 */
final class ControlFlow {
  private final Verification v;
  private final List<Instruction> program;
  private final int[] starts;
  private final boolean[] meetingPoint;
  private final boolean[] join;
  private final boolean[] callsBack;
  private final boolean[] needsCheckpoint;

  /**
   * Checks the shape.
   *
   * @throws VerifierException naming the first instruction that breaks it
   */
  ControlFlow(Verification v) throws VerifierException {
    this.v = v;
    this.program = v.program.instructions();
    InstructionCheck.Problem problem = InstructionCheck.checkForm(program);
    if (problem != null) {
      throw v.refusals.at(problem.index(), problem.reason());
    }
    checkLinuxLimits();
    starts = findFunctions();
    checkUsedMaps();
    meetingPoint = new boolean[program.size()];
    join = new boolean[program.size()];
    callsBack = new boolean[program.size()];
    needsCheckpoint = new boolean[program.size()];
    checkFunctionEnds();
    checkJumps();
    checkReachable();
  }

  private void checkLinuxLimits() throws VerifierException {
    if (program.size() > VerifierLimits.INSTRUCTIONS) {
      throw v.refusals.whole(
          "the program has "
              + program.size()
              + " instructions, more than "
              + VerifierLimits.INSTRUCTIONS);
    }
  }

  /** Each counts once, wherever it is named (kernel/bpf/verifier.c, __add_used_map). */
  private void checkUsedMaps() throws VerifierException {
    Set<Integer> used = new HashSet<>();
    for (int i = 0; i < program.size(); i++) {
      Instruction insn = program.get(i);
      boolean map =
          insn.src() == Opcode.PSEUDO_MAP_IDX || insn.src() == Opcode.PSEUDO_MAP_IDX_VALUE;
      if (insn.isWide() && map && used.add(insn.imm()) && used.size() > VerifierLimits.MAPS) {
        throw v.refusals.at(
            i, "it names another map, and " + VerifierLimits.MAPS + " are the most of a program");
      }
    }
  }

  private int[] findFunctions() throws VerifierException {
    TreeSet<Integer> found = new TreeSet<>();
    found.add(0);
    for (int i = 0; i < program.size(); i = Instructions.nextIndex(program, i)) {
      Instruction instruction = program.get(i);
      boolean reference = instruction.isWide() && instruction.src() == Opcode.PSEUDO_FUNC;
      if (instruction.isSubprogramCall() || reference) {
        int target = Instructions.callTarget(program, i);
        if (target == 0) {
          throw v.refusals.at(i, "the program itself cannot be called as a subprogram");
        }
        found.add(target);
      }
    }
    found.add(v.exceptions.callback());
    if (found.size() > VerifierLimits.FUNCTIONS) {
      throw v.refusals.whole(
          "the program has more than " + VerifierLimits.FUNCTIONS + " functions");
    }
    return found.stream().mapToInt(Integer::intValue).toArray();
  }

  private void checkFunctionEnds() throws VerifierException {
    for (int f = 0; f < starts.length; f++) {
      int last = end(f) - 1;
      Instruction instruction = program.get(last);
      if (!instruction.isExit() && !instruction.isGoto()) {
        throw v.refusals.at(
            last,
            "the function that starts at instruction " + starts[f] + " runs off its end here");
      }
    }
  }

  private void checkJumps() throws VerifierException {
    for (int i = 0; i < program.size(); i = Instructions.nextIndex(program, i)) {
      Instruction instruction = program.get(i);
      if (instruction.isJump()) {
        int target = Instructions.jumpTarget(program, i);
        int function = indexOf(i);
        if (target < starts[function] || target >= end(function)) {
          throw v.refusals.at(
              i, "the jump to instruction " + target + " leaves the function it stands in");
        }
        addJoin(target);
        meetingPoint[i] |= instruction.isConditionalJump();
        needsCheckpoint[i] |= instruction.isMayGoto();
      } else if (instruction.isWide() && instruction.src() == Opcode.PSEUDO_FUNC) {
        meetingPoint[i] = true;
        addJoin(i + 2);
        addJoin(Instructions.callTarget(program, i));
      } else if (instruction.isCall() && i + 1 < program.size()) {
        callsBack[i] = Callbacks.isCaller(instruction);
        needsCheckpoint[i] = callsBack[i];
        meetingPoint[i] |= callsBack[i];
        addJoin(i + 1);
        if (instruction.isSubprogramCall()) {
          meetingPoint[i] = true;
          addJoin(Instructions.callTarget(program, i));
        }
        if (Iteration.isNext(instruction)) {
          meetingPoint[i] = true;
          needsCheckpoint[i] = true;
        }
      }
    }
  }

  private void checkReachable() throws VerifierException {
    boolean[] seen = new boolean[program.size()];
    ArrayDeque<Integer> pending = new ArrayDeque<>();
    pending.push(0);
    pending.push(v.exceptions.callback());
    while (!pending.isEmpty()) {
      int i = pending.pop();
      if (seen[i]) {
        continue;
      }
      seen[i] = true;
      Instruction instruction = program.get(i);
      if (instruction.isWide()) {
        seen[i + 1] = true;
      }
      pushSuccessors(i, instruction, pending);
    }
    for (int i = 0; i < seen.length; i++) {
      if (!seen[i]) {
        throw v.refusals.at(i, "no path leads to this instruction; unreachable code is refused");
      }
    }
  }

  private void pushSuccessors(int i, Instruction instruction, ArrayDeque<Integer> pending) {
    if (instruction.isSubprogramCall()
        || instruction.isWide() && instruction.src() == Opcode.PSEUDO_FUNC) {
      pending.push(Instructions.callTarget(program, i));
    }
    if (instruction.isJump()) {
      pending.push(Instructions.jumpTarget(program, i));
    }
    if (!instruction.isGoto() && !instruction.isExit()) {
      pending.push(Instructions.nextIndex(program, i));
    }
  }

  /** How many functions there are, the program itself counted. */
  int functions() {
    return starts.length;
  }

  int start(int function) {
    return starts[function];
  }

  /** One past the last instruction of a function. */
  int end(int function) {
    return function + 1 < starts.length ? starts[function + 1] : program.size();
  }

  /** The function that {@code instruction} stands in. */
  int indexOf(int instruction) {
    int found = Arrays.binarySearch(starts, instruction);
    return found >= 0 ? found : -found - 2;
  }

  /** What the object says of the function that starts at {@code start}, or null. */
  Subprogram subprogram(int start) {
    for (Subprogram s : v.program.subprograms()) {
      if (s.start() == start) {
        return s;
      }
    }
    return null;
  }

  /** How messages name the function that starts at {@code start}. */
  String name(int start) {
    Subprogram s = subprogram(start);
    return s == null ? "the function at instruction " + start : s.name() + "()";
  }

  /** Whether paths may meet at {@code instruction}, so that a checkpoint is worth its cost. */
  boolean isMeetingPoint(int instruction) {
    return meetingPoint[instruction];
  }

  /** Whether {@code instruction} may be come to from elsewhere than the one before it. */
  boolean isJoin(int instruction) {
    return join[instruction];
  }

  /**
   * Whether each path gets a checkpoint at {@code instruction}, because loops that end by
   * themselves are found to repeat there.
   */
  boolean needsCheckpoint(int instruction) {
    return needsCheckpoint[instruction];
  }

  /** Whether {@code instruction} calls a helper that calls back before it returns. */
  boolean callsBack(int instruction) {
    return callsBack[instruction];
  }

  private void addJoin(int instruction) {
    meetingPoint[instruction] = true;
    join[instruction] = true;
  }

  void addMeetingPoint(int instruction) {
    meetingPoint[instruction] = true;
  }
}
