package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.isa.Disassembler;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Subprogram;

/** Makes refusals: what is wrong where, with what was known, how it came to be, and advice. */
final class Refusals {
  private final Verification v;

  Refusals(Verification v) {
    this.v = v;
  }

  /** The program as a whole is refused. */
  VerifierException whole(String reason) {
    return whole(Cause.OTHER, reason);
  }

  /** The same, with the class of mistake it belongs to. */
  VerifierException whole(Cause cause, String reason) {
    return new VerifierException(Refusal.whole(cause, reason, v.processed));
  }

  /** Instruction {@code index} is refused. */
  VerifierException at(int index, String reason) {
    return at(index, v.state == null ? Cause.CONTROL_FLOW : Cause.OTHER, -1, reason);
  }

  /**
   * Instruction {@code index} is refused.
   *
   * @param register the one at fault, or -1
   */
  VerifierException at(int index, Cause cause, int register, String reason) {
    if (index < 0) {
      return new VerifierException(Refusal.whole(cause, reason, v.processed));
    }
    boolean onPath = v.state != null && v.state.history != null && index == v.index;
    Instruction instruction = v.program.instructions().get(index);
    RegisterState value = onPath && register >= 0 ? v.state.registers()[register] : null;
    PathReport path = onPath ? new PathReport(v, recorder()) : null;
    return new VerifierException(
        new Refusal(
            cause,
            reason,
            index,
            text(v.program, index),
            function(index),
            v.program.lineOf(index),
            onPath ? values(instruction, register) : List.of(),
            path == null ? List.of() : steps(path, cause, register, value),
            Advice.of(cause, instruction, value),
            path == null ? List.of() : path.decisions(),
            v.processed));
  }

  private PathRecorder recorder() {
    return v.observer instanceof PathRecorder recorder ? recorder : null;
  }

  private List<PathStep> steps(PathReport path, Cause cause, int register, RegisterState value) {
    boolean told =
        value != null
            && value.isInitialised()
            && (cause != Cause.PACKET_BOUNDS || !value.hasFixedOffset());
    Step origin = told ? Origin.of(v, register) : null;
    String text = origin == null ? null : Origin.words(v, origin, register);
    return path.condensed(origin, text, value);
  }

  private List<Refusal.Value> values(Instruction instruction, int first) {
    List<Refusal.Value> values = new ArrayList<>();
    if (first >= 0) {
      values.add(value(first));
    }
    int read = Liveness.read(instruction);
    for (int r = 0; r < Frame.REGISTERS; r++) {
      if (r != first && (read >>> r & 1) != 0 && r != 10) {
        values.add(value(r));
      }
    }
    return List.copyOf(values);
  }

  private Refusal.Value value(int register) {
    return new Refusal.Value(register, RegisterWords.of(v.state.registers()[register]));
  }

  private String function(int index) {
    for (Subprogram s : v.program.subprograms()) {
      if (index >= s.start() && index < s.end()) {
        return s.name();
      }
    }
    return null;
  }

  /** Instruction {@code index} as {@code llvm-objdump} prints it. */
  static String text(BpfProgram program, int index) {
    Instruction first = program.instructions().get(index);
    boolean hasSecond = first.isWide() && index + 1 < program.instructions().size();
    Instruction second = hasSecond ? program.instructions().get(index + 1) : null;
    return Kfuncs.calledBy(first)
        .map(function -> "call " + function.name())
        .orElseGet(() -> Disassembler.text(first, second).replace('\t', ' '));
  }
}
