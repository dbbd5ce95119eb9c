package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;

/**
 * Whether all chains of calls fit the stack: each frame rounded up to 16 bytes as the kernel's
 * just-in-time compiler needs it, 512 bytes together; and before a subprogram that makes a tail
 * call, which starts over with a stack of its own, less than 256.
 */
final class StackDepth {
  private static final int ROUND = 16;

  private final Verification v;
  private final List<List<Integer>> calls = new ArrayList<>();

  StackDepth(Verification v) {
    this.v = v;
    for (int f = 0; f < v.flow.functions(); f++) {
      calls.add(callsOf(f));
    }
  }

  private List<Integer> callsOf(int function) {
    List<Integer> found = new ArrayList<>();
    List<Instruction> program = v.program.instructions();
    for (int i = v.flow.start(function); i < v.flow.end(function); ) {
      if (program.get(i).isSubprogramCall()) {
        found.add(i);
      }
      i = Instructions.nextIndex(program, i);
    }
    return found;
  }

  /** Refuses recursion, before any path is followed. */
  void checkNoRecursion() throws VerifierException {
    int[] colour = new int[v.flow.functions()];
    for (int f = 0; f < colour.length; f++) {
      visit(f, colour);
    }
  }

  private void visit(int function, int[] colour) throws VerifierException {
    if (colour[function] != 0) {
      return;
    }
    colour[function] = 1;
    for (int call : calls.get(function)) {
      int callee = callee(call);
      if (colour[callee] == 1) {
        throw v.refusals.at(
            call, "recursion: " + v.flow.name(v.flow.start(callee)) + " ends up calling itself");
      }
      visit(callee, colour);
    }
    colour[function] = 2;
  }

  private int callee(int call) {
    return v.flow.indexOf(Instructions.callTarget(v.program.instructions(), call));
  }

  /** Checks the depths that the paths found. */
  void check() throws VerifierException {
    check(0, 0, 1, new int[v.flow.functions()][VerifierState.MAX_FRAMES + 1]);
  }

  /** The greatest depth a function was met with at each nesting is kept: less needs no visit. */
  private void check(int function, int before, int nesting, int[][] seen) throws VerifierException {
    int depth = before + (v.stackDepths[function] + ROUND - 1) / ROUND * ROUND;
    if (seen[function][nesting] > depth) {
      return;
    }
    seen[function][nesting] = depth + 1;
    if (depth > VerifierLimits.STACK) {
      throw v.refusals.at(
          v.flow.start(function),
          "the stacks of "
              + nesting
              + " nested functions need "
              + depth
              + " bytes together, more"
              + " than "
              + VerifierLimits.STACK);
    }
    for (int call : calls.get(function)) {
      int callee = callee(call);
      if (v.tailCalls[callee] && depth >= VerifierLimits.STACK_BEFORE_TAIL_CALL) {
        throw v.refusals.at(
            call,
            v.flow.name(v.flow.start(callee))
                + " makes a tail call, so its callers may have used"
                + " less than "
                + VerifierLimits.STACK_BEFORE_TAIL_CALL
                + " bytes of stack, but"
                + " they use "
                + depth);
      }
      if (nesting < VerifierState.MAX_FRAMES) {
        check(callee, depth, nesting + 1, seen);
      }
    }
  }
}
