package org.xdp4j.daemon.cli;

/** The exit statuses of every verb. */
public final class ExitStatus {
  /** Done. */
  public static final int OK = 0;

  /** The answer is no: a program was refused, a run failed. */
  public static final int REFUSED = 1;

  /** The arguments or a file cannot be used. */
  public static final int UNUSABLE = 2;

  /** A fault of xdp4j itself (EX_SOFTWARE of sysexits.h). */
  public static final int INTERNAL = 70;

  /**
   * Interrupted before it was done: 128 + SIGINT. The process ends with the number of the signal
   * that there was, as 143 for SIGTERM.
   */
  public static final int INTERRUPTED = 130;

  /** Nobody reads the output any more, 128 + SIGPIPE. */
  public static final int BROKEN_PIPE = 141;

  private ExitStatus() {}
}
