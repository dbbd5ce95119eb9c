package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All that a proof claimed, kept as the graph of the states it went through: a {@link Point} for
 * each instruction followed, with the points that follow it, and where a path was ended by a
 * checkpoint the point of that checkpoint.
 */
final class Exploration implements VerifierObserver {
  /** Where a proof is given up: what it would cost is better spent on many others. */
  private static final int MOST_POINTS = 3_000;

  /** The proof is too long to be compared. */
  static final class LongProof extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LongProof() {
      super(null, null, false, false);
    }
  }

  /** The state before one instruction on one path. */
  static final class Point {
    final VerifierState state;
    final int instruction;
    final List<Point> next = new ArrayList<>(2);

    /** The point whose claims hold from here on, when a checkpoint ended the path. */
    Point coveredBy;

    /** The checkpoint made of this state, or null. */
    VerifierState checkpoint;

    Point(VerifierState state, int instruction) {
      this.state = state;
      this.instruction = instruction;
    }
  }

  private final Map<VerifierState, Point> forkedAt = new IdentityHashMap<>();
  private final Map<VerifierState, Point> checkpoints = new IdentityHashMap<>();
  private final Set<RegisterKind> kinds;
  private final List<Point> starts = new ArrayList<>();
  private final List<VerifierState> waiting = new ArrayList<>();
  private Point last;
  private int points;
  private Liveness liveness;

  /**
   * A proof to be recorded.
   *
   * @param kinds the kinds of values that registers had are added here
   */
  Exploration(Set<RegisterKind> kinds) {
    this.kinds = kinds;
  }

  /** Where the program, and each function proved by itself, begins. */
  List<Point> starts() {
    return starts;
  }

  Liveness liveness() {
    return liveness;
  }

  @Override
  public void before(VerifierState state, int instruction) {
    Point point = add(state, instruction);
    for (VerifierState kept : waiting) {
      point.checkpoint = kept;
      checkpoints.put(kept, point);
    }
    waiting.clear();
    last = point;
  }

  @Override
  public void after(VerifierState state, int instruction, int next) {
    if (next == CallTransfer.END) {
      last = null;
    }
  }

  @Override
  public void fork(VerifierState other) {
    forkedAt.put(other, last);
  }

  @Override
  public void resume(VerifierState state) {
    last = forkedAt.remove(state);
  }

  @Override
  public void prune(VerifierState state, int instruction, VerifierState checkpoint) {
    add(state, instruction).coveredBy = checkpoints.get(checkpoint);
    last = null;
  }

  @Override
  public void checkpoint(VerifierState kept) {
    waiting.add(kept);
  }

  @Override
  public void finish(Verification v) {
    liveness = v.liveness;
  }

  private Point add(VerifierState state, int instruction) {
    if (++points > MOST_POINTS) {
      throw new LongProof();
    }
    for (RegisterState register : state.registers()) {
      kinds.add(register.kind());
    }
    Point point = new Point(state.copy(), instruction);
    (last == null ? starts : last.next).add(point);
    return point;
  }
}
