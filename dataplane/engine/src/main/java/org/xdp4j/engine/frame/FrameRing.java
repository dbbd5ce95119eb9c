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
 * these are there. There can come to be more or fewer of them while both threads are at work: the
 * producer goes over to others when it likes, and the consumer when it has come to where that was.
 */
public final class FrameRing {
  private static final VarHandle INDEX = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PADDING =
      32; // four cache lines: they are fetched in pairs, and begin anywhere

  /** Bytes of heads of objects, and of fields. */
  private static final int OVERHEAD = 96;

  private static final int PRODUCED = PADDING;
  private static final int CONSUMED_SEEN = PRODUCED + 1;
  private static final int CONSUMED = 2 * PADDING;
  private static final int PRODUCED_SEEN = CONSUMED + 1;

  private final long[] indices = new long[3 * PADDING];

  /** A third thread's: what the producer is to go over to. */
  private volatile Frame[] wanted;

  /** The producer's: what it puts frames into, and the first it put there. */
  private Frame[] places;

  private long since;

  /** The producer's; the consumer sees it with the first frame that is put in after. */
  private Switch last;

  /** The consumer's: what it takes frames out of. */
  private Frame[] taking;

  /** From which frame on others places are used. */
  private record Switch(Frame[] places, long from) {}

  /**
   * Makes one.
   *
   * @param capacity of frames, rounded up to a power of two
   */
  public FrameRing(int capacity) {
    places = room(capacity);
    wanted = places;
    taking = places;
  }

  /** Places for so many frames, rounded up to a power of two. */
  public static Frame[] room(int capacity) {
    return new Frame[places(capacity)];
  }

  private static int places(int capacity) {
    return Math.max(2, Integer.highestOneBit(Math.max(1, capacity - 1)) << 1);
  }

  /** Java heap that a ring of this capacity takes, about. */
  public static long bytes(int capacity) {
    return 3L * PADDING * Long.BYTES + (long) places(capacity) * Integer.BYTES + OVERHEAD;
  }

  /**
   * Has other places used, soon; any thread. Frames that are in the ring stay in it, in their
   * order.
   *
   * @param fresh of {@link #room}, used by no other ring
   */
  public void use(Frame[] fresh) {
    wanted = fresh;
  }

  private void change(long at, Frame[] fresh) {
    boolean followed = last == null || at == last.from || consumed() > last.from;
    if (followed) { // else later: the consumer needs those before to come to these
      places = fresh;
      since = at;
      last = new Switch(fresh, at);
    }
  }

  /**
   * Puts frames in; the producer's thread.
   *
   * @return how many there was room for, the first ones
   */
  public int offer(Frame[] from, int first, int count) {
    long at = indices[PRODUCED];
    Frame[] others = wanted;
    if (others != places) {
      change(at, others);
    }
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
    Frame[] others = wanted;
    if (others != places) {
      change(at, others);
    }
    if (room(at, 1) < 1) {
      return false;
    }
    places[(int) at & places.length - 1] = frame;
    INDEX.setRelease(indices, PRODUCED, at + 1);
    return true;
  }

  private int room(long produced, int enough) {
    int room = places.length - (int) (produced - Math.max(since, indices[CONSUMED_SEEN]));
    if (room < enough) {
      indices[CONSUMED_SEEN] = (long) INDEX.getAcquire(indices, CONSUMED);
      room = places.length - (int) (produced - Math.max(since, indices[CONSUMED_SEEN]));
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
    Switch to = last;
    if (to != null && to.places != taking) {
      if (at >= to.from) {
        taking = to.places;
      } else {
        taken = (int) Math.min(taken, to.from - at);
      }
    }
    int place = (int) at & taking.length - 1;
    int straight = Math.min(taken, taking.length - place);
    System.arraycopy(taking, place, into, first, straight);
    if (straight < taken) {
      System.arraycopy(taking, 0, into, first + straight, taken - straight);
    }
    INDEX.setRelease(indices, CONSUMED, at + taken);
    return taken;
  }

  /** Whether less than half of it is free, as far as its producer knows; the producer's thread. */
  public boolean isCrowded() {
    int half = places.length / 2;
    return room(indices[PRODUCED], half) < half;
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
