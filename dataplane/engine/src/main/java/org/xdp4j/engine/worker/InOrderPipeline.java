package org.xdp4j.engine.worker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.port.Receiver;

/**
 * Several workers on the caller's own thread, each a CPU to its program: frames are dealt by flow
 * and run in the order they came. For programs with timers, which ring at a time of the capture:
 * after every frame before it, whoever runs that, and before every frame after it.
 */
public final class InOrderPipeline extends SameThreadPipeline {
  private final FlowDispatch flows;
  private final List<ProgramRunner> runners = new ArrayList<>();
  private final Frame[] together = new Frame[Worker.BATCH];

  /**
   * Makes one, with a worker a context.
   *
   * @param counters of each worker
   */
  public InOrderPipeline(
      Receiver receiver,
      BatchProgram program,
      List<XdpContext> contexts,
      List<Counters> counters,
      Egress egress,
      FramePool pool) {
    super(receiver, egress, pool);
    this.flows = new FlowDispatch(contexts.getFirst().region, contexts.size());
    for (int i = 0; i < contexts.size(); i++) {
      XdpContext context = contexts.get(i);
      runners.add(new ProgramRunner(program, context, Worker.BATCH, context.cpu, counters.get(i)));
    }
  }

  /** Frames that follow one another and are for one worker are run together. */
  @Override
  void run(Frame[] batch, int count) {
    int size = 0;
    int worker = 0;
    for (int i = 0; i < count; i++) {
      int next = flows.workerOf(batch[i]);
      if (next != worker) {
        runTogether(worker, size);
        size = 0;
        worker = next;
      }
      together[size++] = batch[i];
    }
    runTogether(worker, size);
  }

  private void runTogether(int worker, int size) {
    if (size > 0) {
      runners.get(worker).run(together, size);
      Arrays.fill(together, 0, size, null);
    }
  }
}
