package org.xdp4j.bpf.verifier;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.object.LineInfo;

/**
 * The path that led to a refusal, condensed to what matters: conditions that could have come out
 * either way, subprograms that were called and still run, and what became of the value at fault.
 */
final class PathReport {
  /** The most conditions told; of more, those that decided least are left out. */
  private static final int MOST = 12;

  /** Steps looked at, from the last one back. */
  private static final int MOST_STEPS = 1 << 20;

  private final Verification v;
  private final PathRecorder recorder;
  private final List<Step> steps = new ArrayList<>();
  private final Map<Integer, BitSet> leadTo = new HashMap<>();

  /**
   * Looks at the path that {@code v} follows now.
   *
   * @param recorder what comparisons compared, or null
   */
  PathReport(Verification v, PathRecorder recorder) {
    this.v = v;
    this.recorder = recorder;
    for (Step s = v.state.history; s != null && steps.size() < MOST_STEPS; s = s.previous) {
      steps.add(s);
    }
    Collections.reverse(steps);
  }

  /** A step to be told, and whether the failing instruction is reached only this way. */
  private record Told(PathStep step, boolean isDecisive) {}

  /** Conditional jumps and which way they went, as {@link Refusal#decisions} has them. */
  List<Integer> decisions() {
    List<Integer> decisions = new ArrayList<>();
    for (int i = 0; i < steps.size() && decisions.size() < Refusal.MOST_DECISIONS; i++) {
      int index = steps.get(i).instruction;
      if (v.instruction(index).isConditionalJump() && next(i) >= 0) {
        decisions.add(index * 2 + (jumped(i) ? 1 : 0));
      }
    }
    return List.copyOf(decisions);
  }

  /** The instruction behind step {@code i}, -1 for the failing one. */
  private int next(int i) {
    if (i + 1 < steps.size()) {
      return steps.get(i + 1).instruction;
    }
    return v.index == steps.get(i).instruction ? -1 : v.index;
  }

  private boolean jumped(int i) {
    int index = steps.get(i).instruction;
    return next(i) == Instructions.jumpTarget(v.program.instructions(), index)
        && next(i) != index + 1;
  }

  /**
   * What happened, in order.
   *
   * @param origin the step that made the value at fault, or null
   * @param originText what to say of it
   * @param value the value at fault, or null: a call may have made it invalid
   */
  List<PathStep> condensed(Step origin, String originText, RegisterState value) {
    List<Told> told = new ArrayList<>();
    boolean[] isActive = active();
    int lost = lastOf(value == null ? -1 : value.lostAt());
    for (int i = 0; i < steps.size(); i++) {
      Step s = steps.get(i);
      Instruction instruction = v.instruction(s.instruction);
      if (s == origin) {
        add(told, step(PathStep.Kind.ORIGIN, s, originText, null), true);
      } else if (i == lost) {
        add(told, step(PathStep.Kind.INVALIDATION, s, Loss.step(value), null), true);
      } else if (instruction.isSubprogramCall() && isActive[i] && entersActive(i, isActive)) {
        String name = v.flow.name(Instructions.callTarget(v.program.instructions(), s.instruction));
        add(told, step(PathStep.Kind.CALL, s, "calls " + name, null), true);
      } else if (s.forked && instruction.isConditionalJump() && next(i) >= 0) {
        LineInfo next = v.program.lineOf(next(i));
        PathStep branch = step(PathStep.Kind.BRANCH, s, condition(i, instruction), next);
        add(told, branch, isActive[i] && isDecisive(i));
      } else if (instruction.isJump() && isActive[i] && turnsBack(i)) {
        String text = "goes back to instruction " + next(i);
        PathStep turn = step(PathStep.Kind.TURN, s, text, v.program.lineOf(next(i)));
        add(told, turn, true);
      }
    }
    return shortened(told);
  }

  private boolean turnsBack(int i) {
    return next(i) >= 0 && next(i) <= steps.get(i).instruction && jumped(i);
  }

  private PathStep step(PathStep.Kind kind, Step s, String text, LineInfo next) {
    return new PathStep(kind, s.instruction, v.program.lineOf(s.instruction), text, 1, next);
  }

  private int lastOf(int instruction) {
    for (int i = steps.size() - 1; i >= 0 && instruction >= 0; i--) {
      if (steps.get(i).instruction == instruction) {
        return i;
      }
    }
    return -1;
  }

