package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.List;

/**
 * Loops that are left by themselves: {@code may_goto}, callbacks, iterators. A path that comes back
 * to a checkpoint it came through, which still has paths to follow, ends there when it is within
 * that checkpoint: a back edge. What will have mattered at the checkpoint is known only when its
 * last path is followed. Until then
 *
 * <ul>
 *   <li>checkpoints between the two are incomplete, and end another path only when that is within
 *       them whatever mattered, which adds a back edge as well;
 *   <li>when the last path is followed, what mattered is carried along all back edges, round and
 *       round until no more is found to matter.
 * </ul>
 */
final class Loops {
  /** A path's last state, and the checkpoint it goes on as. */
  record BackEdge(VerifierState from, VerifierState to) {}

  /** Rounds after which everything is taken to matter. */
  private static final int ROUNDS = 64;

  private final Verification v;

  Loops(Verification v) {
    this.v = v;
  }

  /**
   * The checkpoint that must be finished before {@code checkpoint} is complete; null when it is.
   */
  static VerifierState entryOf(VerifierState checkpoint) {
    VerifierState entry = checkpoint.loopEntry;
    while (entry != null && entry.branches == 0) {
      entry = entry.loopEntry;
    }
    checkpoint.loopEntry = entry;
    return entry;
  }

  /** The current path ends as {@code to}, which is unfinished or incomplete. */
  void close(VerifierState to) {
    VerifierState from = v.state;
    VerifierState entry = to.branches > 0 ? to : entryOf(to);
    for (VerifierState s = from; s != null && s != entry; s = s.parent) {
      VerifierState outer = s == from ? null : entryOf(s);
      s.loopEntry = outer != null && outer.level < entry.level ? outer : entry;
    }
    if (entry.backEdges == null) {
      entry.backEdges = new ArrayList<>();
    }
    entry.backEdges.add(new BackEdge(from, to));
  }

  /** The last path behind {@code entry} was followed. */
  void settle(VerifierState entry) {
    List<BackEdge> edges = entry.backEdges;
    entry.backEdges = null;
    carry(edges);
    VerifierState outer = entryOf(entry);
    if (outer == null) {
      forgetPaths(edges, entry);
    } else if (outer.backEdges == null) {
      outer.backEdges = edges;
    } else {
      outer.backEdges.addAll(edges);
    }
  }

  private void carry(List<BackEdge> edges) {
    long before;
    int round = 0;
    do {
      before = v.marks;
      for (BackEdge edge : edges) {
        if (round < ROUNDS) {
          inherit(edge.to(), edge.from());
        } else {
          v.precision.requireEverything(edge.from());
        }
      }
      round++;
    } while (v.marks != before && round <= ROUNDS);
  }

  /** What mattered behind {@code old} matters on the path to {@code state} too. */
  void inherit(VerifierState old, VerifierState state) {
    for (int f = 0; f < old.depth; f++) {
      v.markRead(state, f, old.frames[f].readSlots);
    }
    v.precision.propagate(old, state);
  }

  /** Nothing goes back along these any more, so that memory is free. */
  private static void forgetPaths(List<BackEdge> edges, VerifierState entry) {
    for (BackEdge edge : edges) {
      VerifierState s = edge.from();
      while (s != null && s != entry) {
        VerifierState parent = s.parent;
        s.parent = null;
        s.history = null;
        s = parent;
      }
    }
  }
}
