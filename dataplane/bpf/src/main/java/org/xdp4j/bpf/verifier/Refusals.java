package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.isa.Disassembler;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.object.LineInfo;

/** Puts refusals into words: instruction, reason, source line. */
final class Refusals {
  private final Verification v;

  Refusals(Verification v) {
    this.v = v;
  }

  /** The program as a whole is refused. */
  VerifierException whole(String reason) {
    return new VerifierException(reason, -1, null, v.processed);
  }

  /** Instruction {@code index} is refused. */
  VerifierException at(int index, String reason) {
    if (index < 0) {
      return whole(reason);
    }
    LineInfo line = v.program.lineOf(index);
    StringBuilder text = new StringBuilder("instruction ").append(index);
    text.append(" `").append(text(index)).append("`: ").append(reason);
    if (line != null) {
      text.append("; ").append(line.location());
      if (line.text() != null && !line.text().isEmpty()) {
        text.append(": `").append(line.text()).append('`');
      }
    }
    return new VerifierException(text.toString(), index, line, v.processed);
  }

  private String text(int index) {
    Instruction first = v.program.instructions().get(index);
    boolean hasSecond = first.isWide() && index + 1 < v.program.instructions().size();
    Instruction second = hasSecond ? v.program.instructions().get(index + 1) : null;
    return Disassembler.text(first, second).replace('\t', ' ');
  }
}
