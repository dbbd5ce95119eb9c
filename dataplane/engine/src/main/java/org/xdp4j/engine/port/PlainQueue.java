package org.xdp4j.engine.port;

import org.xdp4j.engine.frame.FramePool;

/** A queue that holds no frame back and has nothing that poll(2) could wait on. */
public abstract class PlainQueue implements PortQueue {
  private final PortCounters counters = new PortCounters();

  @Override
  public int poll(FramePool pool) {
    return 0;
  }

  @Override
  public final int inFlight() {
    return 0;
  }

  @Override
  public final int descriptor() {
    return -1;
  }

  @Override
  public final PortCounters counters() {
    return counters;
  }

  @Override
  public void drain(FramePool pool) {}
}
