package org.xdp4j.bpf.verifier;

import java.util.List;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;

/** From where each instruction may be come to within its function. */
final class Predecessors {
  private final List<Instruction> program;

  /**
   * Those that jump to instruction i: {@code jumps[first[i]]} up to {@code jumps[first[i + 1]]}.
   */
  private final int[] first;

  private final int[] jumps;

  /**
   * Of a program whose jumps all stay within it.
   *
   * @param program its slots
   */
  Predecessors(List<Instruction> program) {
    this.program = program;
    first = new int[program.size() + 2];
    for (int i = 0; i < program.size(); i = Instructions.nextIndex(program, i)) {
      if (program.get(i).isJump()) {
        first[Instructions.jumpTarget(program, i) + 2]++;
      }
    }
    for (int i = 1; i < first.length; i++) {
      first[i] += first[i - 1];
    }
    jumps = new int[first[first.length - 1]];
    for (int i = 0; i < program.size(); i = Instructions.nextIndex(program, i)) {
      if (program.get(i).isJump()) {
        jumps[first[Instructions.jumpTarget(program, i) + 1]++] = i;
      }
    }
  }

  /** Adds those of {@code instruction} to {@code queue}. */
  void addAll(int instruction, InstructionQueue queue) {
    for (int i = first[instruction]; i < first[instruction + 1]; i++) {
      queue.add(jumps[i]);
    }
    int before = previous(instruction);
    if (before >= 0 && !program.get(before).isGoto() && !program.get(before).isExit()) {
      queue.add(before);
    }
  }

  /** The instruction that stands before this one, -1 for none. */
  private int previous(int instruction) {
    boolean wide = instruction > 1 && program.get(instruction - 2).isWide();
    return wide ? instruction - 2 : instruction - 1;
  }
}
