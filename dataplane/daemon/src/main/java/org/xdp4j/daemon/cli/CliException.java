package org.xdp4j.daemon.cli;

/** Ends a verb. The message is the one sentence its user gets to see. */
public final class CliException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  private CliException(int status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  /** The input cannot be used: status 2. */
  public static CliException unusable(String message) {
    return new CliException(ExitStatus.UNUSABLE, message, null);
  }

  /** The input cannot be used, because of {@code cause}: status 2. */
  public static CliException unusable(String message, Throwable cause) {
    return new CliException(ExitStatus.UNUSABLE, message, cause);
  }

  /** The answer is no: status 1. */
  public static CliException refused(String message, Throwable cause) {
    return new CliException(ExitStatus.REFUSED, message, cause);
  }

  /** The exit status. */
  public int status() {
    return status;
  }
}
