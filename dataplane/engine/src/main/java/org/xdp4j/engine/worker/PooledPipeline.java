package org.xdp4j.engine.worker;

import java.io.IOException;
import java.util.Map;
import org.xdp4j.engine.frame.FramePool;

/** A pipeline whose frames are from one pool and end in one place. */
abstract class PooledPipeline implements Pipeline {
  final Egress egress;
  final FramePool pool;
  private volatile boolean stopped;

  PooledPipeline(Egress egress, FramePool pool) {
    this.egress = egress;
    this.pool = pool;
  }

  /** Whether frames are still to be received: nobody stopped it, and what ends can be written. */
  final boolean isOpen() {
    return !stopped && egress.failure() == null;
  }

  @Override
  public final void stop() {
    stopped = true;
  }

  @Override
  public final boolean stopped() {
    return stopped;
  }

  @Override
  public final int inFlight() {
    return pool.inUse();
  }

  @Override
  public final Map<Integer, Long> redirected() {
    return egress.redirected();
  }

  @Override
  public final IOException failure() {
    return egress.failure();
  }
}
