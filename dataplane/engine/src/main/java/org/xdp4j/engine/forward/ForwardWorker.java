package org.xdp4j.engine.forward;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.forward.WorkerCounters.Total;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.frame.FrameRing;
import org.xdp4j.engine.plan.WorkerPlan;
import org.xdp4j.engine.worker.RxHash;
import org.xdp4j.net.stack.PuntReason;
import org.xdp4j.net.stack.Stack;
import org.xdp4j.net.wire.Ethernet;

/**
 * One worker: the thread that owns queues of ports, a frame pool, a program context, a stack and
 * counters. It goes round and round over its queues and rings; each batch is received, run and
 * ended before the next. All but what says otherwise is its thread's alone.
 */
final class ForwardWorker implements Runnable {
  /** Frames of a batch; {@code engine.worker} says why. */
  static final int BATCH = 64;

  /** How often neighbours are looked after at the least, however much else there is to do. */
  private static final long HOUSEKEEPING = 10_000_000L;

  private static final System.Logger LOG = System.getLogger(ForwardWorker.class.getName());

  final int number;
  final FramePool pool;
  final XdpContext context;
  final WorkerCounters counters = new WorkerCounters();
  final Stack stack;
  final MemorySegment memory;
  final LatencyRecorder latency = new LatencyRecorder();

  private final Shared shared;
  private final ProgramStage programs;
  private final Handover handover = new Handover(this);
  private final Restraint restraint = new Restraint();

  /** What queues fill; frames that one acquired and did not use stay for the next. */
  private final Frame[] frames = new Frame[BATCH];

  /** What came from another worker, and those of them that programs are to be run on. */
  private final Frame[] arrived = new Frame[BATCH];

  private final Frame[] handed = new Frame[BATCH];
  private final Queue<Runnable> tasks = new MpscUnboundedVarHandleArrayQueue<>(64);
  private Idler idler;
  private final BooleanSupplier nothing = this::hasNothing;

  /** Null until it is to sleep in poll(2) for the first time; then others wake it by it. */
  private volatile Sleeper sleeper;

  private WorkerPorts ports;
  private Tap[] taps = {};
  private long now;
  private boolean receiving = true;
  private boolean ended;
  private long nextHousekeeping;

  /** Frames the stack failed on; they are in its books, and never leave them. */
  private long abandoned;

  /** Failures that are still to be logged; all are counted. */
  private int reports = 10;

  /** The version of the layout it has gone over to; any thread reads it. */
  private volatile long adopted;

  /** The version of the layout before which it has done with all; any thread reads it. */
  private volatile long doneBefore;

  /** The version of the layout before which it has dealt out all it had; any thread reads it. */
  private volatile long dealtBefore;

  private volatile int boundCpu = -1;
  private volatile Throwable failure;
  private volatile long began;
  private volatile Thread thread;

  /** Its thread is there before it is known whether it is to do anything. */
  private final CountDownLatch gate = new CountDownLatch(1);

  ForwardWorker(int number, Shared shared, int poolSize) {
    this.number = number;
    this.shared = shared;
    Region region = shared.region();
    this.memory = region.segment();
    this.pool = new FramePool(region, poolSize); // takes nothing yet
    this.context = new XdpContext(region, number);
    this.context.flowHash = new RxHash();
    this.context.events = shared.events();
    this.context.routing = new StackRouting(shared.router(), shared);
    this.stack = new Stack(memory, shared.router(), new StackOutput(this));
    this.programs = new ProgramStage(this, shared.pins());
    this.ports = new WorkerPorts(this, shared.layout());
    this.programs.lookAfter(ports.layout);
    this.doneBefore = ports.layout.version();
    this.adopted = doneBefore;
    this.sleeper = shared.plan().idle() == WorkerPlan.Idle.POLL ? Sleeper.create() : null;
    this.idler = idler();
  }

  // What other threads call.

  /** Has a task done between two rounds. */
  void execute(Runnable task) {
    tasks.add(task);
    LockSupport.unpark(thread); // null is nobody
    wake();
  }

  /** Wakes it if it sleeps in poll(2). */
  void wake() {
    Sleeper asleep = sleeper;
    if (asleep != null) {
      asleep.wake();
    }
  }

