package org.xdp4j.daemon.control;

/** The control plane cannot be started as it is asked to. The message is one sentence. */
public final class ControlException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Makes one. */
  public ControlException(String message) {
    super(message);
  }

  /** Makes one with what it comes from. */
  public ControlException(String message, Throwable cause) {
    super(message, cause);
  }
}
