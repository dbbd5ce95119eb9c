package org.xdp4j.engine.forward;

import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FrameRing;
import org.xdp4j.engine.port.PortQueue;
import org.xdp4j.engine.port.Segmenter;

/**
 * A worker's way out of one port: frames are collected and handed over together, to the worker's
 * own queue of the port or to the worker that owns the queue. Owned by one worker.
 */
final class Egress {
  private static final int CAPACITY = 2 * ForwardWorker.BATCH;

  final LivePort port;

  /** Whether frames that leave here are punts. */
  final boolean punts;

  private final ForwardWorker worker;
  private final PortQueue queue;
  private final FrameRing ring;
  private final int owner;
  private final Frame[] frames = new Frame[CAPACITY];
  private final Segmenter segmenter;
  private final boolean offloads;
  private Frame[] pieces = new Frame[0];
  private int count;

  /**
   * Makes one.
   *
   * @param queue null when another worker owns it
   * @param ring to that worker; null when the queue is this one's own
   * @param owner that worker's number
   */
  Egress(
      ForwardWorker worker,
      LivePort port,
      PortQueue queue,
      FrameRing ring,
      int owner,
      boolean punts) {
    this.worker = worker;
    this.port = port;
    this.queue = queue;
    this.ring = ring;
    this.owner = owner;
    this.punts = punts;
    this.segmenter = new Segmenter(worker.memory);
    this.offloads = port.port.offloads();
  }

  /** Frames collected. */
  int count() {
    return count;
  }

  void add(Frame frame) {
    if (!offloads && Segmenter.concerns(frame)) {
      finish(frame);
    } else {
      put(frame);
    }
  }

  /**
   * Adds many.
   *
   * @param plain whether nothing of any of them is left to a device
   */
  void add(Frame[] from, int first, int end, boolean plain) {
    if (!plain && !offloads) {
      for (int i = first; i < end; i++) {
        add(from[i]);
      }
      return;
    }
    int next = first;
    while (next < end) {
      int some = Math.min(end - next, CAPACITY - count);
      System.arraycopy(from, next, frames, count, some);
      next += some;
      count += some;
      if (count == CAPACITY) {
        flush();
      }
    }
  }

  /** Does what was left to a device, which this port's is not one to do. */
  private void finish(Frame frame) {
    if (frame.segmentTo == 0) {
      segmenter.complete(frame);
      put(frame);
      return;
    }
    int needed = segmenter.pieces(frame);
    if (pieces.length < needed) {
      pieces = new Frame[needed];
    }
    int made = segmenter.cut(worker.pool, frame, pieces);
    if (made == 0) {
      worker.drop(frame, DropReason.NO_BUFFER);
      return;
    }
    worker.counters.add(WorkerCounters.Total.GENERATED, made - 1L);
    long received = frame.received;
    worker.pool.release(frame);
    for (int i = 0; i < made; i++) {
      pieces[i].received = received;
      put(pieces[i]);
      pieces[i] = null;
    }
  }

  private void put(Frame frame) {
    frames[count++] = frame;
    if (count == CAPACITY) {
      flush();
    }
  }

  /** Hands over what was collected; returns how much it was. */
  int flush() {
    int sent = count;
    if (sent == 0) {
      return 0;
    }
    count = 0;
    worker.sawLeave(frames, sent, this);
    if (queue != null) {
      transmit(sent);
    } else {
      handOver(sent);
    }
    return sent;
  }

  private void transmit(int all) {
    long bytes = worker.record(frames, all);
    int taken = queue.transmit(worker.pool, frames, all);
    if (taken < all && queue.poll(worker.pool) > 0) {
      System.arraycopy(frames, taken, frames, 0, all - taken);
      int more = queue.transmit(worker.pool, frames, all - taken);
      System.arraycopy(frames, more, frames, taken + more, all - taken - more);
      taken += more;
    }
    long left = 0;
    for (int i = taken; i < all; i++) {
      left += frames[i].length();
      worker.drop(frames[i], DropReason.PORT_FULL);
    }
    worker.counters.add(
        punts ? WorkerCounters.Total.PUNTED : WorkerCounters.Total.TRANSMITTED, taken);
    if (!punts) {
      worker.counters.add(WorkerCounters.Total.TRANSMITTED_BYTES, bytes - left);
    }
  }

  private void handOver(int all) {
    for (int i = 0; i < all; i++) {
      Frame frame = frames[i];
      frame.egress = port.ifindex;
      frame.errand = punts ? Errand.PUNT : Errand.TRANSMIT;
    }
    int given = ring.offer(frames, 0, all);
    for (int i = given; i < all; i++) {
      worker.drop(frames[i], DropReason.RING_FULL);
    }
    worker.counters.add(WorkerCounters.Total.HANDED_OUT, given);
    worker.shared().wake(owner);
  }
}
