package org.xdp4j.engine.worker;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.xdp4j.engine.account.Counter;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.frame.Fate;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.port.Transmitter;

/**
 * Where every frame ends: sent, delivered or dropped, and counted once. Owned by the thread that
 * owns the pool.
 */
public final class Egress {
  private static final int FATES = Fate.COUNT;

  private final Transmitter out;
  private final Transmitter dropped;
  private final Counters counters;
  private final TargetCounts targets = new TargetCounts();
  private final long[] frames = new long[FATES];
  private final long[] bytes = new long[FATES];
  private IOException failure;

  /**
   * Makes one.
   *
   * @param out gets frames that are sent or delivered; null when they are only counted
   * @param dropped gets frames that are dropped; null when they are only counted
   */
  public Egress(Transmitter out, Transmitter dropped, Counters counters) {
    this.out = out;
    this.dropped = dropped;
    this.counters = counters;
  }

  /** Whether frames are written somewhere, so that their order can be seen. */
  boolean writes() {
    return out != null || dropped != null;
  }

  /** Ends the way of the first {@code count} frames, which stay the caller's. */
  void finish(Frame[] batch, int count) {
    for (int i = 0; i < count; i++) {
      Frame frame = batch[i];
      if (failure == null) {
        end(frame);
      } else {
        counters.drop(DropReason.OUTPUT_FAILED, 1, frame.length());
      }
    }
    count();
  }

  private void end(Frame frame) {
    int fate = frame.fate;
    if (fate == Fate.BROADCAST) {
      broadcast(frame);
      return;
    }
    Transmitter to = Fate.isDrop(fate) ? dropped : out;
    if (to != null && !send(to, frame, frame.egress == 0 ? frame.ingress : frame.egress)) {
      return;
    }
    if (fate == Fate.TRANSMIT && frame.egress != 0) {
      targets.add(frame.egress, 1);
    }
    frames[fate]++;
    bytes[fate] += frame.length();
  }

  /** Sends to every target; copies beyond the first are frames made here. */
  private void broadcast(Frame frame) {
    counters.add(Counter.GENERATED, frame.targetCount - 1L);
    for (int i = 0; i < frame.targetCount; i++) {
      int target = frame.targets[i];
      if (failure != null) {
        counters.drop(DropReason.OUTPUT_FAILED, 1, frame.length());
      } else if (out == null || send(out, frame, target)) {
        targets.add(target, 1);
        frames[Fate.TRANSMIT]++;
        bytes[Fate.TRANSMIT] += frame.length();
      }
    }
  }

  private boolean send(Transmitter to, Frame frame, int ifindex) {
    try {
      to.transmit(frame, ifindex);
      return true;
    } catch (IOException e) {
      failure = e;
      counters.drop(DropReason.OUTPUT_FAILED, 1, frame.length());
      return false;
    }
  }

  private void count() {
    count(Fate.DELIVER, Counter.DELIVERED, Counter.DELIVERED_BYTES);
    count(Fate.TRANSMIT, Counter.TRANSMITTED, Counter.TRANSMITTED_BYTES);
    drop(Fate.DROP, DropReason.XDP_DROP);
    drop(Fate.ABORT, DropReason.XDP_ABORTED);
    drop(Fate.UNKNOWN, DropReason.UNKNOWN_ACTION);
    drop(Fate.REDIRECT_FAILED, DropReason.REDIRECT_FAILED);
    drop(Fate.EGRESS_PROGRAM, DropReason.EGRESS_PROGRAM);
  }

  private void count(int fate, Counter frameCounter, Counter byteCounter) {
    if (frames[fate] != 0) {
      counters.add(frameCounter, frames[fate]);
      counters.add(byteCounter, bytes[fate]);
      frames[fate] = 0;
      bytes[fate] = 0;
    }
  }

  private void drop(int fate, DropReason reason) {
    if (frames[fate] != 0) {
      counters.drop(reason, frames[fate], bytes[fate]);
      frames[fate] = 0;
      bytes[fate] = 0;
    }
  }

  /** Frames sent by redirects, by interface index. */
  public Map<Integer, Long> redirected() {
    return new TreeMap<>(targets.toMap());
  }

  /** Why nothing can be written any more, or null. */
  public IOException failure() {
    return failure;
  }
}
