package org.xdp4j.bpf.text;

/** A text does not describe a key, value or entry. The message is one sentence. */
public final class TextException extends Exception {
  private static final long serialVersionUID = 1L;

  public TextException(String message) {
    super(message);
  }

  /** The same trouble, with the place it was found in front. */
  TextException in(String place) {
    return new TextException(place + ": " + getMessage());
  }
}
