package org.xdp4j.engine.forward;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.PinnedMaps;
import org.xdp4j.bpf.map.MapBudget;
import org.xdp4j.bpf.memory.OutOfRegionException;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.LimitPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.net.stack.Router;
import org.xdp4j.net.stack.RouterSettings;

/**
 * Behind {@link Forwarder}: holds what runs, and changes it. Changes hold this object's lock; views
 * read what is published.
 */
final class Control {
  private final Region region;
  private final Router router;
  private final Shared shared;
  private final int most;

  /** Those that move frames come first; behind them, those that a plan before had. */
  private final List<ForwardWorker> workers = new CopyOnWriteArrayList<>();

  private final List<Thread> threads = new ArrayList<>();
  private final PinnedMaps pins = new PinnedMaps();
  private final WorkerCalls calls = new WorkerCalls(workers);
  private final Attachments attachments;
  private final MapBudget budget;
  private final Warmer warmer;
  private final PortFactory factory;
  private final Programs programs = new Programs(this);
  private final EventHub events;
  private final Subscriptions subscriptions = new Subscriptions(this);
  private final Views views;
  private final Watch watch;

  /** Everything that follows from the plan that runs; swapped as a whole. */
  private volatile State state;

  private volatile ForwardBooks finalBooks;
  private boolean closed;

  /**
   * What runs.
   *
   * @param attachments by the name of the plan's program
   */
  private record State(
      ForwarderPlan plan,
      List<LivePort> ports,
      Map<String, Attachment> attachments,
      NetSetup net) {}

  private Control(ForwarderPlan plan) throws ForwarderException {
    LimitPlan limits = plan.limits();
    region = Region.reserve(limits.regionBytes());
    router = new Router(settings(plan));
    events = new EventHub();
    shared = new Shared(plan.workers(), region, router, limits.ring(), events);
    views = new Views(shared, workers);
    most = plan.workers().possible();
    budget = new MapBudget(limits.mapBytes());
    attachments = new Attachments(new ProgramLoader(region, most, pins, budget));
    factory = new PortFactory(region, most);
    workers.addAll(moreWorkers(plan));
    shared.setWorkers(workers);
    warmer = new Warmer(region, shared);
    watch = new Watch(this, events);
  }

  private static RouterSettings settings(ForwarderPlan plan) {
    LimitPlan limits = plan.limits();
    return new RouterSettings(
        plan.punt() != null,
        limits.hopLimit(),
        limits.icmpRate(),
        limits.icmpBurst(),
        limits.neighbors(),
        limits.heldPerNeighbor(),
        limits.held());
  }

  static Control start(ForwarderPlan plan) throws ForwarderException {
    Control control = new Control(plan);
    try {
      control.applyFirst(plan);
    } catch (ForwarderException | RuntimeException e) {
      control.pins.close();
      control.workers.forEach(ForwardWorker::close);
      control.region.close();
      throw e;
    }
    control.startThreads(control.workers);
    control.watch.start();
    return control;
  }

  private void startThreads(List<ForwardWorker> fresh) {
    for (ForwardWorker worker : fresh) {
      threads.add(Thread.ofPlatform().name("forward-" + worker.number).daemon().start(worker));
    }
    // What is asked of workers is asked of threads that are there.
    for (ForwardWorker worker : fresh) {
      while (worker.began() == 0) {
        LockSupport.parkNanos(20_000);
      }
    }
  }

  /** Workers that a plan has beyond those there are; they are part of nothing yet. */
  private List<ForwardWorker> moreWorkers(ForwarderPlan plan) throws ForwarderException {
    List<ForwardWorker> fresh = new ArrayList<>();
    shared.rings().growTo(plan.workers().count());
    try {
      for (int i = workers.size(); i < plan.workers().count(); i++) {
        fresh.add(new ForwardWorker(i, shared, plan.limits().frames()));
      }
    } catch (OutOfRegionException e) {
      fresh.forEach(ForwardWorker::discard);
      throw new ForwarderException(
          "limits.memory: %d bytes have no room for %d workers"
              .formatted(plan.limits().regionBytes(), plan.workers().count()),
          e);
    } catch (RuntimeException e) {
      fresh.forEach(ForwardWorker::discard);
      throw e;
    }
    return fresh;
  }

  /** Has workers that do not run yet take their frames: later there may be no room for them. */
  private void takeFrames(List<ForwardWorker> fresh, ForwarderPlan plan) throws ForwarderException {
    for (ForwardWorker worker : fresh) {
      if (!worker.pool.canHold(FramePool.SMALL)) {
        LimitPlan limits = plan.limits();
        throw new ForwarderException(
            "limits.memory: %d bytes have no room for the frames of worker %d of %d: each takes %d"
                .formatted(
                    limits.regionBytes(),
                    worker.number + 1,
                    plan.workers().count(),
                    (long) limits.frames() * FramePool.spacing()));
      }
    }
  }

