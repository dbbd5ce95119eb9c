package org.xdp4j.bpf.interpreter;

/**
 * A program did what no verified program does. The message is one sentence naming the instruction,
 * and for an access its address and size.
 */
public final class FaultException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int instruction;

  FaultException(int instruction, String text, String reason) {
    super("instruction " + instruction + " (" + text + "): " + reason);
    this.instruction = instruction;
  }

  /** Index of the faulting instruction. */
  public int instruction() {
    return instruction;
  }
}
