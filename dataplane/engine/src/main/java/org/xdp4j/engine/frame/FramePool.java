package org.xdp4j.engine.frame;

import java.util.Arrays;
import java.util.Queue;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.xdp4j.bpf.memory.OutOfRegionException;
import org.xdp4j.bpf.memory.Region;

/**
 * The frames of one run, in classes by size, all in one region. A class takes its buffers when its
 * first frame is asked for and keeps them, so a run over small frames never touches memory for
 * large ones, and steady state allocates nothing. The last frame given back is the first handed out
 * again: its buffer is still in the cache.
 *
 * <p>The smallest class has what Linux gives a frame in one page: {@value #HEADROOM} bytes of
 * headroom and {@value #SMALL} for the frame and its growth. The largest holds the largest frame a
 * capture may have. A buffer's size is an odd number of cache lines, so that frames' first bytes
 * spread over all sets of a cache.
 *
 * <p>Owned by one thread, which hands frames out and takes them back. A frame may end with another
 * thread: that one releases it to its own pool or, having none, {@link #giveBack gives it back};
 * either way it lies in a ring until its pool's owner has use for it.
 */
public final class FramePool implements AutoCloseable {
  /** Bytes before the frame (XDP_PACKET_HEADROOM, linux/bpf.h). */
  public static final int HEADROOM = 256;

  /** Bytes for frame and tailroom in the smallest class: 4096 - 256 - 320, as in Linux. */
  public static final int SMALL = 3520;

  private static final int[] ROOM = {SMALL, 16_384, 66_560, 263_168};
  private static final int LINE = 64;

  /** Buffers of the larger classes: a batch, so that a run of jumbo frames still fills batches. */
  private static final int LARGE_FRAMES = 64;

  private final Region region;
  private final int small;
  private final SizeClass[] classes = new SizeClass[ROOM.length];

  /** The class of nearly all frames, found without a look into an array; null as long as unused. */
  private SizeClass smallest;

  private final Queue<Frame> returned;
  private int out;

  /** The frames of one size that are not out: a stack. */
  private static final class SizeClass {
    final Frame[] free;
    final long memory;
    int left;

    SizeClass(Frame[] frames, long memory) {
      this.free = frames;
      this.memory = memory;
      this.left = frames.length;
    }
  }

  /**
   * Makes a pool.
   *
   * @param frames frames of the smallest class; larger classes have {@value #LARGE_FRAMES} at most
   */
  public FramePool(Region region, int frames) {
    this.region = region;
    this.small = frames;
    // Room for every frame there is, so that giving one back cannot fail.
    this.returned = new MpscVarHandleArrayQueue<>(Math.max(2, capacity()));
  }

  /** The most frames that can be out at once. */
  public int capacity() {
    return small + (ROOM.length - 1) * Math.min(small, LARGE_FRAMES);
  }

  /** Frames that are out now, those included that other threads gave back and nobody took in. */
  public int inUse() {
    return out;
  }

  /** Takes in what other threads gave back; the owner's thread only. */
  public void reclaim() {
    Frame frame;
    while ((frame = returned.poll()) != null) {
      take(frame);
    }
  }

  /** Bytes a frame may have at the most. */
  public static int maxLength() {
    return ROOM[ROOM.length - 1];
  }

  /**
   * Whether frames of this length can be had at all: {@link #acquire} then gives one, if not now.
   */
  public boolean canHold(int length) {
    return length <= maxLength() && of(sizeClass(length)).free.length > 0;
  }

  /**
   * Where the buffers of all frames are that can hold {@code length} bytes and no more than they
   * have to, so that they can be made known to a device or the kernel at once.
   *
   * @return the first address, 0 when there are none
   */
  public long memory(int length) {
    return of(sizeClass(length)).memory;
  }

  /** Bytes from the buffer of one frame of the smallest class to the next. */
  public static int spacing() {
    return (int) bufferSize(0);
  }

  /** How many bytes there are at {@link #memory}. */
  public long memorySize(int length) {
    int sizeClass = sizeClass(length);
    return bufferSize(sizeClass) * of(sizeClass).free.length;
  }

  /**
   * Hands out a frame of {@code length} bytes, behind its headroom.
   *
   * @return null when all frames of its class are out, or the region has no room for the class
   */
  public Frame acquire(int length) {
    SizeClass from = length <= SMALL && smallest != null ? smallest : of(sizeClass(length));
    int left = from.left;
    if (left == 0) {
      reclaim();
      left = from.left;
      if (left == 0) {
        return null;
      }
    }
    from.left = left - 1;
    out++;
    Frame frame = from.free[left - 1];
    frame.begin(length);
    return frame;
  }

  /**
   * Makes room for {@code length} bytes in a frame that is out already if it is large enough, else
   * gives it back and hands out another.
   *
   * @param held the frame, or null
   * @return as {@link #acquire(int)}; when it is null, {@code held} is still out
   */
  public Frame acquire(int length, Frame held) {
    if (held != null && length <= held.room()) {
      held.begin(length);
      return held;
    }
    Frame frame = acquire(length);
    if (frame != null && held != null) {
      release(held);
    }
    return frame;
  }

  /** Takes a frame back; one of another pool goes back there. */
  public void release(Frame frame) {
    if (frame.pool == this) {
      take(frame);
    } else {
      giveBack(frame);
    }
  }

  /** Gives a frame back to the pool it is from; any thread that has it. */
  public static void giveBack(Frame frame) {
    if (!frame.pool.returned.offer(frame)) {
      throw new IllegalStateException("a frame was given back twice");
    }
  }

  private void take(Frame frame) {
    SizeClass home = frame.sizeClass == 0 ? smallest : classes[frame.sizeClass];
    home.free[home.left++] = frame;
    out--;
  }

  private static int sizeClass(int length) {
    int sizeClass = 0;
    while (ROOM[sizeClass] < length) {
      sizeClass++;
    }
    return sizeClass;
  }

  private SizeClass of(int sizeClass) {
    SizeClass there = classes[sizeClass];
    if (there == null) {
      there = create(sizeClass);
      classes[sizeClass] = there;
      smallest = classes[0];
    }
    return there;
  }

  private SizeClass create(int sizeClass) {
    int count = count(sizeClass);
    long size = bufferSize(sizeClass);
    long base;
    try {
      base = region.allocate(size * count, LINE);
    } catch (OutOfRegionException e) {
      return new SizeClass(new Frame[0], 0);
    }
    Frame[] frames = new Frame[count];
    for (int i = 0; i < count; i++) {
      // The first to be handed out is the last in the array.
      long start = base + (count - 1 - i) * size;
      frames[i] = new Frame(this, start, start + HEADROOM + ROOM[sizeClass], sizeClass);
    }
    return new SizeClass(frames, base);
  }

  private int count(int sizeClass) {
    return sizeClass == 0 ? small : Math.min(small, LARGE_FRAMES);
  }

  private static long bufferSize(int sizeClass) {
    return ((HEADROOM + ROOM[sizeClass] + LINE - 1) / LINE | 1L) * LINE;
  }

  /**
   * Gives the memory back to the region.
   *
   * @throws IllegalStateException when a frame is still out
   */
  @Override
  public void close() {
    reclaim();
    if (out != 0) {
      throw new IllegalStateException(out + " frames are still out");
    }
    for (int sizeClass = 0; sizeClass < ROOM.length; sizeClass++) {
      SizeClass each = classes[sizeClass];
      if (each != null && each.free.length > 0) {
        region.free(each.memory, bufferSize(sizeClass) * each.free.length);
      }
    }
    Arrays.fill(classes, null);
    smallest = null;
  }
}
