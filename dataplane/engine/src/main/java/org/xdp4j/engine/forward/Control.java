package org.xdp4j.engine.forward;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;
import org.xdp4j.bpf.PinnedMaps;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.capture.FilterCompiler;
import org.xdp4j.engine.capture.FilterException;
import org.xdp4j.engine.capture.PacketFilter;
import org.xdp4j.engine.forward.WorkerCounters.Total;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.LimitPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.ProgramPlan;
import org.xdp4j.net.stack.PuntReason;
import org.xdp4j.net.stack.Router;
import org.xdp4j.net.stack.RouterSettings;
import org.xdp4j.net.stack.StackCounters;

/**
 * Behind {@link Forwarder}: holds what runs, and changes it. Changes hold this object's lock; views
 * read what is published.
 */
final class Control {
  /** How long a worker may take to a place between two rounds before it counts as stuck. */
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

  private final Region region;
  private final Router router;
  private final Shared shared;
  private final List<ForwardWorker> workers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final PinnedMaps pins = new PinnedMaps();
  private final ProgramLoader loader;
  private final PortFactory factory;
  private final Programs programs = new Programs(this);
  private final EventHub events;
  private final Histogram latency = new Histogram(TimeUnit.SECONDS.toNanos(60), 3);
  private final Watch watch;

  /** The wall clock's distance to {@link System#nanoTime}. */
  private final long epoch;

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

  private Control(ForwarderPlan plan) {
    Instant wall = Instant.now();
    epoch = wall.getEpochSecond() * 1_000_000_000L + wall.getNano() - System.nanoTime();
    LimitPlan limits = plan.limits();
    region = Region.reserve(limits.regionBytes());
    router = new Router(settings(plan));
    events = new EventHub();
    shared = new Shared(plan.workers(), region, router, limits.ring(), events);
    loader = new ProgramLoader(region, plan.workers().count(), pins);
    factory = new PortFactory(region, plan.workers().count());
    for (int i = 0; i < plan.workers().count(); i++) {
      workers.add(new ForwardWorker(i, shared, limits.frames()));
    }
    shared.setWorkers(workers);
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
    for (ForwardWorker worker : control.workers) {
      control.threads.add(
          Thread.ofPlatform().name("forward-" + worker.number).daemon().start(worker));
    }
    // What is asked of workers is asked of threads that are there.
    for (ForwardWorker worker : control.workers) {
      while (worker.began() == 0) {
        LockSupport.parkNanos(20_000);
      }
    }
    control.watch.start();
    return control;
  }

  private synchronized void applyFirst(ForwarderPlan plan) throws ForwarderException {
    change(plan);
  }

  synchronized void apply(ForwarderPlan plan) throws ForwarderException {
    requireRunning();
    if (!plan.workers().equals(state.plan.workers())) {
      throw new ForwarderException("workers: they cannot change while the forwarder runs");
    }
    if (!plan.limits().equals(state.plan.limits())) {
      throw new ForwarderException("limits: they cannot change while the forwarder runs");
    }
    change(plan);
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
    State next;
    try {
      List<LivePort> oldPorts = old == null ? List.of() : old.ports;
      List<LivePort> ports = factory.ports(plan.ports(), oldPorts, opened);
      Map<String, Attachment> attachments = load(plan, old, ports, loaded, undo);
      NetSetup net = new NetSetup(plan, ports, router, old == null ? null : old.net);
      next = new State(plan, ports, attachments, net);
    } catch (ForwarderException | RuntimeException e) {
      for (int i = undo.size() - 1; i >= 0; i--) {
        undo.get(i).run();
      }
      loaded.forEach(attachment -> attachment.loaded.close());
      opened.forEach(port -> port.port.close());
      throw e;
    }
    next.net.commit();
    attach(next);
    state = next;
    publish(next);
    if (old != null) {
      retire(old, next);
      events.say(new ForwarderEvent.Applied(Instant.now()));
    }
  }

