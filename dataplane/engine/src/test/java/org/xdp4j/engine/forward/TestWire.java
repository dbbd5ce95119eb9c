package org.xdp4j.engine.forward;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.plan.PortMaker;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.port.LoopbackPort;
import org.xdp4j.engine.port.Port;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortQueue;

/** A port of the forwarder's whose other end the test holds in its hand. One thread at a time. */
final class TestWire implements PortMaker {
  private static final long PATIENCE = 10_000_000_000L;
  static final int FRAMES = 4096;

  private final String name;
  private final long mac;
  private final int queues;
  private Region region;
  private LoopbackPort far;
  private FramePool pool;
  private final Frame[] one = new Frame[1];
  private long sent;

  TestWire(String name, long mac, int queues) {
    this.name = name;
    this.mac = mac;
    this.queues = queues;
  }

  PortPlan plan() {
    return new PortPlan.Custom(PortSettings.of(name).withMac(mac).withQueues(queues), this);
  }

  @Override
  public Port make(PortSettings settings, int wanted, Region where) {
    region = where;
    pool = new FramePool(where, FRAMES);
    LoopbackPort.Pair pair =
        LoopbackPort.pair(
            new PortIdentity(name, settings.ifindex(), settings.mac(), settings.mtu()),
            new PortIdentity(name + "-far", 1, mac ^ 0xff, settings.mtu()),
            queues,
            2048,
            where);
    far = pair.b();
    return pair.a();
  }

  /** Frames sent that the forwarder took. */
  long sent() {
    return sent;
  }

  /** Sends a frame, waiting until there is room for it. */
  void send(byte[] frame) {
    send(frame, 0);
  }

  void send(byte[] frame, int queue) {
    long deadline = System.nanoTime() + PATIENCE;
    while (!trySend(frame, queue)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("nobody takes frames from " + name);
      }
      Thread.onSpinWait();
      Thread.yield();
    }
  }

  /** Sends a frame if there is room for it. */
  boolean trySend(byte[] bytes, int queue) {
    PortQueue out = far.queue(queue);
    Frame frame = pool.acquire(bytes.length);
    if (frame == null) {
      out.poll(pool);
      return false;
    }
    MemorySegment.copy(bytes, 0, region.segment(), Region.BYTE, frame.data, bytes.length);
    one[0] = frame;
    if (out.transmit(pool, one, 1) == 0) {
      pool.release(frame);
      return false;
    }
    sent++;
    return true;
  }

  /** The next frame that came out, of any queue; null when there is none now. */
  byte[] poll() {
    for (int queue = 0; queue < far.queues(); queue++) {
      one[0] = null;
      if (far.queue(queue).receive(pool, one, 1) == 1) {
        byte[] bytes = region.segment().asSlice(one[0].data, one[0].length()).toArray(Region.BYTE);
        pool.release(one[0]);
        return bytes;
      }
    }
    return null;
  }

  /** The next frame that comes out. */
  byte[] await() {
    long deadline = System.nanoTime() + PATIENCE;
    while (System.nanoTime() < deadline) {
      byte[] frame = poll();
      if (frame != null) {
        return frame;
      }
      LockSupport.parkNanos(20_000);
    }
    throw new AssertionError("nothing came out of " + name);
  }

  /** The next frames that come out. */
  List<byte[]> await(int count) {
    List<byte[]> frames = new ArrayList<>();
    while (frames.size() < count) {
      frames.add(await());
    }
    return frames;
  }

  /** Takes all frames there are now; says how many. */
  int drain() {
    int count = 0;
    while (poll() != null) {
      count++;
    }
    return count;
  }
}
