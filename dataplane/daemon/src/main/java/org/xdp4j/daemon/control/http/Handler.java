package org.xdp4j.daemon.control.http;

/** Answers the requests of one route, on a control thread. */
@FunctionalInterface
public interface Handler {
  /**
   * Answers.
   *
   * @throws Problem when the answer is no
   */
  Reply handle(Request request) throws Problem;
}
