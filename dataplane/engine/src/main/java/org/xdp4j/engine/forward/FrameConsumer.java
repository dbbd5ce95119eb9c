package org.xdp4j.engine.forward;

import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/**
 * Takes frames that programs redirect to it through an XSKMAP, as an AF_XDP socket does: put it
 * into the map ({@code XskMap.set}), and poll it from one thread. A frame is moved by reference and
 * has to be {@link #release released}; while it is not, a worker is short of it. A frame that comes
 * while the ring is full is a counted drop ({@code consumer-full}).
 */
public final class FrameConsumer {
  private final MpscVarHandleArrayQueue<Frame> ring;

  /** Makes one whose ring holds so many frames. */
  public FrameConsumer(int capacity) {
    ring = new MpscVarHandleArrayQueue<>(Math.max(2, capacity));
  }

  /** Gives it a frame; any worker. False when the ring is full and the frame stays the worker's. */
  boolean offer(Frame frame) {
    return ring.offer(frame);
  }

  /** The oldest frame, or null. */
  public Frame poll() {
    return ring.poll();
  }

  /** Gives all frames there are; says how many. */
  public int poll(MessagePassingQueue.Consumer<Frame> to, int max) {
    return ring.drain(to, max);
  }

  /** Gives a frame back to its worker. */
  public static void release(Frame frame) {
    FramePool.giveBack(frame);
  }
}
