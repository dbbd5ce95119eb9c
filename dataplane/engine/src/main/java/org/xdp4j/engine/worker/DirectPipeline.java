package org.xdp4j.engine.worker;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.port.Receiver;

/** One worker on the caller's own thread. */
public final class DirectPipeline extends SameThreadPipeline {
  private final ProgramRunner runner;

  /** Makes one. */
  public DirectPipeline(
      Receiver receiver,
      BatchProgram program,
      XdpContext context,
      Counters counters,
      Egress egress,
      FramePool pool) {
    super(receiver, egress, pool);
    this.runner = new ProgramRunner(program, context, Worker.BATCH, 0, counters);
  }

  /** Frames the pool of a direct pipeline has to have. */
  public static int poolSize() {
    return Worker.BATCH;
  }

  @Override
  void run(Frame[] batch, int count) {
    runner.run(batch, count);
  }
}
