package org.xdp4j.engine.forward;

import org.xdp4j.engine.frame.Frame;

/**
 * Sees frames on their way. Called on workers' threads, several at a time; must not wait, and keeps
 * nothing of a frame but what it copies.
 */
interface Tap {
  /** A frame came in through a port. */
  default void received(ForwardWorker worker, Frame frame, LivePort port) {}

  /** A program that runs on it did something; only for frames with a story. */
  default void ran(Frame frame, String text, String source) {}

  /** It is handed to the stack. */
  default void passed(ForwardWorker worker, Frame frame) {}

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
