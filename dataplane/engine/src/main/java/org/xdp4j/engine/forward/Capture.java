package org.xdp4j.engine.forward;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.capture.PacketFilter;
import org.xdp4j.engine.frame.Frame;

/**
 * A running capture. Workers copy frames that fit into slots made beforehand; a thread of the
 * capture's own gives them to the sink. A sink that is too slow misses frames, which are counted.
 */
public final class Capture implements Subscription {
  private static final long PAUSE = 1_000_000L;

  /** What a worker writes and the capture's thread reads; one at a time. */
  private static final class Slot {
    final byte[] bytes;
    CapturePoint point;
    long nanos;
    String port;
    int ifindex;
    int kept;
    int length;
    int verdict;
    String reason;

    Slot(int size) {
      bytes = new byte[size];
    }
  }

  private final CaptureRequest request;
  private final PacketFilter filter;
  private final Control control;
  private final Consumer<CapturedFrame> sink;
  private final Queue<Slot>[] free;
  private final Queue<Slot>[] full;
  private final AtomicLong missed = new AtomicLong();
  private final AtomicLong left;
  private final Tap tap = new CaptureTap();
  private final Thread thread;
  private volatile long captured;
  private volatile boolean closed;

  @SuppressWarnings({"unchecked", "this-escape"})
  Capture(
      CaptureRequest request, PacketFilter filter, Control control, Consumer<CapturedFrame> sink) {
    this.request = request;
    this.filter = filter;
    this.control = control;
    this.sink = sink;
    this.left = new AtomicLong(request.frames() == 0 ? Long.MAX_VALUE : request.frames());
    int workers = control.most();
    free = (Queue<Slot>[]) new Queue<?>[workers];
    full = (Queue<Slot>[]) new Queue<?>[workers];
    for (int i = 0; i < workers; i++) {
      free[i] = new SpscVarHandleArrayQueue<>(request.buffer());
      full[i] = new SpscVarHandleArrayQueue<>(request.buffer());
      for (int n = 0; n < request.buffer(); n++) {
        free[i].add(new Slot(request.snapLength()));
      }
    }
    thread = Thread.ofPlatform().name("forward-capture").daemon().unstarted(this::run);
  }

  void start() {
    control.look(tap);
    thread.start();
  }

  /** What it was asked for. */
  public CaptureRequest request() {
    return request;
  }

  /** Frames given to the sink. */
  public long captured() {
    return captured;
  }

  /** Frames that fitted and found no room. */
  public long missed() {
    return missed.get();
  }

  /** Whether it has ended: it has all its frames, was closed, or its sink failed. */
  public boolean isEnded() {
    return !thread.isAlive();
  }

  /** Waits until it has all its frames; false when the time was up before. */
  public boolean await(long millis) throws InterruptedException {
    thread.join(millis);
    return isEnded();
  }

  /** Ends it; what was captured is still given to the sink. */
  @Override
  public void close() {
    try {
      control.lookAway(tap);
    } finally {
      closed = true; // only now: what workers still took has to be given
      LockSupport.unpark(thread);
      Subscriptions.join(thread);
    }
  }

  private void run() {
    try {
      boolean last = false;
      while (true) {
        int given = give();
        if (given == 0 && last) {
          return;
        }
        last = closed || left.get() <= 0;
        if (given == 0 && !last) {
          LockSupport.parkNanos(PAUSE);
        }
      }
    } catch (RuntimeException e) {
      System.getLogger(Capture.class.getName())
          .log(System.Logger.Level.WARNING, "a capture's sink failed, and the capture ends", e);
    } finally {
      control.shared().removeTap(tap);
    }
  }

  private int give() {
    int given = 0;
    for (int worker = 0; worker < full.length; worker++) {
      Slot slot;
      while ((slot = full[worker].poll()) != null) {
        if (slot.point == null) {
          free[worker].offer(slot); // One more than was asked for: several workers took the last.
          continue;
        }
        CapturedFrame frame =
            new CapturedFrame(
                slot.point,
                control.views().instant(slot.nanos),
                slot.port,
                slot.ifindex,
                Arrays.copyOf(slot.bytes, slot.kept),
                slot.length,
                slot.verdict,
                slot.reason);
        free[worker].offer(slot);
        captured++;
        given++;
        sink.accept(frame);
      }
    }
    return given;
  }

  private final class CaptureTap implements Tap {
    @Override
    public void received(ForwardWorker worker, Frame frame, LivePort port) {
      take(worker, frame, CapturePoint.RECEIVED, port, Frame.NO_VERDICT, null);
    }

    @Override
    public void left(ForwardWorker worker, Frame frame, LivePort port, boolean punted) {
      take(
          worker, frame, CapturePoint.TRANSMITTED, port, frame.verdict, punted ? frame.note : null);
    }

    @Override
    public void dropped(
        ForwardWorker worker, Frame frame, String layer, String reason, String sentence) {
      LivePort port = worker.layout().port(frame.ingress);
      take(worker, frame, CapturePoint.DROPPED, port, frame.verdict, reason);
    }

    private void take(
        ForwardWorker worker,
        Frame frame,
        CapturePoint point,
        LivePort port,
        int verdict,
        String reason) {
      if (!request.points().contains(point)
          || request.port() != null && (port == null || !request.port().equals(port.name()))
          || !filter.matches(worker.memory, frame.data, frame.length())) {
        return;
      }
      if (left.get() <= 0) {
        return;
      }
      Slot slot = free[worker.number].poll();
      if (slot == null) {
        missed.incrementAndGet();
        return;
      }
      slot.point = left.getAndDecrement() > 0 ? point : null;
      slot.nanos = worker.now();
      slot.port = port == null ? "" : port.name();
      slot.ifindex = port == null ? 0 : port.ifindex;
      slot.length = frame.length();
      slot.kept = Math.min(slot.length, slot.bytes.length);
      slot.verdict = verdict;
      slot.reason = reason;
      MemorySegment.copy(worker.memory, Region.BYTE, frame.data, slot.bytes, 0, slot.kept);
      full[worker.number].offer(slot);
    }
  }
}
