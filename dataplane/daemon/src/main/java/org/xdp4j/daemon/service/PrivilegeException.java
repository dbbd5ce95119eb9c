package org.xdp4j.daemon.service;

/** A privilege cannot be given up. The message is a sentence for the user. */
public final class PrivilegeException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Makes one. */
  public PrivilegeException(String message) {
    super(message);
  }
}
