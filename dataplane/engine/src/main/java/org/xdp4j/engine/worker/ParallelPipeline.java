package org.xdp4j.engine.worker;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.port.Receiver;

/**
 * Several workers, each on a thread of its own, fed and emptied by the caller's thread. Frames of a
 * flow go to one worker; where output is written, frames end in the order they came.
 */
public final class ParallelPipeline extends PooledPipeline {
  private static final int FRAMES_PER_WORKER = 512;

  private final Receiver receiver;
  private final FlowDispatch flows;
  private final List<Worker> workers = new ArrayList<>();
  private final WorkerCpus cpus;
  private final Reordering reordering;
  private final Frame[] received = new Frame[Worker.BATCH];
  private final Frame[] finished = new Frame[Worker.BATCH];

  /**
   * Makes the workers, one a context.
   *
   * @param counters of each worker
   * @param affinity binds each worker to a CPU of its own, when there are as many; null not to
   */
  public ParallelPipeline(
      Receiver receiver,
      BatchProgram program,
      List<XdpContext> contexts,
      List<Counters> counters,
      Egress egress,
      FramePool pool,
      Affinity affinity) {
    super(egress, pool);
    this.receiver = receiver;
    this.flows = new FlowDispatch(contexts.getFirst().region, contexts.size());
    this.reordering = egress.writes() ? new Reordering(pool.capacity()) : null;
    this.cpus = new WorkerCpus(affinity, contexts.size());
    for (int i = 0; i < contexts.size(); i++) {
      int worker = i;
      Runnable onStart = () -> cpus.bind(worker);
      workers.add(new Worker(program, contexts.get(i), counters.get(i), pool.capacity(), onStart));
    }
  }

  /** Frames the pool for this many workers should have. */
  public static int poolSize(int workers) {
    return workers * FRAMES_PER_WORKER;
  }

  @Override
  public List<Integer> boundCpus() {
    return cpus.bound();
  }

  @Override
  public void run() {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < workers.size(); i++) {
      threads.add(Thread.ofPlatform().name("worker-" + i).daemon().start(workers.get(i)));
    }
    try {
      loop();
    } finally {
      workers.forEach(Worker::drain);
      threads.forEach(Threads::join);
    }
  }

  private void loop() {
    IdleStrategy idle = new IdleStrategy();
    while (true) {
      int done = collect();
      boolean open = isOpen() && !receiver.ended();
      if (open) {
        done += dispatch();
      } else if (pool.inUse() == 0) {
        return;
      }
      if (done == 0) {
        checkWorkers();
      }
      idle.idle(done);
    }
  }

  private int dispatch() {
    int count = receiver.receive(pool, received, received.length);
    for (int i = 0; i < count; i++) {
      Frame frame = received[i];
      received[i] = null;
      workers.get(flows.workerOf(frame)).accept(frame);
    }
    return count;
  }

  private int collect() {
    int total = 0;
    for (int w = 0; w < workers.size(); w++) {
      Worker worker = workers.get(w);
      int count = 0;
      while (count < finished.length) {
        Frame frame = worker.poll();
        if (frame == null) {
          break;
        }
        finished[count++] = frame;
      }
      total += count;
      end(count);
    }
    return total;
  }

  private void end(int count) {
    if (reordering == null) {
      finish(count);
      return;
    }
    for (int i = 0; i < count; i++) {
      reordering.put(finished[i]);
    }
    int ready;
    while ((ready = reordering.take(finished)) > 0) {
      finish(ready);
    }
  }

  private void finish(int count) {
    egress.finish(finished, count);
    for (int i = 0; i < count; i++) {
      pool.release(finished[i]);
    }
  }

  private void checkWorkers() {
    for (Worker worker : workers) {
      if (worker.failure() != null) {
        throw new IllegalStateException("a worker failed", worker.failure());
      }
    }
  }
}
