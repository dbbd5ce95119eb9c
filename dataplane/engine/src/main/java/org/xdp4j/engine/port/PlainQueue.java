package org.xdp4j.engine.port;

import org.xdp4j.engine.frame.FramePool;

/** A queue that holds no frame back and has nothing that poll(2) could wait on. */
public abstract class PlainQueue extends ImmediateQueue {
  @Override
  public final int descriptor() {
    return -1;
  }

  @Override
  public void drain(FramePool pool) {}
}