  /** Gives back what it has of the system; once its thread has ended and nobody wakes it. */
  void close() {
    if (sleeper != null) {
      sleeper.close();
    }
  }

  /** Has its thread move frames; until then it waits. */
  void begin() {
    gate.countDown();
  }

  /** Has its thread, if there is one, end without having done anything. */
  void dismiss() {
    ended = true;
    gate.countDown();
  }

  /** Gives back all it took; one that never began. */
  void discard() {
    close();
    pool.close();
    context.close();
  }

  long adopted() {
    return adopted;
  }

  long doneBefore() {
    return doneBefore;
  }

  long dealtBefore() {
    return dealtBefore;
  }

  int boundCpu() {
    return boundCpu;
  }

  Throwable failure() {
    return failure;
  }

  boolean isAlive() {
    Thread running = thread;
    return running != null && running.isAlive() && failure == null;
  }

  long began() {
    return began;
  }

  // The thread itself.

  @Override
  public void run() {
    thread = Thread.currentThread();
    try {
      gate.await();
      began = System.nanoTime();
      boundCpu = shared.bind(number);
      int work = 0;
      long before = System.nanoTime();
      while (!ended) {
        now = System.nanoTime();
        count(work, now - before);
        before = now;
        work = round();
        if (work > 0) {
          idler.reset();
        } else {
          pool.reclaim();
          idler.idle(restraint.isHolding(), ports.queues, nothing, programs.nextTimer());
        }
      }
    } catch (Throwable e) {
      failure = e;
      LOG.log(System.Logger.Level.ERROR, "worker " + number + " failed", e);
    }
  }

  private boolean hasNothing() {
    return tasks.isEmpty() && shared.isCurrent(ports.layout) && shared.rings().waiting(number) == 0;
  }

  private void count(int work, long nanos) {
    counters.add(Total.ROUNDS, 1);
    if (work > 0) {
      counters.add(Total.BUSY_ROUNDS, 1);
      counters.add(Total.BUSY_NANOS, nanos);
    }
  }

  /** One pass over everything there is to do; returns how much there was. */
  private int round() {
    if (!shared.isCurrent(ports.layout)) {
      adopt(shared.layout());
    }
    int work = runTasks();
    taps = shared.taps(); // after the tasks: one that was asked after a change tells it is seen
    if (receiving && !restraint.holds(shared.rings().from(number), now)) {
      for (WorkerPorts.Inlet inlet : ports.sources) {
        work += receive(inlet);
      }
    }
    work += takeHandedOver() + flush();
    if (work == 0 || now >= nextHousekeeping || now >= programs.nextTimer()) {
      keepHouse();
    }
    return work;
  }

  private int runTasks() {
    int done = 0;
    for (Runnable task; (task = tasks.poll()) != null; done++) {
      task.run();
    }
    return done;
  }

  private void keepHouse() {
    try {
      stack.tick(now);
    } catch (RuntimeException e) {
      failed(null, e);
    }
    nextHousekeeping = now + HOUSEKEEPING;
    ports.notice(counters, now);
    programs.runTimers(now);
    flush();
  }

  private int receive(WorkerPorts.Inlet inlet) {
    int count = inlet.queue().receive(pool, frames, BATCH);
    if (count == 0) {
      return 0;
    }
    Attachment attachment = inlet.port().attachment;
    long bytes =
        attachment == null
            ? ProgramStage.pass(frames, count, now)
            : programs.take(attachment, frames, count, now);
    boolean whole = bytes >= 0;
    counters.add(Total.RECEIVED, count);
    counters.add(Total.RECEIVED_BYTES, whole ? bytes : -bytes - 1);
    for (Tap tap : taps) {
      for (int i = 0; i < count; i++) {
        tap.received(this, frames[i], inlet.port());
      }
    }
    inlet.samples().saw(memory, frames, count);
    int kept = whole ? count : dropShort(count);
    int own = inlet.dealt() ? handover.deal(frames, kept) : kept;
    process(inlet.port(), attachment, frames, own, own == count && !inlet.dealt());
    Arrays.fill(frames, 0, count, null);
    return count;
  }

