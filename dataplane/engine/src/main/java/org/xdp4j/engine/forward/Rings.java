package org.xdp4j.engine.forward;

import java.util.Queue;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.xdp4j.engine.frame.Frame;

/** A ring from every worker to every other. */
final class Rings {
  private final Queue<Frame>[][] rings;

  @SuppressWarnings("unchecked")
  Rings(int workers, int capacity) {
    rings = (Queue<Frame>[][]) new Queue<?>[workers][workers];
    for (int from = 0; from < workers; from++) {
      for (int to = 0; to < workers; to++) {
        if (from != to) {
          rings[from][to] = new SpscVarHandleArrayQueue<>(capacity);
        }
      }
    }
  }

  /** The ring from one worker to another; null from one to itself. */
  Queue<Frame> ring(int from, int to) {
    return rings[from][to];
  }

  /** Frames on their way to a worker, about. */
  int waiting(int to) {
    int sum = 0;
    for (int from = 0; from < rings.length; from++) {
      sum += from == to ? 0 : rings[from][to].size();
    }
    return sum;
  }
}
