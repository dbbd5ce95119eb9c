package org.xdp4j.engine.forward;

import java.util.Arrays;
import java.util.List;
import org.xdp4j.bpf.context.EventSink;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.plan.WorkerPlan;
import org.xdp4j.engine.worker.Affinity;
import org.xdp4j.net.stack.Router;

/** What all workers of a forwarder share. Changed by the control, read by workers without locks. */
final class Shared {
  private final WorkerPlan plan;
  private final Region region;
  private final Router router;
  private final Rings rings;
  private final EventSink events;

  /** The workers, when they may have to be woken; else empty. */
  private ForwardWorker[] sleepers = {};

  private volatile Layout layout = Layout.of(0, List.of(), 0, 0);
  private volatile Tap[] taps = {};

  Shared(WorkerPlan plan, Region region, Router router, int ringSize, EventSink events) {
    this.plan = plan;
    this.region = region;
    this.router = router;
    this.rings = new Rings(plan.count(), ringSize);
    this.events = events;
  }

  /** Says who they are, before any of them begins. */
  void setWorkers(List<ForwardWorker> workers) {
    if (plan.idle() == WorkerPlan.Idle.POLL) {
      sleepers = workers.toArray(new ForwardWorker[0]);
    }
  }

  /** Something was put into a ring to a worker that may be asleep. */
  void wake(int worker) {
    if (sleepers.length > 0) {
      sleepers[worker].wake();
    }
  }

  WorkerPlan plan() {
    return plan;
  }

  Region region() {
    return region;
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

  /** Binds the calling worker as the plan says; the CPU, or -1. */
  int bind(int worker) {
    if (plan.cpus().isEmpty()) {
      return -1;
    }
    int cpu = plan.cpus().get(worker);
    return Affinity.ofSystem().map(system -> system.bind(cpu)).orElse(false) ? cpu : -1;
  }
}
