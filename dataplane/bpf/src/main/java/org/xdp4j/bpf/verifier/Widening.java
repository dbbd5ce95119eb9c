package org.xdp4j.bpf.verifier;

/**
 * Lets loops that end by themselves ({@code may_goto}, callbacks) settle: numbers that change from
 * turn to turn, and whose value did not matter so far, become any number, so that the next turn is
 * like the one before.
 */
final class Widening {
  private Widening() {}

  /** Widens {@code state}, about to begin another turn of the loop at the instruction it left. */
  static void apply(VerifierState state) {
    VerifierState here = state.parent;
    if (here == null) {
      return;
    }
    VerifierState last = here.parent;
    while (last != null && !(last.instruction == here.instruction && sameCalls(last, here))) {
      last = last.parent;
    }
    if (last == null) {
      return;
    }
    for (int f = 0; f < state.depth; f++) {
      widen(last, state, f);
    }
  }

  /**
   * Widens {@code state}, about to begin another turn at {@code instruction}, against the turn
   * before, which began at a checkpoint there.
   */
  static void since(VerifierState state, int instruction) {
    VerifierState last = state.parent;
    while (last != null && !(last.instruction == instruction && sameCalls(last, state))) {
      last = last.parent;
    }
    for (int f = 0; last != null && f < state.depth; f++) {
      widen(last, state, f);
    }
  }

  private static boolean sameCalls(VerifierState a, VerifierState b) {
    if (a.depth != b.depth) {
      return false;
    }
    for (int f = 0; f < a.depth; f++) {
      if (a.frames[f].callSite != b.frames[f].callSite) {
        return false;
      }
    }
    return true;
  }

  private static void widen(VerifierState last, VerifierState state, int f) {
    Frame before = last.frames[f];
    Frame now = state.frames[f];
    for (int r = 0; r < Frame.REGISTERS; r++) {
      boolean precise = (before.preciseRegisters >>> r & 1) != 0;
      if (!precise && differ(before.registers[r], now.registers[r])) {
        now.registers[r] = RegisterState.UNKNOWN;
      }
    }
    for (int s = 0; s < Math.min(before.slots(), now.slots()); s++) {
      boolean precise = (before.preciseSlots >>> s & 1) != 0;
      RegisterState old = before.spilled(s);
      RegisterState spilled = now.spilled(s);
      if (!precise && old != null && spilled != null && differ(old, spilled)) {
        now.refine(s, RegisterState.UNKNOWN);
      }
    }
  }

  private static boolean differ(RegisterState before, RegisterState now) {
    return before.isScalar() && now.isScalar() && !before.range().equals(now.range());
  }
}
