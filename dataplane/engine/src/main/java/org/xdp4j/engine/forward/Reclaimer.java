package org.xdp4j.engine.forward;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.xdp4j.bpf.memory.Rcu;

/**
 * Lets go what nothing in a map leads to any more, such as the program of an entry that was
 * replaced, once nobody can have it: no run, no worker in its round, no frame on its way by a CPU
 * map, no look of the watch. Changes of maps say what that is ({@link Rcu#call}), on any thread.
 */
final class Reclaimer {
  private final Rcu rcu;
  private final Runnable settle;
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

  /**
   * @param settle returns when whatever workers, their rings and the watch had of maps before it
   *     was called is done with
   */
  Reclaimer(Rcu rcu, Runnable settle) {
    this.rcu = rcu;
    this.settle = settle;
    rcu.callBy(waiting::add);
  }

  /** Returns when nobody has anything any more that maps lead to no more. */
  void await() {
    long token = rcu.start();
    settle.run();
    long deadline = System.nanoTime() + WorkerCalls.PATIENCE;
    while (!rcu.isOver(token)) { // a trial of the warmer's
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("a run does not end");
      }
      LockSupport.parkNanos(20_000);
    }
  }

  /**
   * Lets go of all there is now, and of what that leads to in turn; what one of these throws is
   * thrown when all others are let go.
   */
  synchronized void drain() {
    RuntimeException failure = null;
    while (!waiting.isEmpty()) {
      List<Runnable> all = new ArrayList<>();
      for (Runnable each = waiting.poll(); each != null; each = waiting.poll()) {
        all.add(each);
      }
      try {
        await();
      } catch (RuntimeException stuck) {
        waiting.addAll(all);
        throw stuck;
      }
      for (Runnable each : all) {
        try {
          each.run();
        } catch (RuntimeException e) {
          if (failure == null) {
            failure = e;
          } else {
            failure.addSuppressed(e);
          }
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
