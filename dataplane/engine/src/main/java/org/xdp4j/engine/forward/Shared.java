package org.xdp4j.engine.forward;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.xdp4j.bpf.PinnedMaps;
import org.xdp4j.bpf.context.EventSink;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.plan.WorkerPlan;
import org.xdp4j.engine.worker.Affinity;
import org.xdp4j.net.stack.Router;

/** What all workers of a forwarder share. Changed by the control, read by workers without locks. */
final class Shared {
  private volatile WorkerPlan plan;
  private final Region region;
  private final PinnedMaps pins;
  private final Router router;
  private final Rings rings;
  private final EventSink events;

  private volatile ForwardWorker[] workers = {};

  /** The workers, when they may have to be woken; else empty. */
  private volatile ForwardWorker[] sleepers = {};

  private Optional<Affinity> affinity;
  private volatile Layout layout = Layout.NONE;
  private volatile Tap[] taps = {};

  Shared(
      WorkerPlan plan,
      Region region,
      PinnedMaps pins,
      Router router,
      int ringSize,
      EventSink events) {
    this.plan = plan;
    this.region = region;
    this.pins = pins;
    this.router = router;
    this.rings = new Rings(ringSize);
    this.events = events;
  }

  /** Says who they are, before those of them begin that are new; all have their rings. */
  void setWorkers(List<ForwardWorker> workers) {
    this.workers = workers.toArray(new ForwardWorker[0]);
    setPlan(plan);
  }

  /**
   * Waits until all workers that run have come so far on their way to the layout of this version.
   * Each worker that goes over to it says so first and then asks, so nobody waits for long: as long
   * as the longest round.
   *
   * @param reached the version up to which a worker has done what is waited for
   */
  void await(ToLongFunction<ForwardWorker> reached, long version) {
    for (ForwardWorker each : workers) {
      int spins = 0;
      while (reached.applyAsLong(each) < version && each.isAlive()) {
        if (++spins < 1000) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
    }
  }

  /**
   * Has workers idle in another way, or bound to other CPUs: each as soon as it looks ({@link
   * ForwardWorker#settle}). How many of them move frames is in the {@link Layout}.
   */
  void setPlan(WorkerPlan fresh) {
    plan = fresh;
    // Before the first of them sleeps so; one too many is woken for nothing.
    sleepers = fresh.idle() == WorkerPlan.Idle.POLL ? workers : new ForwardWorker[0];
  }

  /** Something was put into a ring to a worker that may be asleep. */
  void wake(int worker) {
    ForwardWorker[] asleep = sleepers;
    if (asleep.length > 0) {
      asleep[worker].wake();
    }
  }

  WorkerPlan plan() {
    return plan;
  }

  Region region() {
    return region;
  }

  /** Maps that are there whoever uses them. */
  PinnedMaps pins() {
    return pins;
  }

  Router router() {
    return router;
  }

  Rings rings() {
    return rings;
  }

  EventSink events() {
    return events;
  }

  Layout layout() {
    return layout;
  }

  void setLayout(Layout next) {
    layout = next;
  }

  boolean isCurrent(Layout one) {
    return layout == one;
  }

  Tap[] taps() {
    return taps;
  }

  synchronized void addTap(Tap tap) {
    Tap[] more = Arrays.copyOf(taps, taps.length + 1);
    more[taps.length] = tap;
    taps = more;
  }

  synchronized void removeTap(Tap tap) {
    taps = Arrays.stream(taps).filter(each -> each != tap).toArray(Tap[]::new);
  }

  /** Asked for by the first worker before it is bound, it knows what all may use. */
  private synchronized Optional<Affinity> system() {
    if (affinity == null) {
      affinity = Affinity.ofSystem();
    }
    return affinity;
  }

  /** Lets the calling worker run anywhere again. */
  void release() {
    system().ifPresent(Affinity::release);
  }

  /** Binds the calling worker as the plan says; the CPU, or -1. */
  int bind(int worker) {
    WorkerPlan current = plan;
    if (worker >= current.cpus().size()) {
      return -1; // bound to none, or one that moves no frames now
    }
    int cpu = current.cpus().get(worker);
    return system().map(each -> each.bind(cpu)).orElse(false) ? cpu : -1;
  }
}
