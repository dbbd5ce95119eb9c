package org.xdp4j.bpf.verifier;

/**
 * Whether all chains of calls fit the stack: each frame rounded up to 16 bytes as the kernel's
 * just-in-time compiler needs it, 512 bytes together; and before a subprogram that makes a tail
 * call, which starts over with a stack of its own, less than 256.
 */
final class StackDepth {
  private static final int ROUND = 16;

  private final Verification v;

  StackDepth(Verification v) {
    this.v = v;
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
    for (CallGraph.Edge edge : v.calls.of(function)) {
      if (!edge.call()) {
        continue;
      }
      if (colour[edge.callee()] == 1) {
        throw v.refusals.at(
            edge.site(),
            "recursion: " + v.flow.name(v.flow.start(edge.callee())) + " ends up calling itself");
      }
      visit(edge.callee(), colour);
    }
    colour[function] = 2;
  }

  /** Checks the depths that the paths found. */
  void check() throws VerifierException {
    v.exceptions.checkCallbacks();
    for (int f = v.flow.functions() - 1; f >= 0; f--) {
      boolean later = v.later.has(f);
      if (later && v.calls.makesTailCall(f)) {
        throw v.refusals.at(
            v.flow.start(f),
            v.flow.name(v.flow.start(f)) + " runs later by itself, so it cannot make a tail call");
      }
      if (f == 0 || later || v.flow.start(f) == v.exceptions.callback()) {
        check(f, 0, 1, new int[v.flow.functions()][VerifierState.MAX_FRAMES + 1]);
      }
    }
  }

  /** The greatest depth a function was met with at each nesting is kept: less needs no visit. */
  private void check(int function, int before, int nesting, int[][] seen) throws VerifierException {
    int own = v.fastCalls.depth(function, v.stackDepths[function]);
    int depth = before + (own + ROUND - 1) / ROUND * ROUND;
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
    for (CallGraph.Edge edge : v.calls.of(function)) {
      if (!edge.call() && v.later.has(edge.callee())) {
        continue; // it runs with a stack of its own
      }
      checkTailCall(edge, depth);
      if (nesting == VerifierState.MAX_FRAMES) {
        throw v.refusals.at(edge.site(), tooDeep(v.flow.start(edge.callee())));
      }
      check(edge.callee(), depth, nesting + 1, seen);
    }
  }

  /** What is wrong with a call of the function at {@code start} out of the last frame there is. */
  private String tooDeep(int start) {
    return "the call of "
        + v.flow.name(start)
        + " would be the "
        + (VerifierState.MAX_FRAMES + 1)
        + "th frame; calls nest "
        + VerifierState.MAX_FRAMES
        + " deep at the most";
  }

  private void checkTailCall(CallGraph.Edge edge, int depth) throws VerifierException {
    if (v.calls.makesTailCall(edge.callee()) && depth >= VerifierLimits.STACK_BEFORE_TAIL_CALL) {
      throw v.refusals.at(
          edge.site(),
          v.flow.name(v.flow.start(edge.callee()))
              + " makes a tail call, so its callers may have used"
              + " less than "
              + VerifierLimits.STACK_BEFORE_TAIL_CALL
              + " bytes of stack, but"
              + " they use "
              + depth);
    }
  }
}
