package org.xdp4j.engine.worker;

import java.io.IOException;
import java.util.List;
import java.util.Map;

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

  /** Frames sent by redirects, by interface index; when it has run. */
  Map<Integer, Long> redirected();

  /** Why nothing can be written any more, or null. */
  IOException failure();

  /** The CPUs that workers were bound to, in no order. */
  default List<Integer> boundCpus() {
    return List.of();
  }

  /** Gives back what a pipeline that never ran still holds. After a run, nothing. */
  default void close() {}
}
