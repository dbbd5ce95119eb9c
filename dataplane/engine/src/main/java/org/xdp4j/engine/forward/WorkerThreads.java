package org.xdp4j.engine.forward;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import org.xdp4j.engine.worker.Threads;

/**
 * The threads of workers. All are started by one thread that is made with this and kept: a thread
 * of Linux inherits its nice value and its CPUs from the one that starts it (clone(2)), and whoever
 * asks for more workers later may have given way to those there are. Used by the control alone.
 */
final class WorkerThreads implements AutoCloseable {
  private static final long PAUSE = 20_000;

  private final ThreadFactory factory;
  private final ExecutorService starter;
  private final Map<ForwardWorker, Thread> threads = new LinkedHashMap<>();

  /**
   * Makes none yet.
   *
   * @param factory of threads that are not started
   */
  WorkerThreads(ThreadFactory factory) {
    this.factory = factory;
    starter =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("forward-starter").daemon().factory());
    starter.execute(() -> {}); // there from now on
  }

  /** Threads as a forwarder has them by itself. */
  static ThreadFactory platform() {
    return Thread.ofPlatform().daemon()::unstarted;
  }

  /**
   * Starts the threads of workers, which then wait until they are to {@link #begin}; all or none.
   *
   * @throws ForwarderException when the system refuses one of them; those that were started ended
   */
  void start(List<ForwardWorker> fresh) throws ForwarderException {
    List<Thread> started = new ArrayList<>();
    Throwable refusal =
        CompletableFuture.supplyAsync(() -> start(fresh, started), starter)
            .exceptionally(e -> e.getCause())
            .join();
    if (refusal == null) {
      for (int i = 0; i < started.size(); i++) {
        threads.put(fresh.get(i), started.get(i));
      }
      return;
    }
    fresh.forEach(ForwardWorker::dismiss);
    started.forEach(Threads::join);
    throw ForwarderException.ofKey(
        "workers.count",
        "the system refuses a thread for worker %d: %s"
            .formatted(fresh.get(started.size()).number + 1, refusal.getMessage()),
        refusal);
  }

  /** What kept it from starting all of them; null for nothing. */
  private Throwable start(List<ForwardWorker> fresh, List<Thread> started) {
    try {
      for (ForwardWorker worker : fresh) {
        Thread thread = factory.newThread(worker);
        thread.setName("forward-" + worker.number);
        thread.start();
        started.add(thread);
      }
      return null;
    } catch (RuntimeException | Error e) {
      return e; // OutOfMemoryError where the system has no more threads for us
    }
  }

  /** Ends those of these workers that were started and are not to begin. */
  void dismiss(List<ForwardWorker> fresh) {
    for (ForwardWorker worker : fresh) {
      Thread thread = threads.remove(worker);
      if (thread != null) {
        worker.dismiss();
        Threads.join(thread);
      }
    }
  }

  /** Has workers that were started move frames, and returns when they do. */
  void begin(List<ForwardWorker> fresh) {
    fresh.forEach(ForwardWorker::begin);
    // What is asked of workers is asked of threads that are there.
    for (ForwardWorker worker : fresh) {
      while (worker.began() == 0 && worker.failure() == null) {
        LockSupport.parkNanos(PAUSE);
      }
    }
  }

  /** Waits until all have ended. */
  void join() {
    threads.values().forEach(Threads::join);
  }

  /** Starts no more. */
  @Override
  public void close() {
    starter.shutdown();
  }
}
