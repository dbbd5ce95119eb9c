package org.xdp4j.bpf.verifier;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.WeakHashMap;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.object.BpfProgram;

/**
 * Keeps what each comparison compared, for as long as a path leads through it, so that a refusal
 * can say it in words; and collects warnings.
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
  private final Map<Integer, Warning> warnings = new TreeMap<>();
  private final BpfProgram program;
  private final VerifierObserver next;

  /**
   * Records one verification of {@code program}.
   *
   * @param next sees everything, too
   */
  PathRecorder(BpfProgram program, VerifierObserver next) {
    this.program = program;
    this.next = next;
  }

  @Override
  public void before(VerifierState state, int index) {
    next.before(state, index);
    Instruction i = program.instructions().get(index);
    if (i.isConditionalJump() && !i.isMayGoto()) {
      RegisterState[] registers = state.registers();
      RegisterState right = i.usesSource() ? registers[i.src()] : RegisterState.constant(i.imm());
      compared.put(state.history, new Operands(registers[i.dst()], right));
    } else if (i.isHelperCall() && !warnings.containsKey(index)) {
      String reason = UnwrittenBytes.reason(state, i);
      if (reason != null) {
        warnings.put(index, warning(Cause.UNINITIALISED_MEMORY, reason, index));
      }
    }
  }

  @Override
  public void after(VerifierState state, int instruction, int to) {
    next.after(state, instruction, to);
  }

  @Override
  public void fork(VerifierState waiting) {
    next.fork(waiting);
  }

  @Override
  public void resume(VerifierState state) {
    next.resume(state);
  }

  @Override
  public void prune(VerifierState state, int instruction, VerifierState checkpoint) {
    next.prune(state, instruction, checkpoint);
  }

  @Override
  public void checkpoint(VerifierState kept) {
    next.checkpoint(kept);
  }

  @Override
  public void begin(Verification v) {
    next.begin(v);
  }

  @Override
  public void seek(int frame, int instruction, int checkpoint) {
    next.seek(frame, instruction, checkpoint);
  }

  @Override
  public void passBack(int frame, int registers, long slots, int instruction) {
    next.passBack(frame, registers, slots, instruction);
  }

  @Override
  public void markPrecise(VerifierState checkpoint, int frame, int registers, long slots) {
    next.markPrecise(checkpoint, frame, registers, slots);
  }

  @Override
  public void finish(Verification v) {
    next.finish(v);
  }

  private Warning warning(Cause cause, String reason, int index) {
    String text = Refusals.text(program, index);
    return new Warning(cause, reason, index, text, program.lineOf(index), Advice.of(cause));
  }

  /** What {@code step} compared, or null. */
  Operands operands(Step step) {
    return compared.get(step);
  }

  /** By instruction, one each. */
  List<Warning> warnings() {
    return List.copyOf(warnings.values());
  }
}