  private synchronized void applyFirst(ForwarderPlan plan) throws ForwarderException {
    change(plan);
  }

  synchronized void apply(ForwarderPlan plan) throws ForwarderException {
    requireRunning();
    requireSame("workers.most", state.plan.workers().most(), plan.workers().most());
    if (plan.workers().count() > most) {
      throw new ForwarderException(
          "workers.count: there cannot come to be %d workers: per-CPU maps have values for %d"
              .formatted(plan.workers().count(), most));
    }
    LimitPlan old = state.plan.limits();
    LimitPlan fresh = plan.limits();
    requireSame("limits.frames", old.frames(), fresh.frames());
    requireSame("limits.ring", old.ring(), fresh.ring());
    requireSame("limits.memory", old.regionBytes(), fresh.regionBytes());
    change(plan);
  }

  /** What memory and threads are made for at the start stays. */
  private static void requireSame(String what, long old, long fresh) throws ForwarderException {
    if (old != fresh) {
      throw new ForwarderException(
          "%s: cannot change from %d to %d while the forwarder runs".formatted(what, old, fresh));
    }
  }

  private void requireRunning() throws ForwarderException {
    if (finalBooks != null || closed) {
      throw new ForwarderException("the forwarder is stopped");
    }
    for (ForwardWorker worker : workers) {
      if (worker.failure() != null) {
        throw new ForwarderException(
            "worker %d failed: %s".formatted(worker.number, worker.failure()));
      }
    }
  }

  // The transaction: everything that can fail, then the commit, then what the old plan had.

  private void change(ForwarderPlan plan) throws ForwarderException {
    State old = state;
    List<LivePort> opened = new ArrayList<>();
    List<Attachment> loaded = new ArrayList<>();
    List<Runnable> undo = new ArrayList<>();
    List<ForwardWorker> fresh = List.of();
    State next;
    long mapBytes = budget.limit();
    try {
      // While maps of both plans are there the larger limit holds, and what stays keeps to its own.
      budget.setLimit(Math.max(mapBytes, plan.limits().mapBytes()));
      List<LivePort> oldPorts = old == null ? List.of() : old.ports;
      List<LivePort> ports = factory.ports(plan.workers().count(), plan.ports(), oldPorts, opened);
      Map<String, Attachment> before = old == null ? Map.of() : old.attachments;
      Map<String, Attachment> after = attachments.load(plan, before, ports, loaded, undo);
      NetSetup net = new NetSetup(plan, ports, router, old == null ? null : old.net);
      next = new State(plan, ports, after, net);
      requireMapBytes(plan.limits().mapBytes(), leaving(before, after));
      fresh = moreWorkers(plan);
      takeFrames(old == null ? workers : fresh, plan);
    } catch (ForwarderException | RuntimeException e) {
      fresh.forEach(ForwardWorker::discard);
      for (int i = undo.size() - 1; i >= 0; i--) {
        undo.get(i).run();
      }
      loaded.forEach(attachment -> attachment.loaded.close());
      budget.setLimit(mapBytes);
      opened.forEach(port -> port.port.close());
      throw e;
    }
    warmer.warm(loaded, next.ports, plan.limits().warmUp());
    next.net.commit();
    router.setSettings(settings(plan));
    if (old != null && !old.plan.workers().equals(plan.workers())) {
      workers.addAll(fresh);
      shared.setWorkers(workers);
      shared.setPlan(plan.workers());
      startThreads(fresh);
      workers.forEach(worker -> worker.execute(worker::settle));
    }
    Attachments.attach(next.attachments, next.ports);
    state = next;
    publish(next);
    if (old != null) {
      retire(old, next);
      events.say(new ForwarderEvent.Applied(Instant.now()));
    }
    budget.setLimit(plan.limits().mapBytes());
  }

  private void requireMapBytes(long limit, Collection<LoadedObject> leaving)
      throws ForwarderException {
    long stay = budget.used() - LoadedObject.freedBy(leaving);
    if (stay > limit) {
      throw new ForwarderException(
          "limits.map-memory: cannot be %d bytes, since the maps there are take %d"
              .formatted(limit, stay));
    }
  }

  /** What is loaded for one plan's attachments and not used by the next's. */
  private static Set<LoadedObject> leaving(
      Map<String, Attachment> before, Map<String, Attachment> after) {
    Set<LoadedObject> leaving = new HashSet<>();
    before.values().forEach(attachment -> leaving.add(attachment.loaded));
    after.values().forEach(attachment -> leaving.remove(attachment.loaded));
    return leaving;
  }

