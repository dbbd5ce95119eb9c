package org.xdp4j.bpf.verifier;

import java.util.Arrays;

/**
 * Bounds of the numbers that the proof rests on, joined over all paths. Only of such numbers the
 * bounds hold on paths, too, that ended at a checkpoint: there other numbers may be anything. So an
 * instruction has bounds for a register when every path that followed the instruction needed them.
 */
final class NumberFacts {
  private static final int REGISTERS = 10;

  private final int[] followed;
  private NumberRange[] ranges;
  private int[] needed;
  private int[] lastNeeded;

  NumberFacts(int instructions) {
    followed = new int[instructions];
  }

  /** A path follows {@code instruction}. */
  void follow(int instruction) {
    followed[instruction]++;
  }

  /** The path rests on what {@code register} held before {@code instruction}. */
  void need(int instruction, int register, RegisterState value) {
    if (register >= REGISTERS || !value.isScalar()) {
      return;
    }
    if (ranges == null) {
      ranges = new NumberRange[followed.length * REGISTERS];
      needed = new int[ranges.length];
      lastNeeded = new int[ranges.length];
      Arrays.fill(lastNeeded, -1);
    }
    int at = instruction * REGISTERS + register;
    if (lastNeeded[at] == followed[instruction]) {
      return;
    }
    lastNeeded[at] = followed[instruction];
    needed[at]++;
    NumberRange range = NumberRange.of(value.range());
    ranges[at] = ranges[at] == null ? range : ranges[at].join(range);
  }

  /** The bounds for the compiler: null for what not every path needed; null when there are none. */
  NumberRange[] finish() {
    for (int i = 0; ranges != null && i < ranges.length; i++) {
      if (needed[i] != followed[i / REGISTERS]) {
        ranges[i] = null;
      }
    }
    return ranges;
  }
}
