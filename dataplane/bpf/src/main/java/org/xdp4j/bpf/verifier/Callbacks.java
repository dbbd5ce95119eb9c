package org.xdp4j.bpf.verifier;

import java.util.Optional;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.helper.TreeKfuncs;
import org.xdp4j.bpf.helper.WorkQueueKfuncs;
import org.xdp4j.bpf.isa.Instruction;

/**
 * Helpers that call back while they run. The callback is followed as the body of a loop whose head
 * is the helper's call: one path goes on behind the call, another through the callback and back to
 * the call, until a turn adds nothing to an earlier one. Numbers that change from turn to turn and
 * did not matter so far become any number, so that this ends.
 */
final class Callbacks {
  /** What a callback's frame is told apart by, and which numbers it may return. */
  record Contract(long least, long most) {
    /** 0 to go on, 1 to stop. */
    static final Contract LOOP = new Contract(0, 1);

    /** What runs later by itself returns 0. */
    static final Contract LATER = new Contract(0, 0);

    /** Whether a node stands before another; the tree's lock is held meanwhile. */
    static final Contract ORDER = new Contract(0, 1);

    @Override
    public String toString() {
      return least == most ? "" + least : least + " to " + most;
    }

    boolean allows(ScalarRange range) {
      return range.smin() >= least && range.smax() <= most;
    }
  }

  /** The id of a dynptr that a callback is lent, which slices of its memory carry. */
  private static final int LENT = Integer.MAX_VALUE;

  /** What the callback's registers hold at the start, from those of its caller. */
  @FunctionalInterface
  interface Arguments {
    void set(RegisterState[] callee, RegisterState[] caller);
  }

  private final Verification v;

  Callbacks(Verification v) {
    this.v = v;
  }

  /** Whether {@code instruction} calls a helper that calls back before it returns. */
  static boolean isCaller(Instruction instruction) {
    return instruction.isHelperCall()
        ? argumentsOf(instruction.imm()).isPresent()
        : Kfuncs.calledBy(instruction).filter(f -> f.name().equals(TreeKfuncs.ADD)).isPresent();
  }

  private static Optional<Arguments> argumentsOf(int helper) {
    return switch (helper) {
      case HelperSpec.LOOP ->
          Optional.of(
              (callee, caller) -> {
                callee[1] = RegisterState.UNKNOWN;
                callee[2] = caller[3];
              });
      case HelperSpec.FOR_EACH_MAP_ELEM ->
          Optional.of(
              (callee, caller) -> {
                setElement(callee, caller[1]);
                callee[4] = caller[3];
              });
      case HelperSpec.USER_RINGBUF_DRAIN ->
          Optional.of(
              (callee, caller) -> {
                callee[1] = RegisterState.dynptr(StackObject.DynptrType.LOCAL, LENT);
                callee[2] = caller[3];
              });
      default -> Optional.empty();
    };
  }

  /** The map, a key and a value of it: what callbacks about an element are given first. */
  static void setElement(RegisterState[] callee, RegisterState map) {
    callee[1] = map;
    callee[2] = RegisterState.ofMap(RegisterKind.MAP_KEY, map.map(), map.mapIndex(), map.mapId());
    callee[3] = RegisterState.ofMap(RegisterKind.MAP_VALUE, map.map(), map.mapIndex(), map.mapId());
  }

  /**
   * Opens the path through the callback, if the helper being called has one and may call it once
   * more. The caller's registers must still be as the helper is given them.
   */
  void follow(HelperSpec helper, HelperArguments given) throws VerifierException {
    boolean work = helper.name().equals(WorkQueueKfuncs.SET_CALLBACK);
    if (work || helper.id() == HelperSpec.TIMER_SET_CALLBACK) {
      v.facts.callback(v.index, given.function);
      v.later.add(given.function, given.timer, work);
      return;
    }
    if (helper.name().equals(TreeKfuncs.ADD)) {
      v.facts.callback(v.index, given.function);
      RegisterState node = Ownership.lent(given.allocations.field);
      follow(
          given.function,
          Contract.ORDER,
          (callee, caller) -> {
            callee[1] = node;
            callee[2] = node;
          });
      return;
    }
    Arguments arguments = argumentsOf(helper.id()).orElse(null);
    if (arguments == null) {
      return;
    }
    boolean loop = helper.id() == HelperSpec.LOOP;
    boolean plain = !loop || hasNoFlags();
    v.facts.callback(v.index, plain ? given.function : VerifiedProgram.NO_FUNCTION);
    if (loop && !mayGoRound()) {
      v.state.frame().callbackDepth = 0;
      return;
    }
    follow(given.function, Contract.LOOP, arguments);
  }

  /** Whether {@code bpf_loop} is given flags that are 0: then Linux may inline it. */
  private boolean hasNoFlags() throws VerifierException {
    RegisterState flags = v.read(4);
    boolean none = flags.isScalar() && flags.range().umax() == 0;
    if (none) {
      v.precision.require(4);
    }
    return none;
  }

  /** Whether {@code bpf_loop} may call back more often than it did on this path. */
  private boolean mayGoRound() throws VerifierException {
    RegisterState count = v.read(1);
    if (!count.isScalar()) {
      return true;
    }
    v.precision.require(1);
    return Long.compareUnsigned(v.state.frame().callbackDepth, count.range().umax()) < 0;
  }

  /** Opens the path through the callback that starts at {@code function}. */
  void follow(int function, Contract contract, Arguments arguments) throws VerifierException {
    v.exceptions.calledBack(function);
    if (v.state.depth == VerifierState.MAX_FRAMES) {
      throw v.refuse(
          "the callback "
              + v.flow.name(function)
              + " would run in the "
              + (VerifierState.MAX_FRAMES + 1)
              + "th frame; calls nest "
              + VerifierState.MAX_FRAMES
              + " deep at the most");
    }
    VerifierState inside = v.fork(function);
    Step call = v.state.history;
    inside.history = new Step(call.previous, call.instruction, call.frame);
    inside.history.callback = true;
    inside.history.forked = true;
    Frame caller = inside.frame();
    Frame callee = new Frame(inside.depth, v.index, function, contract);
    arguments.set(callee.registers, caller.registers);
    inside.push(callee);
    inside.callbackDepth++;
    caller.callbackDepth++;
    v.state.frame().callbackDepth = 0;
  }

  /**
   * Leaves the callback in the innermost frame: the next turn begins at the call.
   *
   * @return the call
   */
  int leave() throws VerifierException {
    Frame callee = v.state.frame();
    checkResult(callee);
    v.state.history.callback = true;
    v.state.pop();
    Widening.since(v.state, callee.callSite);
    return callee.callSite;
  }

  /** Whether {@code callee}, the innermost frame, returns what its contract says. */
  void checkResult(Frame callee) throws VerifierException {
    RegisterState result = v.read(0);
    if (!result.isScalar()) {
      throw v.refuse(
          Cause.CALLBACK, 0, "r0 is " + result.describe() + ", but a callback returns a number");
    }
    v.precision.require(0);
    if (!callee.contract.allows(result.range())) {
      throw v.refuse(
          Cause.CALLBACK,
          0,
          "r0 is %s, but a callback here returns %s".formatted(result.describe(), callee.contract));
    }
  }
}
