package org.xdp4j.engine.forward;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.PinnedMaps;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapBudget;
import org.xdp4j.bpf.map.MapProgram;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.LimitPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.net.stack.Router;
import org.xdp4j.net.stack.RouterSettings;
import org.xdp4j.net.stack.Topology;

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

  private final WorkerThreads threads;
  private final PinnedMaps pins = new PinnedMaps();
  private final WorkerCalls calls = new WorkerCalls(workers);
  private final Attachments attachments;
  private final MapBudget budget;
  private final Reclaimer reclaimer;
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
   * @param leaving attachments of the plan before, which workers may be in yet
   * @param past what those before them came to
   */
  private record State(
      ForwarderPlan plan,
      List<LivePort> ports,
      Map<String, Attachment> attachments,
      NetSetup net,
      List<Attachment> leaving,
      Map<PastRuns.Label, PastRuns.Sum> past) {
    /** The same once no worker is in those that leave. */
    State withoutLeaving() {
      return new State(
          plan, ports, attachments, net, List.of(), PastRuns.add(past, Attachments.views(leaving)));
    }
  }

  private Control(ForwarderPlan plan, Region region, ThreadFactory threads) {
    LimitPlan limits = plan.limits();
    this.region = region;
    router = new Router(settings(plan));
    events = new EventHub();
    shared = new Shared(plan.workers(), region, pins, router, limits.ring(), events);
    views = new Views(shared, workers);
    most = plan.workers().possible();
    budget = new MapBudget(limits.mapBytes());
    attachments = new Attachments(new ProgramLoader(region, most, pins, budget));
    factory = new PortFactory(region, most);
    warmer = new Warmer(region, shared);
    watch = new Watch(this, events);
    reclaimer = new Reclaimer(region.rcu(), this::awaitUses);
    this.threads = new WorkerThreads(threads); // last: who makes this cannot end them
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

  /**
   * Starts one.
   *
   * @param threads what workers run on
   */
  static Control start(ForwarderPlan plan, ThreadFactory threads) throws ForwarderException {
    Control control = make(plan, threads);
    try {
      control.applyFirst(plan);
      control.watch.start();
      return control;
    } catch (VirtualMachineError e) {
      control.discard();
      throw WorkerMaking.tooSmall(e);
    } catch (ForwarderException | RuntimeException | Error e) {
      control.discard();
      throw e;
    }
  }

  private static Control make(ForwarderPlan plan, ThreadFactory threads) throws ForwarderException {
    Region region;
    try {
      region = Region.reserve(plan.limits().regionBytes());
    } catch (OutOfMemoryError e) {
      throw ForwarderException.ofKey("limits.memory", e.getMessage(), e);
    }
    try {
      return new Control(plan, region, threads);
    } catch (VirtualMachineError e) {
      region.close();
      throw WorkerMaking.tooSmall(e);
    } catch (RuntimeException | Error e) {
      region.close();
      throw e;
    }
  }

  /** Ends one whose start failed. */
  private void discard() {
    if (state != null) {
      close();
      return;
    }
    threads.close();
    events.close();
    pins.close();
    region.close();
  }

  private synchronized void applyFirst(ForwarderPlan plan) throws ForwarderException {
    change(plan);
  }

  synchronized void apply(ForwarderPlan plan) throws ForwarderException {
    requireRunning();
    requireSame("workers.most", state.plan.workers().most(), plan.workers().most());
    if (plan.workers().count() > most) {
      throw ForwarderException.ofKey(
          "workers.count",
          "there cannot come to be %d workers: per-CPU maps have values for %d"
              .formatted(plan.workers().count(), most),
          null);
    }
    LimitPlan old = state.plan.limits();
    LimitPlan fresh = plan.limits();
    requireSame("limits.frames", old.frames(), fresh.frames());
    requireSame("limits.memory", old.regionBytes(), fresh.regionBytes());
    change(plan);
  }

  /** What memory and threads are made for at the start stays. */
  private static void requireSame(String what, long old, long fresh) throws ForwarderException {
    if (old != fresh) {
      throw ForwarderException.ofKey(
          what, "cannot change from %d to %d while the forwarder runs".formatted(old, fresh), null);
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
      // Workers wait for one another on their way to a layout: there is no other before all have
      // it.
      if (worker.isAlive() && worker.adopted() < shared.layout().version()) {
        throw new ForwarderException(
            "worker %d has not come to the change before this one yet".formatted(worker.number));
      }
    }
  }

  // The transaction: everything that can fail, then the commit, then what the old plan had.

  private void change(ForwarderPlan plan) throws ForwarderException {
    State old = state;
    Draft draft = new Draft();
    State next;
    try {
      next = draft.of(plan, old);
      threads.start(draft.workers);
      draft.write();
    } catch (VirtualMachineError e) {
      draft.takeBack(e);
      throw WorkerMaking.tooSmall(e);
    } catch (ForwarderException | RuntimeException | Error e) {
      draft.takeBack(e);
      throw e;
    }
    draft.resizeRings.run();
    router.setSettings(settings(plan));
    if (old == null || !old.plan.workers().equals(plan.workers())) {
      workers.addAll(draft.workers);
      shared.setWorkers(workers);
      shared.setPlan(plan.workers());
      threads.begin(draft.workers);
      workers.forEach(worker -> worker.execute(worker::settle));
    }
    publish(shared.layout().joinedBy(next.ports, plan.workers().count()));
    next.net.commit(calls::sayFarewells);
    Attachments.attach(next.attachments, next.ports);
    state = next;
    publish(next);
    draft.settle();
    if (old != null) {
      closePorts(old, next);
    }
    draft.opened.forEach(live -> live.port.begin());
    try {
      if (old != null) {
        retire(old, next);
        events.say(new ForwarderEvent.Applied(Instant.now()));
      }
    } finally {
      // The plan runs also when what leaves cannot be closed; until then the larger limit holds.
      budget.setLimit(plan.limits().mapBytes());
    }
  }

  /** What was made for a plan before it is the one that runs; a refused plan's is taken back. */
  private final class Draft {
    private final List<LivePort> opened = new ArrayList<>();
    private final List<Attachment> loaded = new ArrayList<>();
    private final MapChanges changes = new MapChanges();
    private final List<MapWrite> writes = new ArrayList<>();
    private Runnable resizeRings;
    private final long mapBytes = budget.limit();
    final List<ForwardWorker> workers = new ArrayList<>();

    /** All that follows from the plan. */
    State of(ForwarderPlan plan, State old) throws ForwarderException {
      // While maps of both plans are there the larger limit holds, and what stays keeps to its own.
      budget.setLimit(Math.max(mapBytes, plan.limits().mapBytes()));
      List<LivePort> oldPorts = old == null ? List.of() : old.ports;
      List<LivePort> ports = factory.ports(plan.workers().count(), plan.ports(), oldPorts, opened);
      Map<String, Attachment> before = old == null ? Map.of() : old.attachments;
      Map<String, Attachment> after =
          attachments.load(plan, before, ports, loaded, changes, writes);
      NetSetup net = new NetSetup(plan, ports, router, old == null ? null : old.net);
      requireMapBytes(plan.limits().mapBytes(), leaving(before, after), writes);
      WorkerMaking.requireHeap(plan.workers().count(), plan.limits().ring());
      resizeRings = shared.rings().resized(plan.limits().ring());
      WorkerMaking.make(shared, Control.this.workers.size(), plan, workers);
      warmer.warm(loaded, ports, plan.limits().warmUp());
      Set<LoadedObject> left = leaving(before, after);
      return new State(
          plan,
          ports,
          after,
          net,
          before.values().stream().filter(each -> left.contains(each.loaded)).toList(),
          old == null ? Map.of() : old.past);
    }

    /** Writes into maps that are in use, when all else is done: frames meet what is written. */
    void write() throws ForwarderException {
      for (MapWrite write : writes) {
        write.write(changes);
      }
    }

    /** The plan is the one that runs. */
    void settle() {
      changes.settle();
    }

    /**
     * Those that hold what others made go first. Each step is done whatever those before it throw,
     * since what they leave stays for good.
     *
     * @param why the refusal, which is what is told; it gets what is thrown here
     */
    void takeBack(Throwable why) {
      MapChanges.attempt(() -> threads.dismiss(workers), why);
      workers.forEach(each -> MapChanges.attempt(each::discard, why));
      MapChanges.attempt(() -> shared.rings().shrinkTo(Control.this.workers.size()), why);
      boolean written = !changes.isEmpty();
      changes.takeBack(why);
      MapChanges.attempt(() -> discardLoaded(written), why);
      MapChanges.attempt(reclaimer::drain, why);
      budget.setLimit(mapBytes);
      opened.forEach(each -> MapChanges.attempt(each.port::close, why));
    }

    /** As one step: memory that a worker may be in is not given to others. */
    private void discardLoaded(boolean written) {
      if (written) {
        reclaimer.await(); // a worker may be in a program that it met in a map
      }
      loaded.forEach(attachment -> attachment.loaded.discard());
    }
  }

  private void requireMapBytes(long limit, Collection<LoadedObject> leaving, List<MapWrite> writes)
      throws ForwarderException {
    long stay = staying(leaving, writes);
    if (stay > limit) {
      reclaimer.drain(); // What was taken out of maps just now may be counted yet.
      stay = staying(leaving, writes);
    }
    if (stay > limit) {
      throw ForwarderException.ofKey(
          "limits.map-memory",
          "cannot be %d bytes, since the maps there are take %d".formatted(limit, stay),
          null);
    }
  }

  /** Bytes of maps that are there when a change is done. */
  private long staying(Collection<LoadedObject> leaving, List<MapWrite> writes)
      throws ForwarderException {
    List<MapProgram> programs = new ArrayList<>();
    List<BpfMap> inner = new ArrayList<>();
    for (MapWrite write : writes) {
      programs.addAll(write.replaced());
      write.replaced(inner);
    }
    return budget.used() - LoadedObject.freedBy(leaving, programs, inner);
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
    int count = next.plan.workers().count();
    int punt = next.net.puntIndex();
    publish(shared.layout().next(count, next.ports, punt, next.net.mirrorIndex()));
  }

  /**
   * Has workers go over to other ports, and returns when they have. On their way they wait for one
   * another, and so there is never more than one layout that some have not gone over to.
   */
  private void publish(Layout next) {
    shared.setLayout(next);
    calls.awaitLayout(next.version());
  }

  /** Closes the ports that the old state had and the next has not; no worker has them any more. */
  private static void closePorts(State old, State next) {
    for (LivePort port : old.ports) {
      if (!next.ports.contains(port)) {
        port.port.close();
      }
    }
  }

  /** Closes the programs that the old state had and the next has not, once no run can be in one. */
  private void retire(State old, State next) {
    Set<LoadedObject> leaving = leaving(old.attachments, next.attachments);
    if (!leaving.isEmpty()) {
      reclaimer.await();
      state = next.withoutLeaving();
      leaving.forEach(LoadedObject::close);
    }
    reclaimer.drain();
  }

  /** Returns when workers, what is between them, and the watch have done with all they had. */
  private void awaitUses() {
    calls.onEach(worker -> worker); // what they have collected for others is in rings then
    // A frame on its way by a CPU map has the program with it that is to run on it there.
    calls.awaitRings(shared.rings());
    watch.awaitLook();
  }

  Reclaimer reclaimer() {
    return reclaimer;
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

  /** Programs' runs; what leaves is among the past already, though it may be counting yet. */
  PastRuns runs() {
    State now = state;
    return new PastRuns(
        Attachments.views(now.attachments.values()),
        PastRuns.add(now.past, Attachments.views(now.leaving)));
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

  /** Shows frames to a tap; whatever comes in after this returns is shown. */
  void look(Tap tap) {
    shared.addTap(tap);
    try {
      calls.onEach(worker -> worker);
    } catch (RuntimeException e) {
      shared.removeTap(tap);
      throw e;
    }
  }

  /** Shows a tap no more frames; nothing is after this returns. */
  void lookAway(Tap tap) {
    shared.removeTap(tap);
    calls.onEach(worker -> worker);
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
    calls.tellEach(ForwardWorker::stopReceiving);
    calls.settle();
    router.leaveFor(Topology.EMPTY);
    calls.sayFarewells();
    calls.tellEach(ForwardWorker::stopStack);
    calls.settle();
    calls.tellEach(ForwardWorker::releaseSpares);
    publish(shared.layout().next(shared.layout().workers(), List.of(), 0, 0));
    lastParts = parts();
    ForwardBooks books = views.sum(lastParts);
    calls.tellEach(ForwardWorker::end);
    threads.join();
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

  private void checkFailures() {
    for (ForwardWorker worker : workers) {
      if (worker.failure() != null) {
        throw new IllegalStateException("worker " + worker.number + " failed", worker.failure());
      }
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
      threads.close();
      state.attachments.values().stream()
          .map(attachment -> attachment.loaded)
          .distinct()
          .forEach(loaded -> loaded.close());
      pins.close();
      reclaimer.drain();
      workers.forEach(ForwardWorker::close);
      region.close();
    }
  }
}
