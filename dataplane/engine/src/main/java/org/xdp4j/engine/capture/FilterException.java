package org.xdp4j.engine.capture;

/** A tcpdump expression cannot be compiled; one sentence. */
public final class FilterException extends Exception {
  private static final long serialVersionUID = 1;

  FilterException(String message) {
    super(message);
  }
}
