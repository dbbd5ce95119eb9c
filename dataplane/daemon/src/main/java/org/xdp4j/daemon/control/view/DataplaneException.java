package org.xdp4j.daemon.control.view;

/** What was asked of the data plane cannot be done. The message is one sentence. */
public final class DataplaneException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Whether the thing that was named is not there. */
  private final boolean missing;

  private DataplaneException(boolean missing, String message, Throwable cause) {
    super(message, cause);
    this.missing = missing;
  }

  /** It is refused. */
  public static DataplaneException refused(String message, Throwable cause) {
    return new DataplaneException(false, message, cause);
  }

  /** There is no such thing. */
  public static DataplaneException missing(String message) {
    return new DataplaneException(true, message, null);
  }

  /** Whether the thing that was named is not there. */
  public boolean isMissing() {
    return missing;
  }
}
