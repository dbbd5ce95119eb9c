package org.xdp4j.bpf.verifier;

import java.util.List;

/**
 * All there is to say of a program.
 *
 * @param program what was proved, null when it was refused
 * @param refusal why it was refused, null when it was accepted
 * @param warnings what is accepted but looks like a mistake, by instruction
 */
public record Explanation(VerifiedProgram program, Refusal refusal, List<Warning> warnings) {
  /** Whether it was accepted. */
  public boolean accepted() {
    return program != null;
  }
}
