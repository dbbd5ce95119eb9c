package org.xdp4j.engine.port;

import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/** A queue that frames come in through; those that are sent to it are gone. */
abstract class SourceQueue extends PlainQueue {
  @Override
  public int transmit(FramePool pool, Frame[] frames, int count) {
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += frames[i].length();
      pool.release(frames[i]);
    }
    counters().sent(count, bytes);
    return count;
  }
}
