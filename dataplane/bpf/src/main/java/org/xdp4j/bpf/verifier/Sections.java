package org.xdp4j.bpf.verifier;

import java.util.function.Predicate;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.KfuncSpec;
import org.xdp4j.bpf.helper.Kfuncs;

/** What a program may do while it holds something, and what it must not hold any more. */
final class Sections {
  private final Verification v;

  Sections(Verification v) {
    this.v = v;
  }

  /** A kernel function that may open or close a section is called. */
  void enter(KfuncSpec function) throws VerifierException {
    checkSleep(function);
    VerifierState state = v.state;
    if (function.has(KfuncSpec.Flag.RCU_LOCK)) {
      checkNotInOrder(function);
      if (state.rcuSections > 0) {
        throw v.refuse(
            Cause.SECTION, -1, "an RCU read-side section is open already, and they do not nest");
      }
      state.rcuSections++;
    } else if (function.has(KfuncSpec.Flag.RCU_UNLOCK)) {
      if (state.rcuSections == 0) {
        throw v.refuse(Cause.SECTION, -1, "no RCU read-side section is open that this could close");
      }
      checkNotInOrder(function);
      state.rcuSections--;
      Ownership.leftReadSection(state);
    } else if (function.has(KfuncSpec.Flag.PREEMPT_DISABLE)) {
      state.preemptSections++;
    } else if (function.has(KfuncSpec.Flag.PREEMPT_ENABLE)) {
      if (state.preemptSections == 0) {
        throw v.refuse(Cause.SECTION, -1, "preemption is not disabled, so it cannot be enabled");
      }
      state.preemptSections--;
    }
  }

  private void checkNotInOrder(KfuncSpec function) throws VerifierException {
    if (v.state.isInOrderCallback()) {
      throw v.refuse(
          Cause.SECTION,
          -1,
          function.name() + " cannot be called while a tree compares nodes to add one");
    }
  }

  /** Refuses what may sleep where that is not allowed. */
  private void checkSleep(KfuncSpec function) throws VerifierException {
    if (!function.has(KfuncSpec.Flag.SLEEPS)) {
      return;
    }
    VerifierState state = v.state;
    if (!state.maySleep) {
      throw v.refuse(
          Cause.NOT_AVAILABLE,
          -1,
          function.name()
              + " may sleep, which an XDP program may not: call it from work that it hands over"
              + " (bpf_wq)");
    }
    boolean held =
        state.rcuSections > 0
            || state.preemptSections > 0
            || state.innermost(Resource.INTERRUPTS) != null;
    if (held) {
      throw v.refuse(
          Cause.SECTION,
          -1,
          function.name()
              + " may sleep, which it may not with a section open: close it before the call");
    }
  }

  /** Refuses most calls while a lock is held. */
  void checkCall(HelperSpec callee) throws VerifierException {
    VerifierState.Acquired lock = v.state.innermostLock();
    boolean allowed =
        lock == null
            || callee.id() == HelperSpec.SPIN_UNLOCK
            || Kfuncs.byName(callee.name())
                .filter(f -> f.has(KfuncSpec.Flag.UNDER_LOCK))
                .isPresent();
    if (!allowed) {
      throw v.refuse(
          Cause.SECTION,
          -1,
          callee.name()
              + " cannot be called while the lock that instruction "
              + lock.instruction()
              + " took is held; release it first");
    }
  }

  /** Refuses the call of a function that is proved by itself while a lock is held. */
  void checkGlobalCall(String callee) throws VerifierException {
    VerifierState.Acquired lock = v.state.innermostLock();
    if (lock != null) {
      throw v.refuse(
          Cause.SECTION,
          -1,
          callee
              + " is a global function, which cannot be called while the lock that instruction "
              + lock.instruction()
              + " took is held; make it static");
    }
  }

  /**
   * Refuses a tail call while anything is held. The program that a subprogram's tail call leads to
   * comes back to the subprogram's caller, which may have references of its own then; what the
   * subprogram leaves it is found when the caller ends (check_reference_leak in
   * kernel/bpf/verifier.c).
   */
  void checkTailCall() throws VerifierException {
    boolean comesBack = v.state.depth > 1;
    checkNotHeld("the tail call would leave", each -> !comesBack || each.isSection());
  }

  /** Refuses to leave the program while anything is held. */
  void checkNothingHeld(String what) throws VerifierException {
    checkNotHeld(what, each -> true);
  }

  private void checkNotHeld(String what, Predicate<Resource> counts) throws VerifierException {
    VerifierState state = v.state;
    for (VerifierState.Acquired each : state.acquired) {
      if (counts.test(each.resource())) {
        throw v.refuse(Cause.LEAK, -1, what + " " + each.resource().advice(each.instruction()));
      }
    }
    if (state.rcuSections > 0) {
      throw v.refuse(
          Cause.LEAK, -1, what + " an RCU read-side section that is open: close it on every path");
    }
    if (state.preemptSections > 0) {
      throw v.refuse(Cause.LEAK, -1, what + " preemption disabled: enable it on every path");
    }
  }
}
