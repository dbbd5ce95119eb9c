package org.xdp4j.engine.account;

/** The books of a run do not balance: a frame was lost or counted twice, which is a bug here. */
public final class UnbalancedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes one; the message holds the books. */
  public UnbalancedException(Books books) {
    super("the books differ by " + books.difference() + " frames: " + books);
  }
}
