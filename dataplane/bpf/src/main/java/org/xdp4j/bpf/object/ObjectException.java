package org.xdp4j.bpf.object;

/** An object file cannot be read. The message is one sentence naming file, section and offset. */
public final class ObjectException extends Exception {
  private static final long serialVersionUID = 1L;

  public ObjectException(String message) {
    super(Sentence.of(message));
  }
}
