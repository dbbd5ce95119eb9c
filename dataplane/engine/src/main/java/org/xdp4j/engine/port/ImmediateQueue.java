package org.xdp4j.engine.port;

import org.xdp4j.engine.frame.FramePool;

/** A queue that holds no frame back: what {@link #transmit} took has been sent when it returns. */
public abstract class ImmediateQueue implements PortQueue {
  /** What is counted here. */
  protected final PortCounters counters = new PortCounters();

  @Override
  public int poll(FramePool pool) {
    return 0;
  }

  @Override
  public final int inFlight() {
    return 0;
  }

  @Override
  public final PortCounters counters() {
    return counters;
  }
}
