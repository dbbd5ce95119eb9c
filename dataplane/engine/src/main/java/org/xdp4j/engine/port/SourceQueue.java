package org.xdp4j.engine.port;

import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/** A queue that frames come in through; those that are sent to it are gone. */
abstract class SourceQueue implements PortQueue {
  private final PortCounters counters = new PortCounters();

  @Override
  public int transmit(FramePool pool, Frame[] frames, int count) {
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += frames[i].length();
      pool.release(frames[i]);
    }
    counters.sent(count, bytes);
    return count;
  }

  @Override
  public int poll(FramePool pool) {
    return 0;
  }

  @Override
  public int inFlight() {
    return 0;
  }

  @Override
  public int descriptor() {
    return -1;
  }

  @Override
  public final PortCounters counters() {
    return counters;
  }

  @Override
  public void drain(FramePool pool) {}
}
