package org.xdp4j.daemon.control.http;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that answer requests of one listener: some for what is soon done, one for what takes
 * long. Both have short queues; what does not fit is refused, not kept.
 */
final class ControlThreads implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int QUEUE = 64;
  private static final int SLOW_QUEUE = 4;
  private static final int IDLE_SECONDS = 30;
  private static final int PATIENCE_SECONDS = 5;

  private final ThreadPoolExecutor quick;
  private final ThreadPoolExecutor slow;

  ControlThreads(String name) {
    quick = pool(THREADS, QUEUE, name);
    slow = pool(1, SLOW_QUEUE, name + "-slow");
  }

  private static ThreadPoolExecutor pool(int threads, int queue, String name) {
    AtomicInteger number = new AtomicInteger();
    ThreadFactory factory =
        task -> {
          Thread thread = new Thread(task, name + "-" + number.getAndIncrement());
          thread.setDaemon(true);
          return thread;
        };
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queue),
            factory);
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /**
   * Runs a task.
   *
   * @throws java.util.concurrent.RejectedExecutionException when too many wait already
   */
  void execute(boolean takesLong, Runnable task) {
    (takesLong ? slow : quick).execute(task);
  }

  @Override
  public void close() {
    quick.shutdown();
    slow.shutdown();
    try {
      if (!quick.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)
          || !slow.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        quick.shutdownNow();
        slow.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
