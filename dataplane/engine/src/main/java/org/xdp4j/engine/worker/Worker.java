package org.xdp4j.engine.worker;

import java.util.Queue;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.frame.Frame;

/**
 * A thread that runs the program over the frames of its ring and hands them back through another.
 * Both rings hold every frame there is, so handing over never fails.
 */
final class Worker implements Runnable {
  /**
   * Frames of a batch. HotSpot looks at a method's calls in steps of 1,024: with 32 frames a call,
   * a batch's methods are compiled whole by then, and not first as loops and then again, which cost
   * a replay of five million frames a tenth of its time.
   */
  static final int BATCH = 32;

  private final int cpu;
  private final ProgramRunner runner;
  private final Queue<Frame> inbound;
  private final Queue<Frame> outbound;
  private final Frame[] frames = new Frame[BATCH];
  private final Runnable onStart;
  private volatile boolean draining;
  private volatile Throwable failure;

  /**
   * Makes one.
   *
   * @param ringSize frames a ring must hold
   * @param onStart run first on the worker's thread
   */
  Worker(
      BatchProgram program, XdpContext context, Counters counters, int ringSize, Runnable onStart) {
    this.cpu = context.cpu;
    this.runner = new ProgramRunner(program, context, BATCH, context.cpu, counters);
    this.inbound = new SpscVarHandleArrayQueue<>(ringSize);
    this.outbound = new SpscVarHandleArrayQueue<>(ringSize);
    this.onStart = onStart;
  }

  /** Gives it a frame; the pipeline's thread only. */
  void accept(Frame frame) {
    if (!inbound.offer(frame)) {
      throw new IllegalStateException("the ring to worker " + cpu + " is full");
    }
  }

  /** Takes back a frame it is done with, or null; the pipeline's thread only. */
  Frame poll() {
    return outbound.poll();
  }

  /** Tells it to end when its ring is empty: no frame will be given to it any more. */
  void drain() {
    draining = true;
  }

  /** What ended it before its time, or null. */
  Throwable failure() {
    return failure;
  }

  @Override
  public void run() {
    try {
      onStart.run();
      IdleStrategy idle = new IdleStrategy();
      while (true) {
        boolean last = draining;
        int done = doWork();
        if (done == 0 && last) {
          return;
        }
        idle.idle(done);
      }
    } catch (Throwable e) {
      failure = e;
    }
  }

  /** Runs one batch and returns its size, 0 when there was nothing to do. */
  int doWork() {
    int count = 0;
    while (count < BATCH) {
      Frame frame = inbound.poll();
      if (frame == null) {
        break;
      }
      frames[count++] = frame;
    }
    if (count > 0) {
      runner.run(frames, count);
      for (int i = 0; i < count; i++) {
        if (!outbound.offer(frames[i])) {
          throw new IllegalStateException("the ring from worker " + cpu + " is full");
        }
      }
    }
    return count;
  }
}
