package org.xdp4j.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.frame.FrameRing;
import org.xdp4j.engine.plan.PortMaker;
import org.xdp4j.engine.port.PlainQueue;

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
final class PathPort {
  /** Frames in a ring. */
  static final int BURST = 256;

  private static final int SIZE = BenchFrame.SIZE;
  private static final int RING = 1024;

  private PathPort() {}

  /** Makes ports of a kind, with one queue. */
  static PortMaker maker(String kind, FrameGate gate) {
    return (settings, queues, region) ->
        new BenchPort(
            settings,
            kind.equals("null")
                ? new NullQueue(gate, settings.ifindex())
                : new RingQueue(gate, settings.ifindex(), region));
  }

  private abstract static class Queue extends PlainQueue {
    final FrameGate gate;
    final int ifindex;

    Queue(FrameGate gate, int ifindex) {
      this.gate = gate;
      this.ifindex = ifindex;
    }
  }

  private static final class NullQueue extends Queue {
    NullQueue(FrameGate gate, int ifindex) {
      super(gate, ifindex);
    }

    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      if (!gate.isOpen()) {
        return 0;
      }
      for (int i = 0; i < max; i++) {
        Frame frame = pool.acquire(SIZE, into[i]);
        frame.ingress = ifindex;
        into[i] = frame;
      }
      counters().received(max, (long) max * SIZE);
      return max;
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      for (int i = 0; i < count; i++) {
        pool.release(frames[i]);
      }
      counters().sent(count, (long) count * SIZE);
      gate.count(count);
      return count;
    }
  }

  /** Frames stay where they are; only who has them changes. */
  private static final class RingQueue extends Queue {
    private final FrameRing ring = new FrameRing(RING);
    private final MemorySegment memory;
    private boolean filled;

    RingQueue(FrameGate gate, int ifindex, Region region) {
      super(gate, ifindex);
      memory = region.segment();
    }

    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      if (!filled) {
        make(pool);
      }
      if (!gate.isOpen()) {
        return 0;
      }
      int count = ring.poll(into, 0, max);
      for (int i = 0; i < count; i++) {
        into[i].ingress = ifindex;
      }
      counters().received(count, (long) count * SIZE);
      return count;
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      int taken = ring.offer(frames, 0, count);
      counters().sent(taken, (long) taken * SIZE);
      gate.count(taken);
      return taken;
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
      Frame[] one = new Frame[1];
      while (ring.poll(one, 0, 1) > 0) {
        pool.release(one[0]);
      }
    }
  }
}
