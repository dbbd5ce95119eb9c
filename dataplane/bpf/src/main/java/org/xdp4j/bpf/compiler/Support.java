package org.xdp4j.bpf.compiler;

import org.xdp4j.bpf.context.XdpContext;

/** What generated code calls in the cases that should never be. */
final class Support {
  private Support() {}

  /** A path was taken that the verifier proved impossible. */
  static RuntimeException dead() {
    return new ProgramFaultException("the program went where the verifier proved it never goes");
  }

  /** Counts a jump backwards or a call against the run's budget. */
  static void spend(XdpContext context) {
    if (--context.loopBudget < 0) {
      throw new ProgramFaultException("the program used up its budget of jumps backwards");
    }
  }

  /** Refuses a call that no frame of the stack is left for, in programs that were not verified. */
  static void checkFrame(XdpContext context, long framePointer) {
    long used = context.stackTop - framePointer;
    if (used < 0 || used > (XdpContext.MAX_CALL_FRAMES - 2L) * XdpContext.STACK_SIZE) {
      throw new ProgramFaultException(
          "the program calls more than " + XdpContext.MAX_CALL_FRAMES + " functions deep");
    }
  }
}