  private void publish(State next) {
    long version = shared.layout().version() + 1;
    int count = next.plan.workers().count();
    shared.setLayout(
        Layout.of(version, count, next.ports, next.net.puntIndex(), next.net.mirrorIndex()));
  }

  /** Closes what the old state had and the next has not, once no worker can be using it. */
  private void retire(State old, State next) {
    calls.awaitLayout(shared.layout().version());
    for (LivePort port : old.ports) {
      if (!next.ports.contains(port)) {
        port.port.close();
      }
    }
    leaving(old.attachments, next.attachments).forEach(LoadedObject::close);
  }

  // Views.

  ForwarderPlan plan() {
    return state.plan;
  }

  Router router() {
    return router;
  }

  Region region() {
    return region;
  }

  EventHub events() {
    return events;
  }

  Shared shared() {
    return shared;
  }

  /** How many workers there may come to be. */
  int most() {
    return most;
  }

  List<ForwardWorker> all() {
    return workers;
  }

  List<LivePort> livePorts() {
    return state.ports;
  }

  /** The interfaces and bridges on a port follow its state. */
  void follow(LivePort port) {
    state.net.follow(port);
  }

  List<Attachment> attachments() {
    return List.copyOf(state.attachments.values());
  }

  Programs programs() {
    return programs;
  }

  Warmer warmer() {
    return warmer;
  }

  Subscriptions subscriptions() {
    return subscriptions;
  }

  Views views() {
    return views;
  }

  List<DropCount> drops() {
    return views.drops(finalBooks == null ? parts() : lastParts);
  }

  ForwardBooks books() {
    ForwardBooks done = finalBooks;
    return done != null ? done : views.sum(parts());
  }

  private List<BookPart> parts() {
    return calls.onEach(ForwardWorker::books);
  }

  // The end.

  boolean awaitEnd(long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    while (true) {
      boolean sourcesEnded =
          state.ports.stream().filter(Control::isSource).allMatch(port -> port.port.ended());
      if (sourcesEnded && isQuiet()) {
        return true;
      }
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.sleep(1);
    }
  }

  private static boolean isSource(LivePort port) {
    return port.plan instanceof PortPlan.CaptureInput
        || port.plan instanceof PortPlan.Generator
        || port.plan instanceof PortPlan.Custom && port.port.ended();
  }

  /** Whether nothing moved between two looks at the books, and nothing is in flight. */
  private boolean isQuiet() {
    ForwardBooks one = books();
    ForwardBooks two = books();
    return one.inFlight() == 0 && two.inFlight() == 0 && one.received() == two.received();
  }

  boolean isStopped() {
    return finalBooks != null;
  }

  private List<BookPart> lastParts = List.of();

  synchronized ForwardBooks stop() {
    if (finalBooks != null) {
      return finalBooks;
    }
    watch.stop();
    calls.onEach(run(ForwardWorker::stopReceiving));
    settle();
    calls.onEach(run(ForwardWorker::stopStack));
    settle();
    calls.onEach(run(ForwardWorker::releaseSpares));
    Layout last = shared.layout();
    shared.setLayout(Layout.of(last.version() + 1, last.workers(), List.of(), 0, 0));
    calls.awaitLayout(shared.layout().version());
    lastParts = parts();
    ForwardBooks books = views.sum(lastParts);
    calls.onEach(run(ForwardWorker::end));
    threads.forEach(Control::join);
    events.close();
    state.ports.forEach(port -> port.port.close());
    finalBooks = books;
    checkFailures();
    books.requireBalance();
    if (books.inFlight() != 0) {
      throw new IllegalStateException("frames are still in flight: " + books);
    }
    return books;
  }

  private static Function<ForwardWorker, Object> run(Consumer<ForwardWorker> task) {
    return worker -> {
      task.accept(worker);
      return worker;
    };
  }

  /** Waits until nothing is on its way between workers. */
  private void settle() {
    long deadline = System.nanoTime() + WorkerCalls.PATIENCE;
    int quiet = 0;
    while (quiet < 2 && System.nanoTime() < deadline) {
      quiet = calls.onEach(ForwardWorker::isQuiet).stream().allMatch(each -> each) ? quiet + 1 : 0;
    }
  }

  private void checkFailures() {
    for (ForwardWorker worker : workers) {
      if (worker.failure() != null) {
        throw new IllegalStateException("worker " + worker.number + " failed", worker.failure());
      }
    }
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  synchronized void close() {
    if (closed) {
      return;
    }
    try {
      stop();
    } finally {
      closed = true;
      state.attachments.values().stream()
          .map(attachment -> attachment.loaded)
          .distinct()
          .forEach(loaded -> loaded.close());
      pins.close();
      workers.forEach(ForwardWorker::close);
      region.close();
    }
  }
}
