package org.xdp4j.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.plan.PortMaker;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.port.Port;
import org.xdp4j.engine.port.PortCounters;
import org.xdp4j.engine.port.PortQueue;
import org.xdp4j.engine.port.PortState;

/**
 * What DPDK calls {@code net_null} and {@code net_ring}: a port without a device.
 *
 * <ul>
 *   <li>null: as many frames as wanted come in, of 64 bytes that nobody wrote; what goes out is
 *       gone.
 *   <li>ring: what goes out comes in again, through a ring between threads, as DPDK's is. A few UDP
 *       frames are in it at first.
 * </ul>
 *
 * <p>While the gate is closed nothing comes in.
 */
final class PathPort implements Port {
  /** Frames in a ring. */
  static final int BURST = 256;

  private static final int SIZE = BenchFrame.SIZE;
  private static final int RING = 1024;
  private final PortSettings settings;
  private final Queue queue;

  private PathPort(PortSettings settings, Queue queue) {
    this.settings = settings;
    this.queue = queue;
  }

  /**
   * Lets frames in or not, and does not at first; counts those that went out. Any thread opens, one
   * worker counts.
   */
  static final class Gate {
    private static final VarHandle DONE;

    static {
      try {
        DONE = MethodHandles.lookup().findVarHandle(Gate.class, "done", long.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private volatile boolean open;
    private long done;

    void set(boolean isOpen) {
      open = isOpen;
    }

    /** Frames that went out. */
    long frames() {
      return (long) DONE.getOpaque(this);
    }

    void count(int frames) {
      DONE.setOpaque(this, done + frames);
    }
  }

  /** Makes ports of a kind, with one queue. */
  static PortMaker maker(String kind, Gate gate) {
    return (settings, queues, region) ->
        new PathPort(
            settings,
            kind.equals("null")
                ? new NullQueue(gate, settings.ifindex())
                : new RingQueue(gate, settings.ifindex(), region));
  }

  private abstract static class Queue implements PortQueue {
    final PortCounters counters = new PortCounters();
    final Gate gate;
    final int ifindex;

    Queue(Gate gate, int ifindex) {
      this.gate = gate;
      this.ifindex = ifindex;
    }

    @Override
    public int poll(FramePool pool) {
      return 0;
    }

    @Override
    public int inFlight() {
      return 0;
    }

    @Override
    public int descriptor() {
      return -1;
    }

    @Override
    public PortCounters counters() {
      return counters;
    }
  }

  private static final class NullQueue extends Queue {
    NullQueue(Gate gate, int ifindex) {
      super(gate, ifindex);
    }

    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      if (!gate.open) {
        return 0;
      }
      for (int i = 0; i < max; i++) {
        Frame frame = pool.acquire(SIZE, into[i]);
        frame.ingress = ifindex;
        into[i] = frame;
      }
      counters.received(max, (long) max * SIZE);
      return max;
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      for (int i = 0; i < count; i++) {
        pool.release(frames[i]);
      }
      counters.sent(count, (long) count * SIZE);
      gate.count(count);
      return count;
    }

    @Override
    public void drain(FramePool pool) {}
  }

  /** Frames stay where they are; only who has them changes. */
  private static final class RingQueue extends Queue
      implements MessagePassingQueue.Consumer<Frame>, MessagePassingQueue.Supplier<Frame> {
    private final MessagePassingQueue<Frame> ring = new SpscVarHandleArrayQueue<>(RING);
    private final MemorySegment memory;
    private boolean filled;
    private Frame[] place;
    private int at;

    RingQueue(Gate gate, int ifindex, Region region) {
      super(gate, ifindex);
      memory = region.segment();
    }

    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      if (!filled) {
        make(pool);
      }
      if (!gate.open) {
        return 0;
      }
      place = into;
      at = 0;
      int count = ring.drain(this, max);
      counters.received(count, (long) count * SIZE);
      return count;
    }

    @Override
    public void accept(Frame frame) {
      frame.ingress = ifindex;
      place[at++] = frame;
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      place = frames;
      at = 0;
      ring.fill(this, count);
      counters.sent(count, (long) count * SIZE);
      gate.count(count);
      return count;
    }

    @Override
    public Frame get() {
      return place[at++];
    }

    private void make(FramePool pool) {
      filled = true;
      for (int i = 0; i < BURST; i++) {
        Frame frame = pool.acquire(SIZE);
        byte[] bytes = BenchFrame.bytes();
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, frame.data, SIZE);
        ring.offer(frame);
      }
    }

    @Override
    public void drain(FramePool pool) {
      ring.drain(pool::release);
    }
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public int ifindex() {
    return settings.ifindex();
  }

  @Override
  public long mac() {
    return settings.mac();
  }

  @Override
  public int mtu() {
    return 1500;
  }

  @Override
  public int queues() {
    return 1;
  }

  @Override
  public PortQueue queue(int number) {
    return queue;
  }

  @Override
  public PortState state() {
    return PortState.UP;
  }

  @Override
  public void close() {}
}
