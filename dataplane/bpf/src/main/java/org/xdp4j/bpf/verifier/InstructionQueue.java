package org.xdp4j.bpf.verifier;

import java.util.BitSet;

/** Instructions to come back to, the longest waiting first, each of them once. */
final class InstructionQueue {
  private final int[] waiting;
  private final BitSet isWaiting;
  private int head;
  private int count;

  InstructionQueue(int instructions) {
    waiting = new int[instructions];
    isWaiting = new BitSet(instructions);
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Adds {@code instruction} unless it waits already. */
  void add(int instruction) {
    if (isWaiting.get(instruction)) {
      return;
    }
    isWaiting.set(instruction);
    waiting[(head + count++) % waiting.length] = instruction;
  }

  int remove() {
    int instruction = waiting[head];
    head = (head + 1) % waiting.length;
    count--;
    isWaiting.clear(instruction);
    return instruction;
  }
}
