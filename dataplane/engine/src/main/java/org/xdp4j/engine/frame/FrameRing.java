package org.xdp4j.engine.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A ring of frames from one thread to one other, a burst at a time: it is copied and then shown to
 * the other side by a single store, where a queue of single elements has one for each.
 *
 * <pre>
 *  padding | produced, consumed as the producer saw it | padding | consumed, produced as the
 *  consumer saw it | padding
 * </pre>
 *
 * <p>Places keep the frames that were in them: frames belong to pools and are never garbage while
 * these are there.
 */
public final class FrameRing {
  private static final VarHandle INDEX = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PADDING =
      32; // four cache lines: they are fetched in pairs, and begin anywhere
  private static final int PRODUCED = PADDING;
  private static final int CONSUMED_SEEN = PRODUCED + 1;
  private static final int CONSUMED = 2 * PADDING;
  private static final int PRODUCED_SEEN = CONSUMED + 1;

  private final long[] indices = new long[3 * PADDING];
  private final Frame[] places;

  /**
   * Makes one.
   *
   * @param capacity of frames, rounded up to a power of two
   */
  public FrameRing(int capacity) {
    places = new Frame[Math.max(2, Integer.highestOneBit(Math.max(1, capacity - 1)) << 1)];
  }

  /**
   * Puts frames in; the producer's thread.
   *
   * @return how many there was room for, the first ones
   */
  public int offer(Frame[] from, int first, int count) {
    long at = indices[PRODUCED];
    int taken = Math.min(count, room(at, count));
    if (taken == 0) {
      return 0; // no store into a line that the other side reads
    }
    int place = (int) at & places.length - 1;
    int straight = Math.min(taken, places.length - place);
    System.arraycopy(from, first, places, place, straight);
    if (straight < taken) {
      System.arraycopy(from, first + straight, places, 0, taken - straight);
    }
    INDEX.setRelease(indices, PRODUCED, at + taken);
    return taken;
  }

  /**
   * Puts a frame in; the producer's thread.
   *
   * @return whether there was room
   */
  public boolean offer(Frame frame) {
    long at = indices[PRODUCED];
    if (room(at, 1) < 1) {
      return false;
    }
    places[(int) at & places.length - 1] = frame;
    INDEX.setRelease(indices, PRODUCED, at + 1);
    return true;
  }

  private int room(long produced, int wanted) {
    int room = places.length - (int) (produced - indices[CONSUMED_SEEN]);
    if (room < wanted) {
      indices[CONSUMED_SEEN] = (long) INDEX.getAcquire(indices, CONSUMED);
      room = places.length - (int) (produced - indices[CONSUMED_SEEN]);
    }
    return room;
  }

  /**
   * Takes frames out; the consumer's thread.
   *
   * @return how many there were, {@code most} at the most
   */
  public int poll(Frame[] into, int first, int most) {
    long at = indices[CONSUMED];
    int there = (int) (indices[PRODUCED_SEEN] - at);
    if (there < most) {
      indices[PRODUCED_SEEN] = (long) INDEX.getAcquire(indices, PRODUCED);
      there = (int) (indices[PRODUCED_SEEN] - at);
    }
    int taken = Math.min(most, there);
    if (taken == 0) {
      return 0;
    }
    int place = (int) at & places.length - 1;
    int straight = Math.min(taken, places.length - place);
    System.arraycopy(places, place, into, first, straight);
    if (straight < taken) {
      System.arraycopy(places, 0, into, first + straight, taken - straight);
    }
    INDEX.setRelease(indices, CONSUMED, at + taken);
    return taken;
  }

  /** Frames in it, about; any thread. */
  public int size() {
    long consumed = consumed();
    return (int) (produced() - consumed);
  }

  /** Frames that were put in since the beginning; any thread. */
  public long produced() {
    return (long) INDEX.getAcquire(indices, PRODUCED);
  }

  /** Frames that were taken out since the beginning, by now or a little before; any thread. */
  public long consumed() {
    return (long) INDEX.getAcquire(indices, CONSUMED);
  }
}
