package org.xdp4j.daemon.control.json;

/** A text is no JSON, or not the JSON that is wanted. The message is one sentence. */
public final class JsonException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Makes one. */
  public JsonException(String message) {
    super(message);
  }
}
