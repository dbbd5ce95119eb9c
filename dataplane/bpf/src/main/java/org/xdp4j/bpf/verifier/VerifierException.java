package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.object.LineInfo;

/**
 * A program was refused. The message is one sentence: what is wrong, with the instruction, the
 * register and the bound.
 */
public final class VerifierException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  /** Carries {@code refusal}. */
  public VerifierException(Refusal refusal) {
    super(refusal.sentence());
    this.refusal = refusal;
  }

  /** What there is to say. */
  public Refusal refusal() {
    return refusal;
  }

  /** Index of the failing instruction, -1 when it is the program as a whole. */
  public int instruction() {
    return refusal.instruction();
  }

  /** The source line of the failing instruction, or null. */
  public LineInfo line() {
    return refusal.line();
  }

  /** Instructions followed until the refusal. */
  public int processed() {
    return refusal.processed();
  }
}
