package org.xdp4j.bench;

import com.sun.management.ThreadMXBean;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;

/**
 * Lets frames of a worker in or not, and counts those that went out. Any thread opens, one worker
 * counts.
 */
final class FrameGate {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final VarHandle DONE;
  private static final int PATIENCE = 10_000;

  static {
    try {
      DONE = MethodHandles.lookup().findVarHandle(FrameGate.class, "done", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile boolean open;
  private long done;

  FrameGate(boolean open) {
    this.open = open;
  }

  /** What a frame took of the worker's CPU time and of the heap. */
  record Cost(double nanos, double bytes) {}

  boolean isOpen() {
    return open;
  }

  void set(boolean isOpen) {
    open = isOpen;
  }

  /** Frames that went out. */
  long frames() {
    return (long) DONE.getOpaque(this);
  }

  void count(int frames) {
    DONE.setOpaque(this, done + frames);
  }

  /** Lets frames in for a while; what each cost the only worker of this JVM's forwarder. */
  Cost measure(long millis) throws InterruptedException {
    long worker = worker();
    set(true);
    long bytes = THREADS.getThreadAllocatedBytes(worker);
    long frames = frames();
    long nanos = THREADS.getThreadCpuTime(worker);
    Thread.sleep(millis);
    for (int waits = 0; frames() == frames; waits++) {
      if (waits == PATIENCE) {
        throw new IllegalStateException("no frame goes round");
      }
      Thread.sleep(1); // a machine so busy that none went through yet
    }
    nanos = THREADS.getThreadCpuTime(worker) - nanos;
    double count = frames() - frames;
    bytes = THREADS.getThreadAllocatedBytes(worker) - bytes;
    set(false);
    return new Cost(nanos / count, bytes / count);
  }

  private static long worker() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("forward-0"))
        .findAny()
        .orElseThrow()
        .threadId();
  }
}
