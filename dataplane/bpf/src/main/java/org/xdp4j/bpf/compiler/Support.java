package org.xdp4j.bpf.compiler;

import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.ProgramArrayMap;

/** What generated code calls where it would only be longer itself. */
final class Support {
  private Support() {}

  /** A path was taken that the verifier proved impossible. */
  static RuntimeException dead() {
    return new ProgramFaultException("the program went where the verifier proved it never goes");
  }

  /** A helper calls back what is no function of the program, which only unverified ones do. */
  static RuntimeException noCallback() {
    return new ProgramFaultException("a helper was given a callback that is no function");
  }

  /**
   * What {@code bpf_tail_call} goes on with, counted; null when there is no such program or this
   * run has made all its tail calls.
   */
  static Executable tailCall(XdpContext context, BpfMap map, int index) {
    if (!(map instanceof ProgramArrayMap programs)) {
      throw new ProgramFaultException("a tail call through what is no program array");
    }
    Executable target = programs.program(index);
    if (target == null || context.tailCalls >= XdpContext.MAX_TAIL_CALLS) {
      return null;
    }
    context.tailCalls++;
    return target;
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
