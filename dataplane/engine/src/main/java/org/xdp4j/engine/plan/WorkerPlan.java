package org.xdp4j.engine.plan;

import java.util.List;

/**
 * The threads that move frames. Worker {@code i} owns queue {@code i} of every port; of a port with
 * fewer queues than workers, what comes in is dealt out by flow.
 *
 * @param count 1 or more
 * @param cpus the CPUs they are bound to, one each; empty for no binding
 * @param idle what a worker does when there is nothing to do
 * @param most how many there may come to be while the forwarder runs: per-CPU maps have a value for
 *     each. 0 for one a CPU that there is, or {@code count} when that is more
 */
public record WorkerPlan(int count, List<Integer> cpus, Idle idle, int most) {
  private static final int MOST = 256;

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
    if (count < 1 || count > MOST) {
      throw new IllegalArgumentException("there are 1 to 256 workers, not " + count);
    }
    if (most != 0 && (most < count || most > MOST)) {
      throw new IllegalArgumentException(
          "%d workers are more than the most there may be, %d".formatted(count, most));
    }
    if (!cpus.isEmpty() && cpus.size() != count) {
      throw new IllegalArgumentException(
          "%d CPUs are named for %d workers; each worker needs one".formatted(cpus.size(), count));
    }
  }

  /** As many as there are, and never more. */
  public WorkerPlan(int count, List<Integer> cpus, Idle idle) {
    this(count, cpus, idle, count);
  }

  /** How many there can be. */
  public int possible() {
    return most != 0 ? most : Math.max(count, Runtime.getRuntime().availableProcessors());
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
    return new WorkerPlan(count, cpus, fresh, most);
  }

  /** The same bound to CPUs. */
  public WorkerPlan withCpus(List<Integer> fresh) {
    return new WorkerPlan(count, fresh, idle, most);
  }

  /** The same but for how many there may come to be. */
  public WorkerPlan withMost(int fresh) {
    return new WorkerPlan(count, cpus, idle, fresh);
  }
}
