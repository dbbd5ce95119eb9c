package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.InstructionCheck;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.object.BpfProgram;

/**
 * Instructions that are refused only when a path reaches them, as Linux does it: compilers leave
 * such behind comparisons whose outcome is known. Those that no path reaches are taken out, so that
 * whoever runs the program never meets them.
 */
final class DeadCode {
  private static final Instruction NOTHING = new Instruction(Opcode.JMP | Opcode.JA, 0, 0, 0, 0);

  private final Verification v;

  /** The slots of such instructions; empty for nearly every program. */
  private final BitSet refused = new BitSet();

  DeadCode(Verification v) {
    this.v = v;
    List<Instruction> program = v.program.instructions();
    for (int i = 0; i < program.size(); i = Instructions.nextIndex(program, i)) {
      if (InstructionCheck.refusedWhenReached(program.get(i)) != null) {
        refused.set(i);
      }
    }
  }

  /** Refuses the instruction at {@code index}, which a path has reached, if that is to be. */
  void refuse(int index) throws VerifierException {
    if (refused.get(index)) {
      throw v.refusals.at(index, InstructionCheck.refusedWhenReached(v.instruction(index)));
    }
  }

  /** The accepted program, without such instructions. */
  BpfProgram remove() {
    if (refused.isEmpty()) {
      return v.program;
    }
    List<Instruction> cleaned = new ArrayList<>(v.program.instructions());
    for (int i = refused.nextSetBit(0); i >= 0; i = refused.nextSetBit(i + 1)) {
      int next = Instructions.nextIndex(v.program.instructions(), i);
      for (int slot = i; slot < next; slot++) {
        cleaned.set(slot, NOTHING);
      }
    }
    return v.program.withInstructions(List.copyOf(cleaned));
  }
}
