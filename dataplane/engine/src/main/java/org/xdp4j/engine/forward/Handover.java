package org.xdp4j.engine.forward;

import java.util.Arrays;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.forward.WorkerCounters.Total;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.net.flow.FlowHash;

/**
 * A worker's way out to other workers: frames are collected by the worker they are for and put into
 * its ring together, with one store for all. Owned by one worker.
 */
final class Handover {
  private final ForwardWorker worker;
  private final FlowHash flows = new FlowHash();
  private Frame[][] frames = {};
  private int[] counts = {};

  /** Those that there is something for. */
  private int[] targets = {};

  private int waiting;

  Handover(ForwardWorker worker) {
    this.worker = worker;
  }

  /** Frames collected. */
  long collected() {
    long sum = 0;
    for (int i = 0; i < waiting; i++) {
      sum += counts[targets[i]];
    }
    return sum;
  }

  /** Gives frames to the workers of their flows; those of this one come first then. */
  int deal(Frame[] batch, int count) {
    int own = 0;
    int workers = worker.layout().workers();
    for (int i = 0; i < count; i++) {
      Frame frame = batch[i];
      int hash = flows.hash(worker.memory, frame.data, frame.length());
      int target = (int) (Integer.toUnsignedLong(hash) * workers >>> Integer.SIZE);
      if (target == worker.number) {
        batch[own++] = frame;
      } else {
        frame.errand = Errand.RECEIVE;
        add(frame, target);
      }
    }
    flush();
    return own;
  }

  void add(Frame frame, int target) {
    if (target >= counts.length) {
      grow();
    }
    int count = counts[target];
    if (count == 0) {
      targets[waiting++] = target;
    } else if (count == ForwardWorker.BATCH) {
      send(target);
      count = 0;
    }
    frames[target][count] = frame;
    counts[target] = count + 1;
  }

  private void grow() {
    int workers = worker.shared().rings().workers();
    Frame[][] more = new Frame[workers][];
    for (int i = 0; i < workers; i++) {
      more[i] = i < frames.length ? frames[i] : new Frame[ForwardWorker.BATCH];
    }
    frames = more;
    counts = Arrays.copyOf(counts, workers);
    targets = Arrays.copyOf(targets, workers);
  }

  /** Hands everything over; returns how much it was. */
  int flush() {
    int sent = 0;
    for (int i = 0; i < waiting; i++) {
      int target = targets[i];
      sent += counts[target];
      send(target);
    }
    waiting = 0;
    return sent;
  }

  private void send(int target) {
    int count = counts[target];
    counts[target] = 0;
    int given = worker.shared().rings().ring(worker.number, target).offer(frames[target], 0, count);
    for (int i = given; i < count; i++) {
      worker.drop(frames[target][i], DropReason.RING_FULL);
    }
    if (given > 0) {
      worker.counters.add(Total.HANDED_OUT, given);
      worker.shared().wake(target);
    }
  }
}
