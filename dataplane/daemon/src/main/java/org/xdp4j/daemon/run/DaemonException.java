package org.xdp4j.daemon.run;

import org.xdp4j.daemon.config.Configuration;

/** The daemon cannot be started, or its configuration not be changed. One sentence for the user. */
public final class DaemonException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String key;

  /** Makes one. */
  public DaemonException(String message) {
    this(null, message, null);
  }

  /** Makes one with what it comes from. */
  public DaemonException(String message, Throwable cause) {
    this(null, message, cause);
  }

  /**
   * Makes one about a key of the configuration.
   *
   * @param key as in {@code control.socket}; null for none
   */
  DaemonException(String key, String message, Throwable cause) {
    super(message, cause);
    this.key = key;
  }

  /** The same with the place of its key, if it is about one. */
  DaemonException in(Configuration configuration) {
    return key == null
        ? this
        : new DaemonException(configuration.problem(key, getMessage(), "").toString(), this);
  }
}
