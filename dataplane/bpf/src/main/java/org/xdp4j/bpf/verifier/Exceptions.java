package org.xdp4j.bpf.verifier;

import java.util.BitSet;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.helper.ReturnKind;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Subprogram;

/**
 * Exceptions: a call of {@code bpf_throw} ends the program from wherever it is, and what its
 * exception callback makes of the number thrown is its return code; without one the number is. What
 * a callback throws would have to pass through the kernel, so none may.
 */
final class Exceptions {
  private final Verification v;
  private final String name;
  private final int callback;
  private final BitSet calledBack = new BitSet();

  Exceptions(Verification v) {
    this.v = v;
    this.name = v.program.exceptionCallbackName();
    this.callback = name == null ? 0 : Math.max(0, v.program.exceptionCallback());
  }

  /** Whether {@code instruction} throws an exception. */
  static boolean isThrow(Instruction instruction) {
    return Kfuncs.calledBy(instruction)
        .filter(function -> function.call().returns() == ReturnKind.NEVER)
        .isPresent();
  }

  /** Where the exception callback starts; 0 for none. */
  int callback() {
    return callback;
  }

  /** Refuses an exception callback that cannot be one. */
  void checkCallback() throws VerifierException {
    if (name == null) {
      return;
    }
    if (name.equals(BpfProgram.SEVERAL_CALLBACKS)) {
      throw v.refusals.whole(
          Cause.CALLBACK, "the program has several exception callbacks (__exception_cb)");
    }
    if (callback == 0) {
      throw v.refusals.whole(
          Cause.CALLBACK,
          "the exception callback '%s' is no function of the object".formatted(name));
    }
    Subprogram subprogram = v.flow.subprogram(callback);
    if (!subprogram.global()) {
      throw v.refusals.whole(
          Cause.CALLBACK,
          "the exception callback %s() is static; it must be a global function".formatted(name));
    }
  }

  /** Refuses to call the function that starts at {@code start} when it is the callback. */
  void checkCall(int start) throws VerifierException {
    if (callback != 0 && start == callback) {
      throw v.refuse(
          Cause.CALLBACK,
          -1,
          v.flow.name(start) + " is the exception callback, which cannot be called itself");
    }
  }

  /** Whether what the exception callback takes is one number. */
  void checkArguments(int start, FunctionSignature signature) throws VerifierException {
    boolean fits =
        signature.arguments().size() == 1
            && signature.arguments().getFirst() instanceof FunctionSignature.Argument.Scalar;
    if (start == callback && start != 0 && !fits) {
      throw v.refuse(
          Cause.CALLBACK,
          -1,
          v.flow.name(start) + " is the exception callback, which takes one number and no more");
    }
  }

  /** The function that starts at {@code start} is a callback on some path. */
  void calledBack(int start) {
    calledBack.set(v.flow.indexOf(start));
  }

  /** Refuses callbacks that may throw. */
  void checkCallbacks() throws VerifierException {
    if (callback != 0) {
      calledBack(callback);
      int function = v.flow.indexOf(callback);
      if (v.calls.makesTailCall(function)) {
        throw v.refusals.at(
            callback,
            v.flow.name(callback) + " is the exception callback, which cannot make a tail call");
      }
    }
    for (int f = calledBack.nextSetBit(0); f >= 0; f = calledBack.nextSetBit(f + 1)) {
      checkThrowsNothing(f, f, new BitSet());
    }
  }

  private void checkThrowsNothing(int from, int function, BitSet seen) throws VerifierException {
    if (seen.get(function)) {
      return;
    }
    seen.set(function);
    int site = v.calls.throwSite(function);
    if (site >= 0) {
      throw v.refusals.at(
          site,
          Cause.CALLBACK,
          -1,
          "bpf_throw cannot be called here, in what the callback "
              + v.flow.name(v.flow.start(from))
              + " calls");
    }
    for (CallGraph.Edge edge : v.calls.of(function)) {
      checkThrowsNothing(from, edge.callee(), seen);
    }
  }
}
