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
public final class InOrderPipeline extends PooledPipeline {
  private final Receiver receiver;
  private final FlowDispatch flows;
  private final List<ProgramRunner> runners = new ArrayList<>();
  private final Frame[] received = new Frame[Worker.BATCH];
  private final Frame[] together = new Frame[Worker.BATCH];
  private final IdleStrategy idle = new IdleStrategy();

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
    super(egress, pool);
    this.receiver = receiver;
    this.flows = new FlowDispatch(contexts.getFirst().region, contexts.size());
    for (int i = 0; i < contexts.size(); i++) {
      XdpContext context = contexts.get(i);
      runners.add(new ProgramRunner(program, context, Worker.BATCH, context.cpu, counters.get(i)));
    }
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
    for (int i = 0; i < received.length && received[i] != null; i++) {
      pool.release(received[i]);
      received[i] = null;
    }
  }

  private int doWork() {
    int count = receiver.receive(pool, received, received.length);
    int done = 0;
    while (done < count) {
      done += runTogether(done, count);
    }
    if (count > 0) {
      egress.finish(received, count);
    }
    return count;
  }

  /** Runs the frames from {@code start} on that are for one worker, and returns how many. */
  private int runTogether(int start, int end) {
    int worker = flows.workerOf(received[start]);
    int size = 0;
    do {
      together[size] = received[start + size];
      size++;
    } while (start + size < end && flows.workerOf(received[start + size]) == worker);
    runners.get(worker).run(together, size);
    Arrays.fill(together, 0, size, null);
    return size;
  }
}