  /** Whether each step ran in a frame that is still there, and not in a call that returned. */
  private boolean[] active() {
    boolean[] active = new boolean[steps.size()];
    int level = v.state.depth - 1;
    for (int i = steps.size() - 1; i >= 0; i--) {
      level = Math.min(level, steps.get(i).frame);
      active[i] = steps.get(i).frame == level;
    }
    return active;
  }

  private boolean entersActive(int i, boolean[] isActive) {
    return i + 1 < steps.size()
        && isActive[i + 1]
        && steps.get(i + 1).frame == steps.get(i).frame + 1;
  }

  /** Repetitions of the same outcome become one entry. */
  private static void add(List<Told> told, PathStep step, boolean isDecisive) {
    for (int i = told.size() - 1; i >= Math.max(0, told.size() - 4); i--) {
      PathStep before = told.get(i).step;
      if (before.instruction() == step.instruction() && before.kind() == step.kind()) {
        if (before.text().equals(step.text()) || step.kind() == PathStep.Kind.BRANCH) {
          PathStep merged = sameOutcome(before, step) ? step.repeated(before.times()) : null;
          if (merged != null) {
            told.remove(i);
            told.add(new Told(merged, isDecisive));
            return;
          }
        }
      }
    }
    told.add(new Told(step, isDecisive));
  }

  private static boolean sameOutcome(PathStep a, PathStep b) {
    return a.text().endsWith(" is true") == b.text().endsWith(" is true");
  }

  private static List<PathStep> shortened(List<Told> told) {
    int surplus = told.size() - MOST;
    boolean[] left = new boolean[told.size()];
    surplus = leaveOut(told, left, surplus, false);
    leaveOut(told, left, surplus, true);
    List<PathStep> result = new ArrayList<>();
    int omitted = 0;
    for (int i = 0; i <= told.size(); i++) {
      if (i < told.size() && left[i]) {
        omitted++;
        continue;
      }
      if (omitted > 0) {
        result.add(
            new PathStep(PathStep.Kind.OMISSION, -1, null, "more conditions", omitted, null));
        omitted = 0;
      }
      if (i < told.size()) {
        result.add(told.get(i).step);
      }
    }
    return List.copyOf(result);
  }

  private static int leaveOut(List<Told> told, boolean[] left, int surplus, boolean decisive) {
    int more = surplus;
    for (int i = 0; i < told.size() && more > 0; i++) {
      PathStep.Kind kind = told.get(i).step.kind();
      boolean branch = kind == PathStep.Kind.BRANCH || kind == PathStep.Kind.TURN;
      if (branch && !left[i] && told.get(i).isDecisive == decisive) {
        left[i] = true;
        more--;
      }
    }
    return more;
  }

  private String condition(int i, Instruction instruction) {
    Step s = steps.get(i);
    PathRecorder.Operands operands = recorder == null ? null : recorder.operands(s);
    String holds = jumped(i) ? " is true" : " is false";
    return Condition.text(instruction, operands) + holds;
  }

  /** Whether the other side of a branch cannot lead to where its frame stands now. */
  private boolean isDecisive(int i) {
    Step s = steps.get(i);
    int anchor = s.frame == v.state.depth - 1 ? v.index : v.state.frames[s.frame + 1].callSite;
    int other =
        jumped(i)
            ? s.instruction + 1
            : Instructions.jumpTarget(v.program.instructions(), s.instruction);
    return !leadTo.computeIfAbsent(anchor, this::leadingTo).get(other);
  }

  /** The instructions of a function from which {@code anchor} can be reached. */
  private BitSet leadingTo(int anchor) {
    List<Instruction> program = v.program.instructions();
    int function = v.flow.indexOf(anchor);
    Map<Integer, List<Integer>> before = new HashMap<>();
    for (int i = v.flow.start(function); i < v.flow.end(function); ) {
      Instruction instruction = program.get(i);
      int next = Instructions.nextIndex(program, i);
      if (instruction.isJump()) {
        int target = Instructions.jumpTarget(program, i);
        before.computeIfAbsent(target, k -> new ArrayList<>()).add(i);
      }
      if (!instruction.isGoto() && !instruction.isExit()) {
        before.computeIfAbsent(next, k -> new ArrayList<>()).add(i);
      }
      i = next;
    }
    BitSet found = new BitSet();
    ArrayDeque<Integer> pending = new ArrayDeque<>(List.of(anchor));
    while (!pending.isEmpty()) {
      int i = pending.pop();
      if (!found.get(i)) {
        found.set(i);
        pending.addAll(before.getOrDefault(i, List.of()));
      }
    }
    return found;
  }
}
