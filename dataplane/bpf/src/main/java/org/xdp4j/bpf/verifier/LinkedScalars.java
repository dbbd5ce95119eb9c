package org.xdp4j.bpf.verifier;

import java.util.Arrays;
import org.xdp4j.bpf.isa.Opcode;

/**
 * The registers and stack slots that hold scalars linked to the operands of a comparison: what it
 * teaches of one holds for all. As in Linux they are {@link #MOST} at the most, inner frames and
 * registers first; others lose their link.
 */
final class LinkedScalars {
  private static final int MOST = 6;

  private final int[] places = new int[MOST];
  private int count;

  /** Adds all in {@code state} that are linked by {@code id}. */
  void collect(VerifierState state, int id) {
    for (int f = state.depth - 1; f >= 0; f--) {
      Frame frame = state.frames[f];
      for (int r = 0; r < Frame.REGISTERS; r++) {
        if (isLinked(frame.registers[r], id) && !add(Step.register(f, r))) {
          frame.registers[r] = frame.registers[r].unlinked();
        }
      }
      for (int s = 0; s < frame.slots(); s++) {
        RegisterState spilled = frame.spilled(s);
        if (spilled != null && isLinked(spilled, id) && !add(Step.slot(f, s))) {
          frame.refine(s, spilled.unlinked());
        }
      }
    }
  }

  private static boolean isLinked(RegisterState r, int id) {
    return r.id() == id && r.isScalar();
  }

  private boolean add(int place) {
    if (count == MOST) {
      return false;
    }
    places[count++] = place;
    return true;
  }

  /** The places, as {@link Step#register} and {@link Step#slot} encode them; null if too few. */
  int[] places() {
    return count > 1 ? Arrays.copyOf(places, count) : null;
  }

  /** Tells every scalar that is linked to {@code known} what is known now. */
  void spread(VerifierState state, RegisterState known) {
    if (known.id() == 0) {
      return;
    }
    for (int i = 0; i < count; i++) {
      Frame frame = state.frames[Step.frameOf(places[i])];
      int index = Step.indexOf(places[i]);
      boolean isSlot = Step.isSlot(places[i]);
      RegisterState r = isSlot ? frame.spilled(index) : frame.registers[index];
      if (r != known && r.isScalar() && r.id() == known.id() && !isMixed(r, known)) {
        if (isSlot) {
          frame.refine(index, linked(r, known));
        } else {
          frame.registers[index] = linked(r, known);
        }
      }
    }
  }

  /** Whether one is a sum of 32 bits and the other of 64: a carry tells them apart. */
  private static boolean isMixed(RegisterState r, RegisterState known) {
    return r.linkedByAdd() && known.linkedByAdd() && r.linked32() != known.linked32();
  }

  private static RegisterState linked(RegisterState r, RegisterState known) {
    if (r.offset() == known.offset()) {
      return r.withRange(known.range());
    }
    ScalarRange distance = ScalarRange.constant((long) r.offset() - known.offset());
    boolean is32 = r.linked32() || known.linked32();
    return r.withRange(ScalarArithmetic.apply(Opcode.ADD, is32, known.range(), distance));
  }
}
