package org.xdp4j.engine.forward;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.xdp4j.bpf.map.MapTimers;
import org.xdp4j.engine.plan.WorkerPlan;
import org.xdp4j.engine.port.PortQueue;

/** What a worker does when there was nothing to do. Owned by one worker. */
final class Idler {
  private static final int SPINS = 200;
  private static final int YIELDS = 50;
  private static final long MIN_PARK = 1_000;
  private static final long MAX_PARK = 200_000;

  /** For one that nothing is to be expected from: what it still has is looked after, no more. */
  private static final long LONGEST_PARK = 10_000_000;

  private static final long SHORTEST_HOLD = 20_000;

  private final WorkerPlan.Idle strategy;
  private final Sleeper sleeper;
  private final long longest;
  private int rounds;
  private long park = MIN_PARK;

  private Idler(WorkerPlan.Idle strategy, Sleeper sleeper, long longest) {
    this.strategy = strategy;
    this.sleeper = sleeper;
    this.longest = longest;
  }

  /**
   * As a plan has it. A worker that moves no frames but those it still has parks.
   *
   * @param active whether the worker is one that frames come to by the layout it has gone over to
   * @param sleeper null where nothing can be waited for in poll(2)
   */
  static Idler of(WorkerPlan plan, boolean active, Sleeper sleeper) {
    if (!active) {
      return new Idler(WorkerPlan.Idle.PARK, null, LONGEST_PARK);
    }
    boolean polls = plan.idle() == WorkerPlan.Idle.POLL;
    return new Idler(plan.idle(), polls ? sleeper : null, MAX_PARK);
  }

  /** There was something to do. */
  void reset() {
    rounds = 0;
    park = MIN_PARK;
  }

  /**
   * Waits a little.
   *
   * @param held whether frames are left where they are until another worker has got on
   * @param queues where frames may come from
   * @param nothing whether nothing else waits for this worker
   * @param until when there is something to do again, by {@link System#nanoTime}
   */
  void idle(boolean held, PortQueue[] queues, BooleanSupplier nothing, long until) {
    if (held) {
      LockSupport.parkNanos(SHORTEST_HOLD); // the processor may be what the other lacks
      return;
    }
    rounds++;
    if (strategy == WorkerPlan.Idle.SPIN || rounds < SPINS) {
      Thread.onSpinWait();
    } else if (strategy == WorkerPlan.Idle.YIELD || rounds < SPINS + YIELDS) {
      Thread.yield();
    } else if (sleeper != null) {
      sleeper.sleep(queues, nothing, until);
    } else if (nothing.getAsBoolean()) {
      LockSupport.parkNanos(left(park, until)); // not at all when none is left
      park = Math.min(2 * park, longest);
    }
  }

  /** Nanoseconds to wait, at most {@code most}. */
  static long left(long most, long until) {
    if (until == MapTimers.NEVER) {
      return most;
    }
    return Math.clamp(until - System.nanoTime(), 0, most);
  }
}
