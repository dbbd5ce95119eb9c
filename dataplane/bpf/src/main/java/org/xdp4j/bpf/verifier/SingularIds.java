package org.xdp4j.bpf.verifier;

import java.util.Arrays;

/**
 * Takes away ids that only one scalar has: it is linked to nothing, and without an id it is covered
 * by more states.
 */
final class SingularIds {
  private int[] ids = new int[16];
  private boolean[] repeated = new boolean[16];
  private int count;

  private SingularIds() {}

  /** Clears them in all of {@code state}. */
  static void clear(VerifierState state) {
    SingularIds found = new SingularIds();
    for (int f = 0; f < state.depth; f++) {
      found.collect(state.frames[f]);
    }
    if (found.hasSingular()) {
      state.replaceAll(r -> found.isSingular(r) ? r.unlinked() : r);
    }
  }

  private void collect(Frame frame) {
    for (RegisterState r : frame.registers) {
      add(r);
    }
    for (int i = 0; i < frame.slots(); i++) {
      RegisterState spilled = frame.spilled(i);
      if (spilled != null) {
        add(spilled);
      }
    }
  }

  private void add(RegisterState r) {
    if (!r.isScalar() || r.id() == 0) {
      return;
    }
    int at = indexOf(r.id());
    if (at < count) {
      repeated[at] = true;
      return;
    }
    if (count == ids.length) {
      ids = Arrays.copyOf(ids, 2 * count);
      repeated = Arrays.copyOf(repeated, 2 * count);
    }
    ids[count++] = r.id();
  }

  private int indexOf(int id) {
    int i = 0;
    while (i < count && ids[i] != id) {
      i++;
    }
    return i;
  }

  private boolean hasSingular() {
    for (int i = 0; i < count; i++) {
      if (!repeated[i]) {
        return true;
      }
    }
    return false;
  }

  private boolean isSingular(RegisterState r) {
    return r.isScalar() && r.id() != 0 && !repeated[indexOf(r.id())];
  }
}
