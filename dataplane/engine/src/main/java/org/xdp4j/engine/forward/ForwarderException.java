package org.xdp4j.engine.forward;

/** A plan cannot be applied: one sentence that names the part of the plan and what is wrong. */
public final class ForwarderException extends Exception {
  private static final long serialVersionUID = 1;

  /** With its sentence. */
  public ForwarderException(String message) {
    super(message);
  }

  /** With its sentence and what it comes from. */
  public ForwarderException(String message, Throwable cause) {
    super(message, cause);
  }
}
