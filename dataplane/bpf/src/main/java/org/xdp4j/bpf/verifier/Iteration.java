package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.helper.ReturnKind;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.verifier.StackObject.OpenIterator;

/**
 * The turns of loops over an iterator. The call that asks for the next number is where turns meet:
 * it is followed as if the iterator was done, and once more as if it gave a number, until a turn is
 * like one before it.
 */
final class Iteration {
  /** Bytes of the number that an iterator gives a pointer to. */
  private static final int NUMBER_BYTES = 4;

  private Iteration() {}

  /** Whether {@code instruction} asks an iterator for what is next. */
  static boolean isNext(Instruction instruction) {
    return Kfuncs.calledBy(instruction)
        .filter(f -> f.call().returns() == ReturnKind.ITERATOR_ELEMENT_OR_NULL)
        .isPresent();
  }

  /** Whether the iterator that the call before {@code state} names may have more. */
  static boolean mayGoOn(VerifierState state) {
    RegisterState pointer = state.registers()[1];
    Frame frame = state.frames[pointer.frame()];
    return pointer.kind() == RegisterKind.STACK
        && pointer.hasFixedOffset()
        && pointer.fixedOffset() < 0
        && frame.slot(Frame.slotOf((int) pointer.fixedOffset())).object()
            instanceof OpenIterator iterator
        && !iterator.drained();
  }

  /** The call was made: r0 is NULL on this path; on another, when there may be more, a number. */
  static void next(Verification v, ObjectArguments arguments) throws VerifierException {
    OpenIterator iterator = arguments.iterator;
    if (!iterator.drained()) {
      VerifierState again = v.fork(v.index + 1);
      again.frames[arguments.iteratorFrame].put(arguments.iteratorSlot, iterator.advanced());
      Widening.apply(again);
      again.registers()[0] =
          RegisterState.memory(NUMBER_BYTES, RegisterState.READ_ONLY, iterator.reference());
    }
    v.state.frames[arguments.iteratorFrame].put(arguments.iteratorSlot, iterator.ended());
    v.write(0, RegisterState.ZERO);
  }
}
