package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.verifier.StateComparison.Mode;

/**
 * Keeps checkpoints and ends paths that add nothing to one: without it the number of paths doubles
 * with every comparison. A checkpoint may end a path only once all paths behind it are followed,
 * for only then it is known what mattered there.
 */
final class Pruning {
  /** Steps without a checkpoint after which the next meeting point becomes one. */
  private static final int LONG_PAST = 40;

  private final Verification v;
  private final StateComparison comparison;
  private final Map<Integer, List<Entry>> checkpoints = new HashMap<>();
  private long words;
  private int processedAtLast;
  private int jumpsAtLast;

  /** A checkpoint and how useful it was. */
  private static final class Entry {
    final VerifierState state;
    int hits;
    int misses;

    Entry(VerifierState state) {
      this.state = state;
    }
  }

  Pruning(Verification v) {
    this.v = v;
    this.comparison = new StateComparison(v);
  }

  /** A new proof begins: nothing seen before counts. */
  void reset() {
    checkpoints.clear();
    words = 0;
  }

  /**
   * Looks for the current state among the checkpoints of its instruction, and may make it one.
   *
   * @return whether the path can end here
   */
  boolean isKnown() throws VerifierException {
    VerifierState state = v.state;
    boolean mayGoto = v.instruction(v.index).isMayGoto();
    boolean forced = mayGoto || stepsSince(state) > LONG_PAST;
    boolean add = forced || v.jumps - jumpsAtLast >= 2 && v.processed - processedAtLast >= 8;
    List<Entry> entries = checkpoints.computeIfAbsent(v.index, i -> new ArrayList<>());
    Iterator<Entry> it = entries.iterator();
    while (it.hasNext()) {
      Entry entry = it.next();
      VerifierState old = entry.state;
      if (old.branches > 0) {
        if (isRepetition(old, state, mayGoto)) {
          entry.hits++;
          notePruned(old);
          return true;
        }
        // A loop: its turns differ, and checkpoints of each rarely help.
        if (!forced && v.jumps - jumpsAtLast < 20 && v.processed - processedAtLast < 100) {
          add = false;
        }
      } else if (comparison.covers(old, state, Mode.RELEVANT)) {
        entry.hits++;
        inherit(old, state);
        notePruned(old);
        return true;
      }
      entry.misses++;
      if (old.branches == 0 && entry.misses > entry.hits * 3 + 3
          || entry.misses > entry.hits * 64 + 64) {
        it.remove();
        v.checkpointsNow--;
      }
    }
    if (add && words < VerifierLimits.CHECKPOINT_WORDS) {
      checkpoint(entries);
    }
    return false;
  }

  private void notePruned(VerifierState checkpoint) {
    if (v.observer != null) {
      v.observer.prune(v.state, v.index, checkpoint);
    }
  }

  private int stepsSince(VerifierState state) {
    Step end = state.parent == null ? null : state.parent.history;
    int count = 0;
    for (Step s = state.history; s != end && count <= LONG_PAST; s = s.previous) {
      count++;
    }
    return count;
  }

  /** Whether an unfinished checkpoint ends this path; a loop that goes on as before is refused. */
  private boolean isRepetition(VerifierState old, VerifierState state, boolean mayGoto)
      throws VerifierException {
    if (mayGoto && old.mayGotoDepth != state.mayGotoDepth) {
      if (!comparison.covers(old, state, Mode.WITHIN)) {
        return false;
      }
      // What will have mattered at the unfinished one is not known yet: take it that all does.
      for (int f = 0; f < state.depth; f++) {
        state.markRead(f, -1L);
      }
      v.precision.requireEverything(state);
      return true;
    }
    if (old.mayGotoDepth == state.mayGotoDepth && comparison.covers(old, state, Mode.SAME)) {
      throw v.refuse(
          Cause.ENDLESS_LOOP,
          -1,
          "endless loop: a path comes back here with nothing changed, so it would go round"
              + " forever");
    }
    return false;
  }

  /** What mattered behind {@code old} matters on the path to {@code state} too. */
  private void inherit(VerifierState old, VerifierState state) {
    for (int f = 0; f < old.depth; f++) {
      state.markRead(f, old.frames[f].readSlots);
    }
    v.precision.propagate(old, state);
  }

  private void checkpoint(List<Entry> entries) {
    VerifierState state = v.state;
    VerifierState kept = state.copy();
    words += kept.words();
    kept.branches = 1;
    state.parent = kept;
    for (int f = 0; f < state.depth; f++) {
      state.frames[f].writtenSlots = 0;
    }
    entries.add(new Entry(kept));
    v.countCheckpoint(entries.size());
    if (v.observer != null) {
      v.observer.checkpoint(kept);
    }
    jumpsAtLast = v.jumps;
    processedAtLast = v.processed;
  }
}