  /** Drops what has no whole link header: Linux runs no program on it either. */
  private int dropShort(int count) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (frames[i].length() < Ethernet.SIZE) {
        frames[i].verdict = Frame.NO_VERDICT;
        drop(frames[i], DropReason.TOO_SHORT);
      } else {
        frames[kept++] = frames[i];
      }
    }
    return kept;
  }

  /** Gives a frame to another worker before the round is over, or drops it. */
  void handOver(Frame frame, int target) {
    handover.add(frame, target);
  }

  /** Runs the port's programs over frames and hands what they pass to the stack. */
  private void process(
      LivePort port, Attachment attachment, Frame[] batch, int count, boolean taken) {
    int passed = attachment == null ? count : programs.run(attachment, batch, count, taken);
    if (passed > 1) {
      stack.expect(batch, passed, now);
    }
    if (taps.length == 0) {
      toStack(batch, passed, port.ifindex);
      return;
    }
    for (int i = 0; i < passed; i++) {
      toStack(batch[i], port.ifindex);
    }
  }

  private void toStack(Frame[] batch, int count, int port) {
    int next = 0;
    while (next < count) {
      try {
        stack.receive(batch, next, count, port, now);
        return;
      } catch (RuntimeException e) {
        next = stack.position();
        failed(batch[next++], e);
      }
    }
  }

  /**
   * Hands a frame to the stack. What fails there, which is a bug of ours, costs that frame and no
   * other.
   */
  void toStack(Frame frame, int port) {
    for (Tap tap : taps) {
      tap.passed(this, frame);
    }
    try {
      stack.receive(frame, port, now);
    } catch (RuntimeException e) {
      failed(frame, e);
    }
  }

  private void failed(Frame frame, RuntimeException e) {
    long lost = stack.counters().difference();
    if (reports > 0) {
      reports--;
      LOG.log(System.Logger.Level.ERROR, "the stack failed", e);
    }
    if (lost > abandoned && frame != null) {
      drop(frame, DropReason.INTERNAL_ERROR);
    }
    abandoned = lost;
  }

  private int takeHandedOver() {
    int total = 0;
    for (FrameRing[] from : shared.rings().all()) {
      FrameRing ring = from[number];
      if (ring != null) {
        total += takeFrom(ring);
      }
    }
    return total;
  }

  private int takeFrom(FrameRing ring) {
    int taken = ring.poll(arrived, 0, BATCH);
    int count = 0;
    LivePort port = null;
    for (int i = 0; i < taken; i++) {
      Frame frame = arrived[i];
      if (frame.errand != Errand.RECEIVE) {
        runErrand(frame);
        continue;
      }
      LivePort in = ports.layout.port(frame.ingress);
      if (in != port && count > 0) {
        process(port, port.attachment, handed, count, false);
        count = 0;
      }
      port = in;
      if (in == null) {
        toStack(frame, frame.ingress);
      } else {
        handed[count++] = frame;
      }
    }
    if (count > 0) {
      process(port, port.attachment, handed, count, false);
    }
    if (taken > 0) {
      counters.add(Total.HANDED_IN, taken);
    }
    return taken;
  }

  private void runErrand(Frame frame) {
    if (frame.errand == Errand.CPU_MAP) {
      programs.arrived(frame);
      return;
    }
    Egress egress = frame.errand == Errand.PUNT ? ports.punt : egress(frame.egress);
    if (egress == null) {
      drop(frame, DropReason.PORT_GONE);
    } else {
      egress.add(frame);
    }
  }

  private int flush() {
    return handover.flush() + ports.flush(pool);
  }

  /**
   * Goes over to another layout: nothing of the one before is in use any more. With another number
   * of workers queues are others': nobody begins with them before all have let go.
   */
  private void adopt(Layout next) {
    flush();
    Layout before = ports.layout;
    boolean dealtAnew = before.workers() != next.workers();
    if (dealtAnew) {
      finishDealt(next.version());
    }
    ports.retire(next, pool, counters);
    doneBefore = next.version();
    if (dealtAnew) {
      shared.await(ForwardWorker::doneBefore, next.version());
    }
    ports = new WorkerPorts(this, next);
    programs.lookAfter(next);
    ports.takeOver(before, counters);
    idler = idler();
    adopted = next.version();
  }

  /**
   * One that leaves sleeps long only when nobody deals to it any more, and not as soon as it is
   * known.
   */
  private Idler idler() {
    return Idler.of(shared.plan(), number < ports.layout.workers(), sleeper);
  }

  /**
   * Does what is to be done with frames that were dealt by a layout before. Those of a flow that
   * come next may be another worker's, which would overtake them: a fragment its first.
   */
  private void finishDealt(long version) {
    dealtBefore = version;
    shared.await(ForwardWorker::dealtBefore, version);
    // Nobody receives anything until all have got here, so this comes to an end.
    while (takeHandedOver() > 0) {
      flush();
    }
  }

  // What the parts of a worker need of it.

  long now() {
    return now;
  }

  Layout layout() {
    return ports.layout;
  }

  Shared shared() {
    return shared;
  }

  Tap[] taps() {
    return taps;
  }

  /** The way out of the port with this interface index, or null. */
  Egress egress(int ifindex) {
    return ports.egress(ifindex);
  }

  Egress puntEgress() {
    return ports.punt;
  }

  Egress mirrorEgress() {
    return egress(ports.layout.mirror());
  }

  /** A copy of a frame; null, and counted, when there is no buffer for it. */
  Frame copy(Frame frame) {
    counters.add(Total.GENERATED, 1);
    Frame copy = pool.acquire(frame.length());
    if (copy == null) {
      counters.drop(DropReason.NO_BUFFER, 1, frame.length(), now);
    } else {
      StackOutput.copy(memory, frame, copy);
    }
    return copy;
  }

  /** Ends a frame's way. */
  void drop(Frame frame, DropReason reason) {
    counters.drop(reason, 1, frame.length(), now);
    for (Tap tap : taps) {
      tap.dropped(this, frame, "engine", reason.label(), reason.sentence());
    }
    pool.release(frame);
  }

  void sawStackDrop(Frame frame, org.xdp4j.net.stack.DropReason reason) {
    for (Tap tap : taps) {
      tap.dropped(this, frame, "stack", reason.label(), reason.sentence());
    }
  }

  void sawDelivery(Frame frame) {
    for (Tap tap : taps) {
      tap.delivered(this, frame, "stack");
    }
  }

  void sawPunt(Frame frame, PuntReason reason) {
    for (Tap tap : taps) {
      tap.punted(this, frame, reason.label());
    }
  }

  void sawLeave(Frame[] leaving, int count, Egress by) {
    for (Tap tap : taps) {
      for (int i = 0; i < count; i++) {
        tap.left(this, leaving[i], by.port, by.punts);
      }
    }
  }

  // Tasks of the control.

  /** Goes over to another plan for workers: how to be idle, and where to run. */
  void settle() {
    WorkerPlan plan = shared.plan();
    if (plan.idle() == WorkerPlan.Idle.POLL && sleeper == null) {
      sleeper = Sleeper.create();
    }
    idler = idler();
    if (boundCpu >= 0) {
      shared.release(); // so that one that cannot be bound anew is not left where it was
    }
    boundCpu = shared.bind(number);
  }

  void stopReceiving() {
    receiving = false;
  }

  /** Drops what waits in the stack. */
  void stopStack() {
    stack.stop();
    flush();
  }

  /** Whether nothing is on its way to or in this worker but what waits in stack and ports. */
  boolean isQuiet() {
    return shared.rings().waiting(number) == 0 && collected() == 0;
  }

  /** Gives back what queues acquired and did not use. */
  void releaseSpares() {
    for (Frame spare : frames) {
      if (spare != null) {
        pool.release(spare);
      }
    }
    Arrays.fill(frames, null);
  }

  void end() {
    ended = true;
  }

  /** Its part of the books as of now. */
  BookPart books() {
    pool.reclaim();
    return BookPart.of(counters, stack.counters(), ports.unsent(), collected());
  }

  private long collected() {
    return ports.collected() + handover.collected();
  }
}
