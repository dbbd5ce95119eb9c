package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.object.LineInfo;

/**
 * A program was refused. The message is one sentence: what is wrong, with the instruction, the
 * register and the bound.
 */
public final class VerifierException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int instruction;
  private final transient LineInfo line;
  private final int processed;

  /**
   * @param instruction index of the failing instruction, -1 when it is the program as a whole
   * @param line its source line, or null
   * @param processed instructions followed until then
   */
  public VerifierException(String message, int instruction, LineInfo line, int processed) {
    super(message);
    this.instruction = instruction;
    this.line = line;
    this.processed = processed;
  }

  /** Index of the failing instruction, -1 when it is the program as a whole. */
  public int instruction() {
    return instruction;
  }

  /** The source line of the failing instruction, or null. */
  public LineInfo line() {
    return line;
  }

  /** Instructions followed until the refusal. */
  public int processed() {
    return processed;
  }
}
