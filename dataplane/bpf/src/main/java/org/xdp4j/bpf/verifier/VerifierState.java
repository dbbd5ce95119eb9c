package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.xdp4j.bpf.map.MapSpec;

/**
 * All that is known at one point of one path: the call frames and what was acquired. While a path
 * is followed its state changes; a copy kept at a point where paths may meet again is a checkpoint,
 * and checkpoints form the tree that {@link #parent} spans.
 *
 * <p>Of a checkpoint its frames also say what the paths behind it made of it: the stack slots they
 * read, and the scalars whose value mattered.
 */
final class VerifierState {
  /** Call frames at the most (kernel: MAX_CALL_FRAMES). */
  static final int MAX_FRAMES = 8;

  /**
   * A resource to be released.
   *
   * @param id what pointers to it carry
   * @param instruction the call that acquired it
   * @param map of a lock: the map it lies in a value of, else null
   */
  record Acquired(Resource resource, int id, int instruction, MapSpec map) {}

  final Frame[] frames = new Frame[MAX_FRAMES];
  int depth;

  /** The instruction to run next. */
  int instruction;

  /** What is to be released, in the order in which it was acquired. */
  List<Acquired> acquired = List.of();

  /** RCU read-side sections that are open. */
  int rcuSections;

  /** Sections without preemption that are open. */
  int preemptSections;

  /** Whether it is part of a callback that may sleep. */
  boolean maySleep;

  /** The checkpoint this path passed last, null at the start. */
  VerifierState parent;

  /** Paths from here that are not yet followed to their end. */
  int branches = 1;

  /** The last step taken, null at the start. */
  Step history;

  /** Steps since the last checkpoint that Linux would keep in its history. */
  int noted;

  /** Steps since the last checkpoint. */
  int steps;

  /** Bytes a checkpoint is counted with, 0 for others; see {@link CheckpointMemory}. */
  int bytes;

  /** Whether a checkpoint was taken from those that paths are compared with. */
  boolean isForgotten;

  /** How often may_goto went on, so that a repetition is no endless loop. */
  int mayGotoDepth;

  /** How often callbacks were entered, so that a repetition is no endless loop. */
  int callbackDepth;

  /** Checkpoints before this one. */
  int level;

  /** Of a checkpoint in a loop: the one to finish before it is complete; see {@link Loops}. */
  VerifierState loopEntry;

  /** Of a checkpoint: the paths that came back to it or to incomplete ones behind it, or null. */
  List<Loops.BackEdge> backEdges;

  /** A copy with the same past, to be changed independently. */
  VerifierState copy() {
    VerifierState copy = new VerifierState();
    for (int i = 0; i < depth; i++) {
      copy.frames[i] = frames[i].copy();
    }
    copy.depth = depth;
    copy.instruction = instruction;
    copy.acquired = acquired;
    copy.rcuSections = rcuSections;
    copy.preemptSections = preemptSections;
    copy.maySleep = maySleep;
    copy.parent = parent;
    copy.history = history;
    copy.noted = noted;
    copy.steps = steps;
    copy.mayGotoDepth = mayGotoDepth;
    copy.callbackDepth = callbackDepth;
    copy.level = level;
    return copy;
  }

  Frame frame() {
    return frames[depth - 1];
  }

  RegisterState[] registers() {
    return frames[depth - 1].registers;
  }

  void push(Frame frame) {
    frames[depth++] = frame;
  }

  void acquire(Resource resource, int id, int at) {
    acquire(new Acquired(resource, id, at, null));
  }

  void acquire(Acquired one) {
    List<Acquired> more = new ArrayList<>(acquired);
    more.add(one);
    acquired = List.copyOf(more);
  }

  /** The resource of this kind that was acquired last, or null. */
  Acquired innermost(Resource resource) {
    for (int i = acquired.size() - 1; i >= 0; i--) {
      if (acquired.get(i).resource() == resource) {
        return acquired.get(i);
      }
    }
    return null;
  }

  /** The lock that was taken last, or null. */
  Acquired innermostLock() {
    for (int i = acquired.size() - 1; i >= 0; i--) {
      if (acquired.get(i).resource().isLock()) {
        return acquired.get(i);
      }
    }
    return null;
  }

  /** The lock of the map value or object that {@code value} points at, if it is held, or null. */
  Acquired heldLock(RegisterState value) {
    for (Acquired a : acquired) {
      if (a.resource().isLock() && a.id() == value.id() && a.map() == value.map()) {
        return a;
      }
    }
    return null;
  }

  /** The lock that was taken last was given back. */
  void dropLock() {
    Acquired last = innermostLock();
    acquired = acquired.stream().filter(a -> a != last).toList();
  }

  /** Whether a callback runs by which a tree finds the place of a node, its lock being held. */
  boolean isInOrderCallback() {
    for (int i = 0; i < depth; i++) {
      if (frames[i].contract == Callbacks.Contract.ORDER) {
        return true;
      }
    }
    return false;
  }

  /** Resource {@code id} was given back, or never came to be. */
  void drop(int id) {
    acquired = acquired.stream().filter(a -> a.id() != id || a.resource().isLock()).toList();
  }

  Frame pop() {
    Frame top = frames[--depth];
    frames[depth] = null;
    return top;
  }

  /** Applies {@code change} to every register and spilled register of every frame. */
  void replaceAll(UnaryOperator<RegisterState> change) {
    for (int i = 0; i < depth; i++) {
      frames[i].replaceAll(change);
    }
  }

  /** All of {@code slots} of frame {@code frame} was written: what was there is not read later. */
  void markWritten(int frame, long slots) {
    frames[frame].writtenSlots |= slots;
  }
}
