package org.xdp4j.bpf.verifier;

import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.xdp4j.bpf.isa.Instruction;

/**
 * Keeps what each comparison compared, for as long as a path leads through it, so that a refusal
 * can say it in words.
 */
final class PathRecorder implements VerifierObserver {
  /**
   * The two sides of a comparison.
   *
   * @param right the register's, or the immediate
   */
  record Operands(RegisterState left, RegisterState right) {}

  // Steps have no equality of their own, so this is by identity.
  private final Map<Step, Operands> compared = new WeakHashMap<>();
  private final List<Instruction> program;

  PathRecorder(List<Instruction> program) {
    this.program = program;
  }

  @Override
  public void before(VerifierState state, int index) {
    Instruction i = program.get(index);
    if (i.isConditionalJump() && !i.isMayGoto()) {
      RegisterState[] registers = state.registers();
      RegisterState right = i.usesSource() ? registers[i.src()] : RegisterState.constant(i.imm());
      compared.put(state.history, new Operands(registers[i.dst()], right));
    }
  }

  /** What {@code step} compared, or null. */
  Operands operands(Step step) {
    return compared.get(step);
  }
}