  private Map<String, Attachment> load(
      ForwarderPlan plan,
      State old,
      List<LivePort> ports,
      List<Attachment> loaded,
      List<Runnable> undo)
      throws ForwarderException {
    Map<String, Integer> indices = new HashMap<>();
    ports.forEach(port -> indices.put(port.name(), port.ifindex));
    checkPorts(plan, indices.keySet());
    Map<String, Attachment> attachments = new LinkedHashMap<>();
    for (ProgramPlan program : plan.programs()) {
      Attachment before = old == null ? null : old.attachments.get(program.name());
      Attachment attachment;
      if (before != null && isSameCode(before, program)) {
        if (!before.plan.maps().equals(program.maps())) {
          loader.refill(before, program, indices, undo);
        }
        attachment = before.plan.equals(program) ? before : before.as(program);
      } else {
        attachment = loader.load(program, before, indices, undo);
        loaded.add(attachment);
      }
      if (attachments.put(program.name(), attachment) != null) {
        throw new ForwarderException(
            "program '" + program.name() + "': there are two of this name");
      }
    }
    return attachments;
  }

  private static void checkPorts(ForwarderPlan plan, Set<String> names) throws ForwarderException {
    Map<String, String> taken = new HashMap<>();
    for (ProgramPlan program : plan.programs()) {
      for (String port : program.ports()) {
        if (!names.contains(port)) {
          throw new ForwarderException(
              "program '%s': there is no port '%s'".formatted(program.name(), port));
        }
        String other = taken.putIfAbsent(port, program.name());
        if (other != null) {
          throw new ForwarderException(
              "program '%s': port '%s' has program '%s'".formatted(program.name(), port, other));
        }
      }
    }
  }

  /** Whether the loaded version is still what the plan means; variables are part of the code. */
  private static boolean isSameCode(Attachment before, ProgramPlan program) {
    return before.plan.object().equals(program.object())
        && before.plan.chain().equals(program.chain())
        && before.plan.pinned().equals(program.pinned())
        && before.stamp.equals(FileStamp.of(program.object()))
        && (before.plan.maps().equals(program.maps())
            || onlyEntries(before, before.plan.maps())
                && onlyEntries(before, program.maps())
                && MapPrograms.of(before.plan.maps()).equals(MapPrograms.of(program.maps())));
  }

  /** Whether assignments are of maps' entries, which can be written at any time. */
  private static boolean onlyEntries(Attachment before, List<String> assignments) {
    return assignments.stream()
        .map(text -> text.substring(0, Math.max(0, text.indexOf('='))).strip())
        .allMatch(
            name ->
                before.loaded.object().maps().stream()
                    .anyMatch(map -> map.name().equals(name) && map.data() == null));
  }

  private static void attach(State next) {
    Map<String, Attachment> byPort = new HashMap<>();
    for (Attachment attachment : next.attachments.values()) {
      attachment.plan.ports().forEach(port -> byPort.put(port, attachment));
    }
    for (LivePort port : next.ports) {
      port.attachment = byPort.get(port.name());
    }
  }

  private void publish(State next) {
    long version = shared.layout().version() + 1;
    shared.setLayout(Layout.of(version, next.ports, next.net.puntIndex(), next.net.mirrorIndex()));
  }

  /** Closes what the old state had and the next has not, once no worker can be using it. */
  private void retire(State old, State next) {
    awaitLayout();
    for (LivePort port : old.ports) {
      if (!next.ports.contains(port)) {
        port.port.close();
      }
    }
    Set<Object> kept = new HashSet<>();
    next.attachments.values().forEach(attachment -> kept.add(attachment.loaded));
    for (Attachment attachment : old.attachments.values()) {
      if (kept.add(attachment.loaded)) {
        attachment.loaded.close();
      }
    }
  }

