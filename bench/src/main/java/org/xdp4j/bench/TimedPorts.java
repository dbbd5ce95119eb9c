package org.xdp4j.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.plan.PortMaker;
import org.xdp4j.engine.port.PlainQueue;

/**
 * Two ports whose other side is a thread that sends frames at set times into the one and gets them
 * back from the other, through a ring each. A frame carries the time it should have been sent at,
 * not the time it was: when anything stops the sender, the frames it could not send count as late.
 */
final class TimedPorts {
  private static final int RING = 4096;
  private static final int BURST = 32;
  private static final int FRAMES = 2 * RING;
  private static final long PAUSE = 1_000_000;

  private final MessagePassingQueue<Frame> in = new SpscVarHandleArrayQueue<>(RING);
  private final MessagePassingQueue<Frame> out = new SpscVarHandleArrayQueue<>(2 * FRAMES);
  private final byte[] content;
  private Region region;

  // The sender's own.
  private FramePool pool;
  private Histogram histogram;
  private long slowUntil;
  private long now;

  TimedPorts(byte[] content) {
    this.content = content;
  }

  /** Times at which frames were late by more than a millisecond, from the first to the last. */
  @FunctionalInterface
  interface PauseListener {
    void late(long from, long to);
  }

  /**
   * What a run came to.
   *
   * @param lost frames there was no room for in the ring, or that never came back; in the histogram
   *     they took as long as the run
   */
  record Result(long sent, long lost, Histogram latency) {}

  PortMaker in() {
    return (settings, queues, memory) -> {
      region = memory;
      return new BenchPort(settings, new InQueue());
    };
  }

  PortMaker out() {
    return (settings, queues, memory) -> new BenchPort(settings, new OutQueue());
  }

  /** Sends frames at a rate for a while and waits for the last; the sender's thread. */
  Result send(double framesASecond, long millis, PauseListener listener) {
    if (pool == null) {
      pool = new FramePool(region, FRAMES);
    }
    histogram = new Histogram(60_000_000_000L, 3);
    double interval = 1e9 / framesASecond;
    long begin = System.nanoTime();
    long end = begin + millis * 1_000_000;
    long due = 0;
    slowUntil = 0;
    long slowFrom = 0;
    now = begin;
    long intended = begin;
    while (intended < end) {
      now = System.nanoTime();
      for (int burst = 0; intended <= now && intended < end && burst < BURST; burst++) {
        send(intended);
        due++;
        intended = begin + (long) (due * interval);
      }
      long before = slowUntil;
      takeBack();
      if (slowUntil != before && before == 0) {
        slowFrom = now;
      } else if (slowUntil != 0 && now - slowUntil > PAUSE) {
        listener.late(slowFrom, slowUntil);
        slowUntil = 0;
      }
    }
    waitForTheLast();
    if (slowUntil != 0) {
      listener.late(slowFrom, slowUntil);
    }
    long lost = due - histogram.getTotalCount();
    if (lost > 0) {
      histogram.recordValueWithCount(millis * 1_000_000, lost);
    }
    return new Result(due - lost, lost, histogram);
  }

  private void send(long intended) {
    Frame frame = pool.acquire(content.length);
    if (frame == null) {
      return;
    }
    MemorySegment.copy(
        content, 0, region.segment(), ValueLayout.JAVA_BYTE, frame.data, content.length);
    frame.timestamp = intended;
    if (!in.offer(frame)) {
      pool.release(frame);
    }
  }

  /** By few at a time, as each few get one look at the clock. */
  private int takeBack() {
    int taken = 0;
    int some;
    do {
      now = System.nanoTime();
      some = out.drain(this::back, BURST);
      taken += some;
    } while (some == BURST && taken < RING);
    return taken;
  }

  private void back(Frame frame) {
    long took = now - frame.timestamp;
    histogram.recordValue(took);
    if (took > PAUSE) {
      slowUntil = now;
    }
    pool.release(frame);
  }

  private void waitForTheLast() {
    long patience = System.nanoTime() + 2_000_000_000L;
    while (pool.inUse() > 0 && System.nanoTime() < patience) {
      if (takeBack() == 0) {
        pool.reclaim();
        LockSupport.parkNanos(10_000);
      }
    }
  }

  private final class InQueue extends PlainQueue implements MessagePassingQueue.Consumer<Frame> {
    private Frame[] place;
    private int at;

    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      place = into;
      at = 0;
      return in.drain(this, max);
    }

    @Override
    public void accept(Frame frame) {
      frame.ingress = 1;
      place[at++] = frame;
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      return 0;
    }
  }

  private final class OutQueue extends PlainQueue implements MessagePassingQueue.Supplier<Frame> {
    private Frame[] place;
    private int at;

    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      return 0;
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      place = frames;
      at = 0;
      return out.fill(this, count);
    }

    @Override
    public Frame get() {
      return place[at++];
    }
  }
}
