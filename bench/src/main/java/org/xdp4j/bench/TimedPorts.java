package org.xdp4j.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.frame.FrameRing;
import org.xdp4j.engine.plan.PortMaker;
import org.xdp4j.engine.port.PlainQueue;

/**
 * A timed load whose other side is a thread that sends frames into the one port and gets them back
 * from the other, through a ring each: the ring that frames go through between the daemon's
 * threads.
 */
final class TimedPorts implements TimedLoad {
  private static final int RING = 4096;
  private static final int BURST = 32;
  private static final int FRAMES = 2 * RING;

  private final FrameRing in = new FrameRing(RING);
  private final FrameRing out = new FrameRing(2 * FRAMES);
  private final byte[] content;
  private Region region;

  // The sender's own.
  private final Frame[] returned = new Frame[BURST];
  private FramePool pool;
  private Histogram histogram;
  private long now;
  private long most;

  TimedPorts(byte[] content) {
    this.content = content;
  }

  @Override
  public PortMaker in() {
    return (settings, queues, memory) -> {
      region = memory;
      return new BenchPort(settings, new InQueue());
    };
  }

  @Override
  public PortMaker out() {
    return (settings, queues, memory) -> new BenchPort(settings, new OutQueue());
  }

  /** The sender's thread. */
  @Override
  public Result send(double framesASecond, long millis, PauseListener listener) {
    if (pool == null) {
      pool = new FramePool(region, FRAMES);
    }
    histogram = new Histogram(60_000_000_000L, 3);
    Lateness lateness = new Lateness(listener);
    double interval = 1e9 / framesASecond;
    long begin = System.nanoTime();
    long end = begin + millis * 1_000_000;
    long due = 0;
    now = begin;
    long intended = begin;
    while (intended < end) {
      now = System.nanoTime();
      for (int burst = 0; intended <= now && intended < end && burst < BURST; burst++) {
        send(intended);
        due++;
        intended = begin + (long) (due * interval);
      }
      most = 0;
      takeBack();
      lateness.took(most, now);
    }
    long took = System.nanoTime() - begin;
    waitForTheLast();
    lateness.took(most, now);
    lateness.end();
    long lost = due - histogram.getTotalCount();
    if (lost > 0) {
      histogram.recordValueWithCount(millis * 1_000_000, lost);
    }
    return new Result(due - lost, lost, took, histogram);
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
      some = out.poll(returned, 0, BURST);
      for (int i = 0; i < some; i++) {
        back(returned[i]);
      }
      taken += some;
    } while (some == BURST && taken < RING);
    return taken;
  }

  private void back(Frame frame) {
    long took = now - frame.timestamp;
    histogram.recordValue(took);
    most = Math.max(most, took);
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

  private final class InQueue extends PlainQueue {
    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      int count = in.poll(into, 0, max);
      for (int i = 0; i < count; i++) {
        into[i].ingress = 1;
      }
      return count;
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      return 0;
    }
  }

  private final class OutQueue extends PlainQueue {
    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      return 0;
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      return out.offer(frames, 0, count);
    }
  }
}
