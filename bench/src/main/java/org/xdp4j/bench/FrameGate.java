package org.xdp4j.bench;

import com.sun.management.ThreadMXBean;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;

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

  /**
   * What a frame took of the worker's CPU time and of the heap, and frames a second by the clock.
   */
  record Cost(double nanos, double bytes, double rate) {}

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
    return measure(List.of(this), millis);
  }

  /**
   * Lets frames in by all of several gates for a while, one a worker.
   *
   * @return what each frame cost the worker that it went through
   */
  static Cost measure(List<FrameGate> gates, long millis) throws InterruptedException {
    long[] workers = workers(gates.size());
    gates.forEach(gate -> gate.set(true));
    long bytes = allocated(workers);
    long nanos = used(workers);
    long[] before = gates.stream().mapToLong(FrameGate::frames).toArray();
    long begin = System.nanoTime();
    Thread.sleep(millis);
    double count = 0;
    for (int i = 0; i < before.length; i++) {
      for (int waits = 0; gates.get(i).frames() == before[i]; waits++) {
        if (waits == PATIENCE) {
          throw new IllegalStateException("no frame goes round");
        }
        Thread.sleep(1); // a machine so busy that none went through yet
      }
    }
    long took = System.nanoTime() - begin;
    for (int i = 0; i < before.length; i++) {
      count += gates.get(i).frames() - before[i];
    }
    nanos = used(workers) - nanos;
    bytes = allocated(workers) - bytes;
    gates.forEach(gate -> gate.set(false));
    return new Cost(nanos / count, bytes / count, count * 1e9 / took);
  }

  private static long used(long[] workers) {
    return Arrays.stream(workers).map(THREADS::getThreadCpuTime).sum();
  }

  private static long allocated(long[] workers) {
    return Arrays.stream(workers).map(THREADS::getThreadAllocatedBytes).sum();
  }

  private static long[] workers(int count) {
    long[] workers =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().matches("forward-\\d+"))
            .mapToLong(Thread::threadId)
            .toArray();
    if (workers.length != count) {
      throw new IllegalStateException(workers.length + " workers for " + count + " gates");
    }
    return workers;
  }
}
