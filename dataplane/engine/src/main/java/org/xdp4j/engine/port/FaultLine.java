package org.xdp4j.engine.port;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/**
 * One direction of a wire on which things go wrong: frames go in at one end and come out, or not,
 * at the other. Owned by one thread; {@link #counts} is for any.
 */
final class FaultLine {
  /** Frames there is room for on the line. */
  static final int CAPACITY = 1024;

  private record Late(Frame frame, long due) {}

  private final Faults faults;
  private final SplittableRandom random;
  private final MemorySegment memory;
  private final ArrayDeque<Late> line = new ArrayDeque<>();
  private Frame held;
  private int passing;
  private long lastDue;
  private long lost;
  private long duplicated;
  private long corrupted;
  private long reordered;
  private long delayed;
  private volatile FaultCounts counts = new FaultCounts(0, 0, 0, 0, 0);

  FaultLine(Faults faults, long seed, Region region) {
    this.faults = faults;
    this.random = new SplittableRandom(seed);
    this.memory = region.segment();
  }

  private boolean happens(double share) {
    return share > 0 && random.nextDouble() < share;
  }

  /** Takes a frame in; it is the line's. */
  void enter(FramePool pool, Frame frame, long now) {
    if (happens(faults.loss())) {
      lost++;
      pool.release(frame);
      return;
    }
    if (happens(faults.corrupt())) {
      corrupted++;
      long at = frame.data + random.nextInt(frame.length());
      byte value = memory.get(Region.BYTE, at);
      memory.set(Region.BYTE, at, (byte) (value ^ 1 << random.nextInt(8)));
    }
    Frame copy = happens(faults.duplicate()) ? copy(pool, frame) : null;
    if (held == null && happens(faults.reorder())) {
      reordered++;
      held = frame;
      passing = Faults.REORDERED;
    } else {
      append(frame, now);
      letPass(now);
    }
    if (copy != null) {
      duplicated++;
      append(copy, now);
      letPass(now);
    }
  }

  private Frame copy(FramePool pool, Frame frame) {
    Frame copy = pool.acquire(frame.length());
    if (copy != null) {
      MemorySegment.copy(memory, frame.data, memory, copy.data, frame.length());
      copy.copyOffload(frame);
      copy.cutBytes = frame.cutBytes;
      copy.ingress = frame.ingress;
      copy.timestamp = frame.timestamp;
      copy.nanos = frame.nanos;
    }
    return copy;
  }

  private void append(Frame frame, long now) {
    long due = now + faults.delayNanos();
    if (faults.jitterNanos() > 0) {
      due += random.nextLong(faults.jitterNanos() + 1);
    }
    lastDue = line.isEmpty() ? due : Math.max(lastDue, due);
    delayed += lastDue > now ? 1 : 0;
    line.add(new Late(frame, lastDue));
  }

  private void letPass(long now) {
    if (held != null && --passing == 0) {
      Frame frame = held;
      held = null;
      append(frame, now);
    }
  }

  /** The next frame that comes out now, or null; it is the caller's. */
  Frame leave(long now) {
    Late first = line.peek();
    if (first == null || first.due() > now) {
      return null;
    }
    line.poll();
    return first.frame();
  }

  /** Nothing follows any more for now: a frame that waits for others to pass need not. */
  void idle(long now) {
    if (held != null && line.isEmpty()) {
      passing = 1;
      letPass(now);
    }
  }

  /** Shows any thread what was counted; gives it back, too. */
  FaultCounts publish() {
    FaultCounts before = counts;
    if (before.lost() != lost
        || before.duplicated() != duplicated
        || before.corrupted() != corrupted
        || before.reordered() != reordered
        || before.delayed() != delayed) {
      counts = new FaultCounts(lost, duplicated, corrupted, reordered, delayed);
    }
    return counts;
  }

  FaultCounts counts() {
    return counts;
  }

  /** Frames on the line. */
  int size() {
    return line.size() + (held != null ? 1 : 0);
  }

  /** Loses what is on the line. */
  void cut(FramePool pool) {
    lost += clear(pool);
  }

  /** Gives all frames back. */
  int clear(FramePool pool) {
    int count = size();
    line.forEach(late -> pool.release(late.frame()));
    line.clear();
    if (held != null) {
      pool.release(held);
      held = null;
    }
    return count;
  }
}
