package org.xdp4j.bpf.verifier;

/**
 * Watches one verification from within, step by step: what a log or a check of the verifier's
 * claims is made of. The states it is given are those the verifier works on: they change after the
 * call returns and must not be changed by the observer. A path that is followed is seen as
 *
 * <pre>
 *  resume(state)                    not for the first path
 *  before(state, i) after(state, i, next)   ... one pair an instruction, forks in between
 *  prune(state, i)                  in place of before, when a checkpoint ends the path at i
 * </pre>
 *
 * A refusal ends it after a {@link #before} or before the first one.
 */
interface VerifierObserver {
  /** A proof begins; {@code v} has the counts from now on. */
  default void begin(Verification v) {}

  /** {@code instruction} is about to be followed in {@code state}. */
  default void before(VerifierState state, int instruction) {}

  /**
   * {@code instruction} was followed and left {@code state}.
   *
   * @param next what comes next on this path; {@link CallTransfer#END} when it ended
   */
  default void after(VerifierState state, int instruction, int next) {}

  /**
   * The instruction being followed opened another path, which waits: it goes on at {@code
   * waiting.instruction}. The caller may still refine the state.
   */
  default void fork(VerifierState waiting) {}

  /** A path that waited goes on at {@code state.instruction}, from {@code state.history}. */
  default void resume(VerifierState state) {}

  /** The path ends before {@code instruction}: {@code state} adds nothing to {@code checkpoint}. */
  default void prune(VerifierState state, int instruction, VerifierState checkpoint) {}

  /** {@code kept}, a copy of the state before its instruction, became a checkpoint. */
  default void checkpoint(VerifierState kept) {}

  /** A walk back to what a decision rested on begins before {@code instruction}. */
  default void seek(int frame, int instruction, int checkpoint) {}

  /**
   * The walk passes {@code instruction}; the masks say what is sought in {@code frame} behind it.
   */
  default void passBack(int frame, int registers, long slots, int instruction) {}

  /** The walk marked these in {@code checkpoint}. */
  default void markPrecise(VerifierState checkpoint, int frame, int registers, long slots) {}

  /** All paths were followed, without a refusal; {@code v} has the counts. */
  default void finish(Verification v) {}
}
