package org.xdp4j.daemon.config.schema;

/** A value cannot be what its key wants. */
public final class BadValueException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String advice;

  /** The message is part of a sentence. */
  public BadValueException(String message) {
    this(message, "");
  }

  /** The same with what to do about it. */
  public BadValueException(String message, String advice) {
    super(message, null, false, false);
    this.advice = advice;
  }

  /** What to do about it; empty where the message says it. */
  public String advice() {
    return advice;
  }
}
