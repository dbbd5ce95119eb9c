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

  /** Bytes of those collected. */
  private long bytes;

  /** When the first of them was received, and whether all others were then, too. */
  private long received;

  private boolean together = true;

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

  /** Whether frames that leave here do so by a queue of this worker's. */
  boolean isOwn() {
    return queue != null;
  }

  /** Adds many, no more than {@link ForwardWorker#BATCH}. */
  void add(Frame[] batch, int from, int to) {
    long time = batch[from].received;
    long size = 0;
    boolean plain = true;
    for (int i = from; i < to; i++) {
      Frame frame = batch[i];
      size += frame.length();
      plain &= frame.received == time && !Segmenter.concerns(frame);
    }
    add(batch, from, to, size, plain);
  }

  /**
   * The same where more is known of them.
   *
   * @param size of all of them, in bytes
   * @param plain whether they came in together, and nothing of any is left to a device
   */
  void add(Frame[] batch, int from, int to, long size, boolean plain) {
    if (!plain) {
      for (int i = from; i < to; i++) {
        add(batch[i]);
      }
      return;
    }
    int many = to - from;
    if (CAPACITY - count < many) {
      flush();
    }
    System.arraycopy(batch, from, frames, count, many);
    collected(batch[from].received, many, size);
  }

  private void collected(long time, int many, long size) {
    if (count == 0) {
      received = time;
      together = true;
    } else {
      together &= time == received;
    }
    bytes += size;
    count += many;
    if (count == CAPACITY) {
      flush();
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
    frames[count] = frame;
    collected(frame.received, 1, frame.length());
  }

  /** Hands over what was collected; returns how much it was. */
  int flush() {
    int sent = count;
    if (sent == 0) {
      return 0;
    }
    long size = bytes;
    count = 0;
    bytes = 0;
    worker.sawLeave(frames, sent, this);
    if (queue != null) {
      transmit(sent, size);
    } else {
      handOver(sent);
    }
    return sent;
  }

  private void transmit(int all, long size) {
    if (together) {
      worker.latency.record(received, all);
    } else {
      worker.latency.record(frames, all);
    }
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
      worker.counters.add(WorkerCounters.Total.TRANSMITTED_BYTES, size - left);
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
