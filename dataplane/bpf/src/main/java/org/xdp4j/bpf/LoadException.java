package org.xdp4j.bpf;

/**
 * A program or one of its maps cannot be loaded. The message is one sentence; the cause, when there
 * is one, is the verifier's.
 */
public final class LoadException extends Exception {
  private static final long serialVersionUID = 1L;

  public LoadException(String message) {
    super(message);
  }

  public LoadException(String message, Throwable cause) {
    super(message, cause);
  }
}
