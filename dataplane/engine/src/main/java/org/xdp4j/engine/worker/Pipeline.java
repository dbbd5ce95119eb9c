package org.xdp4j.engine.worker;

/** Receives frames, has programs run over them, and ends them, until the receiver has no more. */
public interface Pipeline {
  /** Runs to the end, or until {@link #stop}; every frame received has then ended. */
  void run();

  /** Receives no more; what was received still ends as it should. From any thread. */
  void stop();

  /** Whether {@link #stop} was called. */
  boolean stopped();

  /** Frames received that have not ended; exact only on the pipeline's own thread. */
  int inFlight();
}
