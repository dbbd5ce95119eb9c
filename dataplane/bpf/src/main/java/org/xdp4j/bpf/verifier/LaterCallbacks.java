package org.xdp4j.bpf.verifier;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import org.xdp4j.bpf.map.MapSpec;

/**
 * Callbacks that run by themselves when the program is over, such as a timer's: each is proved with
 * a stack of its own, once for each map whose element it may be given.
 */
final class LaterCallbacks {
  /** One such callback. Definitions of maps are told apart as objects, as everywhere here. */
  private record Job(int function, int mapIndex, int mapIdentity, boolean maySleep) {}

  private final Verification v;
  private final Set<Job> known = new HashSet<>();
  private final ArrayDeque<VerifierState> waiting = new ArrayDeque<>();
  private final BitSet functions = new BitSet();

  LaterCallbacks(Verification v) {
    this.v = v;
  }

  /**
   * The function that starts at {@code start} will be given an element of the map that {@code
   * value} lies in.
   *
   * @param maySleep whether it runs where it may sleep
   */
  void add(int start, RegisterState value, boolean maySleep) {
    MapSpec map = value.map();
    functions.set(v.flow.indexOf(start));
    v.exceptions.calledBack(start);
    if (!known.add(new Job(start, value.mapIndex(), System.identityHashCode(map), maySleep))) {
      return;
    }
    VerifierState state = new VerifierState();
    state.instruction = start;
    Frame frame = new Frame(0, -1, start, Callbacks.Contract.LATER);
    RegisterState itself = RegisterState.ofMap(RegisterKind.MAP, map, value.mapIndex(), 0);
    Callbacks.setElement(frame.registers, itself);
    state.maySleep = maySleep;
    state.push(frame);
    waiting.add(state);
  }

  /** The state in which the next proof begins, or null. */
  VerifierState next() {
    return waiting.poll();
  }

  /** Whether {@code function}, by its index, runs later. */
  boolean has(int function) {
    return functions.get(function);
  }
}
