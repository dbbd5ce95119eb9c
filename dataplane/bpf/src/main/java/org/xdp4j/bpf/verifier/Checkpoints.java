package org.xdp4j.bpf.verifier;

/** The checkpoints kept, by the instruction they stand before, the newest first. */
final class Checkpoints {

  /** A state kept, and how useful it was. */
  static final class Checkpoint {
    final VerifierState state;

    /** Of what its innermost registers hold: other than that of a state that holds the same. */
    final int fingerprint;

    /** Paths it ended. */
    int hits;

    /** Times it was compared in vain. */
    int misses;

    /** The next older one at the same instruction, or null. */
    Checkpoint next;

    Checkpoint(VerifierState state) {
      this.state = state;
      this.fingerprint = state.frame().fingerprint();
    }
  }

  private final Verification v;
  private final Checkpoint[] newest;
  private final int[] counts;

  Checkpoints(Verification v, int instructions) {
    this.v = v;
    newest = new Checkpoint[instructions];
    counts = new int[instructions];
  }

  /** The newest at {@code instruction}, or null. */
  Checkpoint newest(int instruction) {
    return newest[instruction];
  }

  /** Keeps {@code state}, which is not changed any more. */
  void add(VerifierState state) {
    Checkpoint added = new Checkpoint(state);
    int at = state.instruction;
    added.next = newest[at];
    newest[at] = added;
    v.countCheckpoint(++counts[at]);
  }

  /** Forgets {@code unused}; {@code newer} stands before it, null when it is the newest. */
  void remove(Checkpoint newer, Checkpoint unused) {
    int at = unused.state.instruction;
    if (newer == null) {
      newest[at] = unused.next;
    } else {
      newer.next = unused.next;
    }
    v.memory.forget(unused.state);
    counts[at]--;
    v.checkpointsNow--;
  }
}
