package org.xdp4j.engine.forward;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.xdp4j.engine.frame.FrameRing;

/** What the control asks of workers: each does it between two of its rounds. */
final class WorkerCalls {
  /** How long a worker may take to a place between two rounds before it counts as stuck. */
  static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

  private static final System.Logger LOG = System.getLogger(WorkerCalls.class.getName());

  private final List<ForwardWorker> workers;

  WorkerCalls(List<ForwardWorker> workers) {
    this.workers = workers;
  }

  /** Waits until every worker has gone over to the layout of this version. */
  void awaitLayout(long version) {
    long deadline = System.nanoTime() + PATIENCE;
    // All are woken first: they may wait for one another.
    workers.forEach(worker -> worker.execute(() -> {}));
    for (ForwardWorker worker : workers) {
      while (worker.adopted() < version && worker.isAlive()) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("worker " + worker.number + " is stuck");
        }
        LockSupport.parkNanos(20_000);
      }
    }
  }

  /** Waits until all workers have done with every frame that is in a ring between them now. */
  void awaitRings(Rings rings) {
    long deadline = System.nanoTime() + PATIENCE;
    FrameRing[][] all = rings.all();
    for (ForwardWorker worker : workers) {
      for (FrameRing[] from : all) {
        FrameRing ring = from[worker.number];
        if (ring != null) {
          awaitTaken(worker, ring, ring.produced(), deadline);
        }
      }
    }
    onEach(worker -> worker); // what was taken last is done with when the round is
  }

  private static void awaitTaken(
      ForwardWorker worker, FrameRing ring, long produced, long deadline) {
    while (ring.consumed() < produced && worker.isAlive()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("worker " + worker.number + " is stuck");
      }
      LockSupport.parkNanos(20_000);
    }
  }

  /**
   * Has hosts told of interfaces that are about to leave, by whichever worker is first. A courtesy:
   * what is about to happen happens without it, too.
   */
  void sayFarewells() {
    try {
      tellEach(worker -> worker.stack.sayFarewells(System.nanoTime()));
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "hosts are not told what leaves: " + e.getMessage());
    }
  }

  /** Waits until nothing is on its way between workers. */
  void settle() {
    long deadline = System.nanoTime() + PATIENCE;
    int quiet = 0;
    while (quiet < 2 && System.nanoTime() < deadline) {
      quiet = onEach(ForwardWorker::isQuiet).stream().allMatch(each -> each) ? quiet + 1 : 0;
    }
  }

  /** Has each worker do something between two of its rounds, and waits until all have. */
  void tellEach(Consumer<ForwardWorker> task) {
    onEach(
        worker -> {
          task.accept(worker);
          return worker;
        });
  }

  /**
   * What each worker says between two of its rounds; one that runs no more is asked from here.
   *
   * @throws IllegalStateException when a worker is stuck
   */
  <T> List<T> onEach(Function<ForwardWorker, T> question) {
    List<CompletableFuture<T>> answers = new ArrayList<>();
    for (ForwardWorker worker : workers) {
      CompletableFuture<T> answer = new CompletableFuture<>();
      answers.add(answer);
      if (worker.isAlive()) {
        worker.execute(() -> complete(answer, worker, question));
      } else {
        complete(answer, worker, question);
      }
    }
    List<T> found = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      found.add(await(answers.get(i), workers.get(i), question));
    }
    return found;
  }

  private static <T> void complete(
      CompletableFuture<T> answer, ForwardWorker worker, Function<ForwardWorker, T> question) {
    try {
      answer.complete(question.apply(worker));
    } catch (RuntimeException e) {
      answer.completeExceptionally(e);
    }
  }

  private <T> T await(
      CompletableFuture<T> answer, ForwardWorker worker, Function<ForwardWorker, T> question) {
    long deadline = System.nanoTime() + PATIENCE;
    boolean interrupted = false;
    try {
      while (true) {
        if (!worker.isAlive() && !answer.isDone()) {
          return question.apply(worker);
        }
        try {
          return answer.get(20, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          if (System.nanoTime() > deadline) {
            throw new IllegalStateException("worker " + worker.number + " is stuck", e);
          }
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw new IllegalStateException("worker " + worker.number + " failed", e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
