package org.xdp4j.engine.port;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/**
 * Another port, on whose wire things go wrong: frames are lost, doubled, corrupted, delayed and put
 * out of order, as {@link Faults} say for each direction. The same seed does the same to the same
 * frames; whatever is done is counted.
 *
 * <p>Its counters are the other port's: frames that came in there and went out there. What was lost
 * on the line or doubled is counted beside them ({@link PortCounters#rxLost} and so on).
 */
public final class FaultPort implements Port {
  private final Port port;
  private final List<FaultQueue> queues = new ArrayList<>();

  /**
   * Wraps a port, which is closed with this one.
   *
   * @param in what happens to frames that come in
   * @param out what happens to frames that go out
   */
  public FaultPort(Port port, Faults in, Faults out, long seed, Region region) {
    this.port = port;
    for (int i = 0; i < port.queues(); i++) {
      queues.add(
          new FaultQueue(
              port.queue(i),
              new FaultLine(in, seed + 2L * i, region),
              new FaultLine(out, seed + 2L * i + 1, region)));
    }
  }

  /** What was done to frames that came in. Any thread. */
  public FaultCounts in() {
    return queues.stream().map(queue -> queue.in.counts()).reduce(FaultCounts::plus).orElseThrow();
  }

  /** What was done to frames that went out. Any thread. */
  public FaultCounts out() {
    return queues.stream().map(queue -> queue.out.counts()).reduce(FaultCounts::plus).orElseThrow();
  }

  @Override
  public String name() {
    return port.name();
  }

  @Override
  public int ifindex() {
    return port.ifindex();
  }

  @Override
  public long mac() {
    return port.mac();
  }

  @Override
  public int mtu() {
    return port.mtu();
  }

  @Override
  public int queues() {
    return queues.size();
  }

  @Override
  public PortQueue queue(int number) {
    return queues.get(number);
  }

  @Override
  public boolean offloads() {
    return port.offloads();
  }

  @Override
  public boolean ownersChange() {
    return port.ownersChange();
  }

  @Override
  public void begin() {
    port.begin();
  }

  @Override
  public PortState state() {
    return port.state();
  }

  @Override
  public long stateChanges() {
    return port.stateChanges();
  }

  @Override
  public String problem() {
    return port.problem();
  }

  /** Whether nothing comes any more from the other port, and nothing is on the line. */
  @Override
  public boolean ended() {
    return port.ended() && queues.stream().allMatch(queue -> queue.lineEmpty);
  }

  @Override
  public PortStatistics statistics() {
    return PortStatistics.of(this, in(), out());
  }

  @Override
  public Map<String, Long> kernelDropsByName() {
    return port.kernelDropsByName();
  }

  @Override
  public void close() {
    port.close();
  }

  /** One queue; on its way out a frame that the other queue does not take stays on the line. */
  private static final class FaultQueue implements PortQueue {
    private static final int BATCH = 64;

    private final PortQueue queue;
    private final FaultLine in;
    private final FaultLine out;
    private final PortCounters counters;
    private final Frame[] batch = new Frame[BATCH];
    private int waiting;
    private volatile boolean lineEmpty = true;
    private boolean ended;

    FaultQueue(PortQueue queue, FaultLine in, FaultLine out) {
      this.queue = queue;
      this.counters = queue.counters();
      this.in = in;
      this.out = out;
    }

    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      if (ended) {
        return 0;
      }
      // What the line has no room for stays with the other port meanwhile.
      boolean room = in.size() + 2 * max <= FaultLine.CAPACITY;
      int came = room ? queue.receive(pool, into, max) : 0;
      long now = System.nanoTime();
      for (int i = 0; i < came; i++) {
        in.enter(pool, into[i], now);
        into[i] = null;
      }
      if (came == 0) {
        in.idle(now);
      }
      int count = 0;
      Frame frame;
      while (count < max && (frame = in.leave(now)) != null) {
        if (into[count] != null) {
          pool.release(into[count]);
        }
        into[count++] = frame;
      }
      lineEmpty = in.size() == 0;
      countIn();
      return count;
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      if (ended) {
        counters.full(count);
        return 0;
      }
      long now = System.nanoTime();
      int taken = Math.min(count, Math.max(0, FaultLine.CAPACITY - out.size()));
      for (int i = 0; i < taken; i++) {
        out.enter(pool, frames[i], now);
      }
      countOut();
      if (taken < count) {
        counters.full(count - taken);
      }
      pass(pool, now);
      return taken;
    }

    private void countIn() {
      FaultCounts before = in.counts();
      FaultCounts now = in.publish();
      counters.spoiledIn(now.lost() - before.lost(), now.duplicated() - before.duplicated());
    }

    private void countOut() {
      FaultCounts before = out.counts();
      FaultCounts now = out.publish();
      counters.spoiledOut(now.lost() - before.lost(), now.duplicated() - before.duplicated());
    }

    /** Hands what is due to the other queue. */
    private int pass(FramePool pool, long now) {
      int passed = 0;
      while (true) {
        Frame frame;
        while (waiting < BATCH && (frame = out.leave(now)) != null) {
          batch[waiting++] = frame;
        }
        int taken = waiting == 0 ? 0 : queue.transmit(pool, batch, waiting);
        counters.full(taken - waiting); // they stay here, and are tried again
        System.arraycopy(batch, taken, batch, 0, waiting - taken);
        waiting -= taken;
        passed += taken;
        if (taken == 0) {
          return passed;
        }
      }
    }

    @Override
    public int poll(FramePool pool) {
      long now = System.nanoTime();
      out.idle(now);
      return pass(pool, now) + queue.poll(pool);
    }

    @Override
    public int inFlight() {
      return out.size() + waiting + queue.inFlight();
    }

    @Override
    public int descriptor() {
      return queue.descriptor();
    }

    @Override
    public PortCounters counters() {
      return counters;
    }

    @Override
    public void drain(FramePool pool) {
      pass(pool, Long.MAX_VALUE);
      ended = true;
      in.cut(pool);
      countIn();
      int left = out.clear(pool) + waiting;
      for (int i = 0; i < waiting; i++) {
        pool.release(batch[i]);
      }
      waiting = 0;
      counters.txError(left);
      queue.drain(pool);
    }
  }
}
