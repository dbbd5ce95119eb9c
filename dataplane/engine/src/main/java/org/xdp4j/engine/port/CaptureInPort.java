package org.xdp4j.engine.port;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.capture.CaptureException;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/**
 * The frames of captures as if they came in here, one after the other at a {@link Pace}. One queue;
 * frames sent to it are gone.
 */
public final class CaptureInPort extends AbstractPort {
  private final CaptureQueue queue;
  private final CaptureSource source;

  private CaptureInPort(PortIdentity identity, CaptureQueue queue, CaptureSource source) {
    super(identity);
    this.queue = queue;
    this.source = source;
  }

  /**
   * Opens the captures.
   *
   * @param passes how often to go through all of them, 1 or more
   * @param region where frames are
   * @throws PortException when a capture cannot be opened or is none
   */
  public static CaptureInPort open(
      PortIdentity identity, List<Path> captures, long passes, Pace pace, Region region)
      throws PortException {
    Counters counters = new Counters();
    try {
      CaptureSource source = CaptureSource.open(captures, passes, region, counters);
      return new CaptureInPort(
          identity, new CaptureQueue(identity.ifindex(), source, counters, pace), source);
    } catch (IOException e) {
      throw new PortException(identity.name(), e.getMessage());
    }
  }

  @Override
  protected List<CaptureQueue> all() {
    return List.of(queue);
  }

  @Override
  public boolean ended() {
    return queue.ended;
  }

  /** How captures ended badly, once {@link #ended}. */
  public List<CaptureException> problems() {
    return queue.ended ? source.captures().problems() : List.of();
  }

  @Override
  public void close() {
    source.close();
  }

  private static final class CaptureQueue extends SourceQueue {
    private static final int READ_AHEAD = 64;

    private final int ifindex;
    private final CaptureSource source;
    private final Counters refused;
    private final Pacer pacer;
    private final BatchClock clock = new BatchClock();
    private final Frame[] ahead = new Frame[READ_AHEAD];
    private int next;
    private int end;
    private long seen;
    private boolean drained;
    private volatile boolean ended;

    CaptureQueue(int ifindex, CaptureSource source, Counters refused, Pace pace) {
      this.ifindex = ifindex;
      this.source = source;
      this.refused = refused;
      this.pacer = new Pacer(pace);
    }

    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      if (drained || next == end && !readAhead(pool)) {
        return 0;
      }
      clock.read();
      int count = 0;
      long bytes = 0;
      while (count < max && next < end && pacer.isDue(ahead[next].nanos, clock.nanos())) {
        Frame frame = ahead[next];
        ahead[next++] = null;
        pacer.sent();
        if (into[count] != null) {
          pool.release(into[count]);
        }
        frame.nanos = clock.nanos();
        frame.ingress = ifindex;
        bytes += frame.length();
        into[count++] = frame;
      }
      if (count > 0) {
        counters().received(count, bytes);
      }
      ended = next == end && source.ended();
      return count;
    }

    private boolean readAhead(FramePool pool) {
      next = 0;
      end = source.receive(pool, ahead, ahead.length);
      count();
      if (end == 0) {
        ended = source.ended();
      }
      return end > 0;
    }

    /** Counts frames that the source refused. */
    private void count() {
      long noBuffer = refused.dropped(DropReason.NO_BUFFER);
      long wrong = refused.dropped(DropReason.TOO_SHORT) + refused.dropped(DropReason.NOT_ETHERNET);
      if (noBuffer + wrong != seen) {
        counters().noBuffer(noBuffer - counters().rxNoBuffer());
        counters().rxError(wrong - counters().rxErrors());
        seen = noBuffer + wrong;
      }
    }

    @Override
    public void drain(FramePool pool) {
      for (; next < end; next++) {
        pool.release(ahead[next]);
        ahead[next] = null;
      }
      drained = true;
    }
  }
}
