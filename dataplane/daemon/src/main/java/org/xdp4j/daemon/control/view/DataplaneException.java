package org.xdp4j.daemon.control.view;

/** What was asked of the data plane cannot be done. The message is one sentence. */
public final class DataplaneException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What kind of no it is. */
  public enum Kind {
    /** The thing that was named is not there. */
    MISSING,
    /** It could be done, were things not as they are. */
    CONFLICT,
    /** It is refused for what it is. */
    REFUSED
  }

  private final Kind kind;

  private DataplaneException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** It is refused. */
  public static DataplaneException refused(String message, Throwable cause) {
    return new DataplaneException(Kind.REFUSED, message, cause);
  }

  /** It cannot be done as things are. */
  public static DataplaneException conflict(String message) {
    return new DataplaneException(Kind.CONFLICT, message, null);
  }

  /** There is no such thing. */
  public static DataplaneException missing(String message) {
    return new DataplaneException(Kind.MISSING, message, null);
  }

  /** What kind of no it is. */
  public Kind kind() {
    return kind;
  }
}
