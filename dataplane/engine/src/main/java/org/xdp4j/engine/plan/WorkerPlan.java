package org.xdp4j.engine.plan;

import java.util.List;

/**
 * The threads that move frames. Worker {@code i} owns queue {@code i} of every port; of a port with
 * fewer queues than workers, what comes in is dealt out by flow.
 *
 * @param count 1 or more
 * @param cpus the CPUs they are bound to, one each; empty for no binding
 * @param idle what a worker does when there is nothing to do
 */
public record WorkerPlan(int count, List<Integer> cpus, Idle idle) {
  /** What a worker does when there is nothing to do: from the quickest to the most modest. */
  public enum Idle {
    /** Looks again at once; takes a CPU of its own. */
    SPIN,
    /** Looks again after every other thread that wants to run has run. */
    YIELD,
    /** Spins and yields a while, then sleeps for ever longer, up to 200 microseconds. */
    PARK,
    /** Spins a while, then waits in poll(2) until a port has something; at most 10 ms. */
    POLL
  }

  /** Checks the numbers. */
  public WorkerPlan {
    cpus = List.copyOf(cpus);
    if (count < 1 || count > 256) {
      throw new IllegalArgumentException("there are 1 to 256 workers, not " + count);
    }
    if (!cpus.isEmpty() && cpus.size() != count) {
      throw new IllegalArgumentException(
          "%d CPUs are named for %d workers; each worker needs one".formatted(cpus.size(), count));
    }
  }

  /** One that is bound to no CPU and parks. */
  public static WorkerPlan one() {
    return of(1);
  }

  /** Several that are bound to no CPU and park. */
  public static WorkerPlan of(int count) {
    return new WorkerPlan(count, List.of(), Idle.PARK);
  }

  /** The same with another way to be idle. */
  public WorkerPlan withIdle(Idle fresh) {
    return new WorkerPlan(count, cpus, fresh);
  }

  /** The same bound to CPUs. */
  public WorkerPlan withCpus(List<Integer> fresh) {
    return new WorkerPlan(count, fresh, idle);
  }
}
