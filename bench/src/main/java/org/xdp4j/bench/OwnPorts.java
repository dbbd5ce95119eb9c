package org.xdp4j.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.plan.PortMaker;
import org.xdp4j.engine.port.PlainQueue;

/**
 * A timed load that the worker makes itself when it asks for frames: run to completion on one core,
 * from the time a frame should have come in to the time it is handed to the port it leaves by. No
 * ring is in between, and nothing can be lost for want of room.
 */
final class OwnPorts implements TimedLoad {
  private final byte[] content;
  private MemorySegment memory;
  private volatile Run current;

  OwnPorts(byte[] content) {
    this.content = content;
  }

  /** One run; all but {@link #done} is the worker's. */
  private static final class Run {
    final long begin = System.nanoTime();
    final long end;
    final double interval;
    final Histogram histogram = new Histogram(60_000_000_000L, 3);
    final Lateness lateness;
    long due;
    long intended = begin;
    volatile long done;

    Run(double framesASecond, long millis, PauseListener listener) {
      end = begin + millis * 1_000_000;
      interval = 1e9 / framesASecond;
      lateness = new Lateness(listener);
    }
  }

  @Override
  public PortMaker in() {
    return (settings, queues, region) -> port(region, new BenchPort(settings, new InQueue()));
  }

  @Override
  public PortMaker out() {
    return (settings, queues, region) -> port(region, new BenchPort(settings, new OutQueue()));
  }

  private BenchPort port(Region region, BenchPort port) {
    memory = region.segment();
    return port;
  }

  @Override
  public Result send(double framesASecond, long millis, PauseListener listener) {
    Run run = new Run(framesASecond, millis, listener);
    current = run;
    while (run.done == 0) {
      LockSupport.parkNanos(1_000_000);
    }
    current = null;
    run.lateness.end();
    long lost = run.due - run.histogram.getTotalCount();
    return new Result(run.due - lost, lost, run.done - run.begin, run.histogram);
  }

  private final class InQueue extends PlainQueue {
    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      Run run = current;
      if (run == null || run.done != 0) {
        return 0;
      }
      long now = System.nanoTime();
      int count = 0;
      while (count < max && run.intended <= now && run.intended < run.end) {
        Frame frame = pool.acquire(content.length, into[count]);
        if (frame == null) {
          break; // those under way come back first
        }
        MemorySegment.copy(content, 0, memory, ValueLayout.JAVA_BYTE, frame.data, content.length);
        frame.timestamp = run.intended;
        frame.ingress = 1;
        into[count++] = frame;
        run.intended = run.begin + (long) (++run.due * run.interval);
      }
      if (count == 0 && run.intended >= run.end) {
        run.done = now;
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
      Run run = current;
      long now = System.nanoTime();
      long most = 0;
      for (int i = 0; i < count; i++) {
        long took = now - frames[i].timestamp;
        run.histogram.recordValue(took);
        most = Math.max(most, took);
        pool.release(frames[i]);
      }
      run.lateness.took(most, now);
      return count;
    }
  }
}
