package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.verifier.Checkpoints.Checkpoint;
import org.xdp4j.bpf.verifier.StateComparison.Mode;

/**
 * Keeps checkpoints and ends paths that add nothing to one: without it the number of paths doubles
 * with every comparison. A checkpoint may end a path only once all paths behind it are followed,
 * for only then it is known what mattered there. When to keep one and when to forget it is decided
 * as Linux does, so that both follow about as many instructions.
 */
final class Pruning {
  /** Entries of history since the last checkpoint from which on the next point becomes one. */
  private static final int LONG_PAST = 40;

  /**
   * Steps without a checkpoint after which any instruction becomes one, so that no walk back to the
   * last is long. Linux needs none: programs of compilers branch or call within fewer.
   */
  static final int LONG_WALK = 1024;

  private final Verification v;
  private final StateComparison comparison;
  private Checkpoints checkpoints;
  private int processedAtLast;
  private int jumpsAtLast;

  /** Of the current state's innermost registers, 0 while not asked for. */
  private int fingerprint;

  Pruning(Verification v) {
    this.v = v;
    this.comparison = new StateComparison(v);
  }

  /** A new proof begins: nothing seen before counts. */
  void reset() {
    checkpoints = new Checkpoints(v, v.program.instructions().size());
    v.memory.clear();
    processedAtLast = v.processed;
    jumpsAtLast = v.jumps;
  }

  /**
   * Looks for the current state among the checkpoints of its instruction, and may make it one.
   *
   * @return whether the path can end here
   */
  boolean isKnown() throws VerifierException {
    VerifierState state = v.state;
    boolean needed = v.flow.needsCheckpoint(v.index);
    boolean forced = needed || state.noted > LONG_PAST;
    boolean add = forced || v.jumps - jumpsAtLast >= 2 && v.processed - processedAtLast >= 8;
    fingerprint = 0;
    Checkpoint newer = null;
    for (Checkpoint c = checkpoints.newest(v.index); c != null; c = c.next) {
      boolean isUnfinished = c.state.branches > 0;
      if (isUnfinished ? isRepetition(c) : isCovered(c)) {
        c.hits++;
        notePruned(c.state);
        return true;
      }
      // A loop: its turns differ, and checkpoints of each rarely help.
      if (isUnfinished
          && !forced
          && v.jumps - jumpsAtLast < 20
          && v.processed - processedAtLast < 100) {
        add = false;
      }
      c.misses += add ? 1 : 0;
      int patience = needed && isUnfinished ? 64 : 3;
      if (c.misses > c.hits * patience + patience) {
        checkpoints.remove(newer, c);
      } else {
        newer = c;
      }
    }
    if (add && v.memory.hasRoom()) {
      checkpoint();
    }
    return false;
  }

  private void notePruned(VerifierState checkpoint) {
    if (v.observer != null) {
      v.observer.prune(v.state, v.index, checkpoint);
    }
  }

  private boolean isCovered(Checkpoint c) {
    boolean incomplete = Loops.entryOf(c.state) != null;
    if (!comparison.covers(c.state, v.state, incomplete ? Mode.WITHIN : Mode.RELEVANT)) {
      return false;
    }
    v.loops.inherit(c.state, v.state);
    if (incomplete) {
      v.loops.close(c.state);
    }
    return true;
  }

  /** Whether an unfinished checkpoint ends this path; a loop that goes on as before is refused. */
  private boolean isRepetition(Checkpoint c) throws VerifierException {
    VerifierState old = c.state;
    VerifierState state = v.state;
    if (Iteration.isNext(v.instruction(v.index))) {
      return Iteration.mayGoOn(state) && isAnotherTurn(old, state);
    }
    if (v.flow.callsBack(v.index)) {
      return isAnotherTurn(old, state);
    }
    if (old.callbackDepth != state.callbackDepth) {
      return false;
    }
    if (old.mayGotoDepth != state.mayGotoDepth) {
      return v.instruction(v.index).isMayGoto() && isAnotherTurn(old, state);
    }
    if (hasFingerprintOf(c) && comparison.covers(old, state, Mode.SAME)) {
      throw v.refuse(
          Cause.ENDLESS_LOOP,
          -1,
          "endless loop: a path comes back here with nothing changed, so it would go round"
              + " forever");
    }
    return false;
  }

  /** Whether the registers can be the same: quickly told for nearly all that are not. */
  private boolean hasFingerprintOf(Checkpoint c) {
    if (fingerprint == 0) {
      fingerprint = v.state.frame().fingerprint();
    }
    return c.fingerprint == fingerprint;
  }

  /** Whether another turn of a loop that ends by itself is within an earlier one. */
  private boolean isAnotherTurn(VerifierState old, VerifierState state) {
    if (!comparison.covers(old, state, Mode.WITHIN)) {
      return false;
    }
    v.loops.close(old);
    return true;
  }

  /** Keeps the current state. */
  void checkpoint() {
    VerifierState state = v.state;
    SingularIds.clear(state);
    int bytes = CheckpointMemory.bytesOf(state);
    VerifierState kept = state.copy();
    kept.branches = 1;
    v.memory.keep(kept, bytes);
    state.parent = kept;
    state.level++;
    state.noted = 0;
    state.steps = 0;
    for (int f = 0; f < state.depth; f++) {
      state.frames[f].writtenSlots = 0;
    }
    checkpoints.add(kept);
    if (v.observer != null) {
      v.observer.checkpoint(kept);
    }
    jumpsAtLast = v.jumps;
    processedAtLast = v.processed;
  }
}
