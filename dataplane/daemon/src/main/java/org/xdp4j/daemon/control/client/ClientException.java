package org.xdp4j.daemon.control.client;

/** A question was not answered, or with a no. The message is one sentence. */
public final class ClientException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  ClientException(int status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  /** Nobody answers. */
  static ClientException unreachable(String message, Throwable cause) {
    return new ClientException(0, message, cause);
  }

  /** The status of the daemon's answer; 0 when there was none. */
  public int status() {
    return status;
  }
}