  /** Waits until every worker has gone over to the layout that is published. */
  private void awaitLayout() {
    long version = shared.layout().version();
    long deadline = System.nanoTime() + PATIENCE;
    for (ForwardWorker worker : workers) {
      worker.execute(() -> {});
      while (worker.adopted() < version && worker.isAlive()) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("worker " + worker.number + " is stuck");
        }
        LockSupport.parkNanos(20_000);
      }
    }
  }

  // Programs beside the plan.

  Programs programs() {
    return programs;
  }

  synchronized void loadProgram(ProgramPlan program) throws ForwarderException {
    List<ProgramPlan> all = new ArrayList<>(plan().programs());
    all.removeIf(each -> each.name().equals(program.name()));
    all.add(program);
    apply(plan().withPrograms(all));
  }

  synchronized void replaceProgram(String port, ProgramPlan program) throws ForwarderException {
    List<ProgramPlan> all = without(port);
    all.removeIf(each -> each.name().equals(program.name()));
    Set<String> ports = new LinkedHashSet<>(program.ports());
    ports.add(port);
    all.add(program.withPorts(List.copyOf(ports)));
    apply(plan().withPrograms(all));
  }

  synchronized void detachProgram(String port) throws ForwarderException {
    if (plan().ports().stream().noneMatch(each -> each.name().equals(port))) {
      throw new ForwarderException("there is no port '" + port + "'");
    }
    if (plan().programs().stream().noneMatch(each -> each.ports().contains(port))) {
      throw new ForwarderException("port '" + port + "' has no program");
    }
    apply(plan().withPrograms(without(port)));
  }

  /** The plan's programs with nothing on a port; one that was there alone goes. */
  private List<ProgramPlan> without(String port) {
    List<ProgramPlan> all = new ArrayList<>();
    for (ProgramPlan each : plan().programs()) {
      List<String> left = each.ports().stream().filter(name -> !name.equals(port)).toList();
      if (left.size() == each.ports().size()) {
        all.add(each);
      } else if (!left.isEmpty()) {
        all.add(each.withPorts(left));
      }
    }
    return all;
  }

  List<ProgramView> programViews() {
    List<ProgramView> views = new ArrayList<>();
    for (Attachment attachment : state.attachments.values()) {
      for (int i = 0; i < attachment.chain.length; i++) {
        List<Long> runs = new ArrayList<>();
        for (int code = 0; code < Attachment.CODES; code++) {
          runs.add(attachment.runs(i, code));
        }
        views.add(
            new ProgramView(
                attachment.plan.name(),
                attachment.chain[i].name(),
                attachment.plan.object(),
                attachment.plan.ports(),
                attachment.since,
                attachment.chain[i].verified().program().instructions().size(),
                runs,
                attachment.chain[i].faults()));
      }
    }
    return views;
  }

  List<MapView> maps() {
    List<MapView> views = new ArrayList<>();
    for (Attachment attachment : state.attachments.values()) {
      for (var map : attachment.loaded.maps()) {
        var spec = attachment.loaded.definition(map);
        views.add(
            new MapView(
                attachment.plan.name(), spec.name(), map, spec, attachment.loaded.object()));
      }
    }
    return views;
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

  List<PortView> ports() {
    return state.ports.stream().map(Control::view).toList();
  }

  private static PortView view(LivePort live) {
    Attachment attachment = live.attachment;
    return new PortView(
        live.name(),
        live.ifindex,
        live.port.mac(),
        live.port.mtu(),
        live.port.queues(),
        live.port.state(),
        live.port.statistics(),
        attachment == null ? null : attachment.plan.name());
  }

  List<WorkerView> workers() {
    return workers.stream().map(this::view).toList();
  }

  private WorkerView view(ForwardWorker worker) {
    WorkerCounters counters = worker.counters;
    return new WorkerView(
        worker.number,
        worker.boundCpu(),
        counters.get(Total.RECEIVED) + counters.get(Total.HANDED_IN),
        counters.get(Total.ROUNDS),
        counters.get(Total.BUSY_ROUNDS),
        counters.get(Total.BUSY_NANOS),
        worker.began() == 0 ? 0 : System.nanoTime() - worker.began(),
        worker.pool.capacity(),
        worker.pool.inUse(),
        shared.rings().waiting(worker.number),
        worker.stack.counters().get(StackCounters.Total.HELD),
        worker.failure());
  }

  /** The wall clock at a {@link System#nanoTime}; null for 0. */
  Instant instant(long nanos) {
    return nanos == 0 ? null : Instant.ofEpochSecond(0, nanos + epoch);
  }

  List<DropCount> drops() {
    ForwardBooks done = finalBooks;
    List<BookPart> parts = done == null ? parts() : lastParts;
    return drops(parts);
  }

  private List<DropCount> drops(List<BookPart> parts) {
    List<DropCount> drops = new ArrayList<>();
    for (DropReason reason : DropReason.values()) {
      long sum = parts.stream().mapToLong(part -> part.engineDrops()[reason.ordinal()]).sum();
      long seen = workers.stream().mapToLong(w -> w.counters.lastSeen(reason)).max().orElse(0);
      drops.add(drop("engine", reason.label(), reason.sentence(), sum, seen));
    }
    for (var reason : org.xdp4j.net.stack.DropReason.values()) {
      long sum = parts.stream().mapToLong(part -> part.stackDrops()[reason.ordinal()]).sum();
      long seen = workers.stream().mapToLong(w -> w.counters.lastSeen(reason)).max().orElse(0);
      drops.add(drop("stack", reason.label(), reason.sentence(), sum, seen));
    }
    return drops;
  }

  private DropCount drop(String layer, String label, String sentence, long sum, long seen) {
    return new DropCount(layer, label, sentence, sum, sum == 0 ? null : instant(seen));
  }

  List<PuntCount> punts() {
    List<PuntCount> punts = new ArrayList<>();
    for (PuntReason reason : PuntReason.values()) {
      long sum = workers.stream().mapToLong(w -> w.stack.counters().punted(reason)).sum();
      punts.add(new PuntCount(reason.label(), sum));
    }
    return punts;
  }

  LatencyView latency() {
    synchronized (latency) {
      for (ForwardWorker worker : workers) {
        latency.add(worker.latency.getIntervalHistogram());
      }
      return new LatencyView(latency.copy());
    }
  }

  ForwardBooks books() {
    ForwardBooks done = finalBooks;
    return done != null ? done : sum(parts());
  }

  private List<BookPart> parts() {
    return onEach(ForwardWorker::books);
  }

  private ForwardBooks sum(List<BookPart> parts) {
    return new ForwardBooks(
        sum(parts, BookPart::received),
        sum(parts, BookPart::receivedBytes),
        sum(parts, BookPart::generated),
        sum(parts, BookPart::transmitted),
        sum(parts, BookPart::transmittedBytes),
        sum(parts, BookPart::punted),
        sum(parts, BookPart::delivered),
        drops(parts).stream().filter(drop -> drop.frames() != 0).toList(),
        sum(parts, part -> part.held() + part.handedOut()));
  }

  private static long sum(List<BookPart> parts, ToLongFunction<BookPart> what) {
    return parts.stream().mapToLong(what).sum();
  }

  Capture capture(CaptureRequest request, Consumer<CapturedFrame> sink) throws ForwarderException {
    requirePort("capture", request.port());
    Capture capture = new Capture(request, filter("capture", request.filter()), this, sink);
    capture.start();
    return capture;
  }

  Trace trace(TraceRequest request, Consumer<FrameStory> sink) throws ForwarderException {
    requirePort("trace", request.port());
    Trace trace = new Trace(request, filter("trace", request.filter()), this, sink);
    trace.start();
    return trace;
  }

  private void requirePort(String what, String name) throws ForwarderException {
    if (name != null && state.ports.stream().noneMatch(port -> port.name().equals(name))) {
      throw new ForwarderException(what + ": there is no port '" + name + "'");
    }
  }

  private static PacketFilter filter(String what, String expression) throws ForwarderException {
    try {
      return FilterCompiler.compile(expression);
    } catch (FilterException e) {
      throw new ForwarderException(what + ": " + e.getMessage(), e);
    }
  }

  // Between two rounds of every worker.

  /**
   * What each worker says between two of its rounds; one that runs no more is asked from here.
   *
   * @throws IllegalStateException when a worker is stuck
   */
  private <T> List<T> onEach(Function<ForwardWorker, T> question) {
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
    onEach(run(ForwardWorker::stopReceiving));
    settle();
    onEach(run(ForwardWorker::stopStack));
    settle();
    onEach(run(ForwardWorker::releaseSpares));
    shared.setLayout(Layout.of(shared.layout().version() + 1, List.of(), 0, 0));
    awaitLayout();
    lastParts = parts();
    ForwardBooks books = sum(lastParts);
    onEach(run(ForwardWorker::end));
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
    long deadline = System.nanoTime() + PATIENCE;
    int quiet = 0;
    while (quiet < 2 && System.nanoTime() < deadline) {
      quiet = onEach(ForwardWorker::isQuiet).stream().allMatch(each -> each) ? quiet + 1 : 0;
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

  /** Names of programs that assignments put into maps. */
  private static final class MapPrograms {
    static List<String> of(List<String> assignments) {
      return assignments.stream()
          .filter(text -> text.contains("+"))
          .map(Objects::toString)
          .toList();
    }

    private MapPrograms() {}
  }
}
