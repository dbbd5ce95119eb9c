package org.xdp4j.engine.worker;

import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.port.Receiver;

/**
 * All on the caller's own thread: each batch is received, run and ended before the next, while it
 * is still in the cache. No ring, no hand-over, and the same frames again for every batch.
 */
abstract class SameThreadPipeline extends PooledPipeline {
  private final Receiver receiver;
  private final Frame[] frames = new Frame[Worker.BATCH];
  private final IdleStrategy idle = new IdleStrategy();

  SameThreadPipeline(Receiver receiver, Egress egress, FramePool pool) {
    super(egress, pool);
    this.receiver = receiver;
  }

  /** Runs the program over a batch. */
  abstract void run(Frame[] batch, int count);

  @Override
  public final void run() {
    while (isOpen()) {
      int done = doWork();
      if (done == 0 && receiver.ended()) {
        break;
      }
      idle.idle(done);
    }
    for (int i = 0; i < frames.length && frames[i] != null; i++) {
      pool.release(frames[i]);
      frames[i] = null;
    }
  }

  /** Moves one batch from receiver to end and returns its size. */
  final int doWork() {
    int count = receiver.receive(pool, frames, frames.length);
    if (count > 0) {
      run(frames, count);
      egress.finish(frames, count);
    }
    return count;
  }
}
