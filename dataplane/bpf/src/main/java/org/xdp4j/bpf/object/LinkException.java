package org.xdp4j.bpf.object;

/** One program or map of an object cannot be linked, the others can. The message is a clause. */
public final class LinkException extends Exception {
  private static final long serialVersionUID = 1L;

  LinkException(String message) {
    super(message);
  }
}
