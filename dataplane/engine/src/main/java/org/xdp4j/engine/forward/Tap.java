package org.xdp4j.engine.forward;

import org.xdp4j.engine.frame.Frame;

/**
 * Sees frames on their way. Called on workers' threads, several at a time; must not wait, and keeps
 * nothing of a frame but what it copies.
 */
interface Tap {
  /** A frame came in through a port. */
  default void received(ForwardWorker worker, Frame frame, LivePort port) {}

  /** A program of the port's ran on it, {@code frame.verdict} being what it returned. */
  default void judged(ForwardWorker worker, Frame frame, Attachment by, int program) {}

  /** It is about to leave by a port. */
  default void left(ForwardWorker worker, Frame frame, LivePort port, boolean punted) {}

  /** It was for the stack, or a consumer of a map. */
  default void delivered(ForwardWorker worker, Frame frame, String to) {}

  /** It goes to the punt port for a reason. */
  default void punted(ForwardWorker worker, Frame frame, String reason) {}

  /** It goes no further. */
  default void dropped(
      ForwardWorker worker, Frame frame, String layer, String reason, String sentence) {}
}
