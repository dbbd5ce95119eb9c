package org.xdp4j.daemon.run;

/** The daemon cannot be started, or its configuration not be changed. One sentence for the user. */
public final class DaemonException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Makes one. */
  public DaemonException(String message) {
    super(message);
  }

  /** Makes one with what it comes from. */
  public DaemonException(String message, Throwable cause) {
    super(message, cause);
  }
}
