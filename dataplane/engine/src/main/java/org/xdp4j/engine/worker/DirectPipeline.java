package org.xdp4j.engine.worker;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.port.Receiver;

/**
 * One worker on the caller's own thread: each batch is received, run and ended before the next,
 * while it is still in the cache. No ring, no hand-over, and the same frames again for every batch.
 */
public final class DirectPipeline extends PooledPipeline {
  private final Receiver receiver;
  private final ProgramRunner runner;
  private final Frame[] frames = new Frame[Worker.BATCH];
  private final IdleStrategy idle = new IdleStrategy();

  /** Makes one. */
  public DirectPipeline(
      Receiver receiver,
      BatchProgram program,
      XdpContext context,
      Counters counters,
      Egress egress,
      FramePool pool) {
    super(egress, pool);
    this.receiver = receiver;
    this.runner = new ProgramRunner(program, context, Worker.BATCH, 0, counters);
  }

  /** Frames the pool of a direct pipeline has to have. */
  public static int poolSize() {
    return Worker.BATCH;
  }

  @Override
  public void run() {
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
  int doWork() {
    int count = receiver.receive(pool, frames, frames.length);
    if (count > 0) {
      runner.run(frames, count);
      egress.finish(frames, count);
    }
    return count;
  }
}
