package org.xdp4j.engine.frame;

import java.util.Arrays;

/**
 * One frame and what is known about it. The fields are public because every step of a frame's way
 * reads or writes some of them; whoever holds the frame owns it.
 */
public final class Frame {
  /** The buffer, as addresses in the region. */
  public final long start;

  public final long end;

  /** The frame's metadata, first byte, and one past its last byte. */
  public long dataMeta;

  public long data;
  public long dataEnd;

  /** Bytes the wire carried beyond those at hand: a capture may have kept less. */
  public int cutBytes;

  /** When it was seen: nanoseconds since 1970, as its capture says. */
  public long timestamp;

  /** The same on a clock that never goes back, for programs. */
  public long nanos;

  /** Its place among the frames of this run, from 0. */
  public long sequence;

  /** The interface it came in on, from 1. */
  public int ingress;

  /** What the program returned. */
  public int verdict;

  /** What is to become of it: one of {@link Fate}. */
  public int fate;

  /** The interface it leaves by when it is transmitted; 0 for the one it came in on. */
  public int egress;

  /** Interfaces a broadcast goes to, in {@link #targets}; 0 when it is none. */
  public int targetCount;

  /** Grows with the largest broadcast; kept for the next. */
  public int[] targets;

  final int sizeClass;

  Frame(long start, long end, int sizeClass) {
    this.start = start;
    this.end = end;
    this.sizeClass = sizeClass;
  }

  /** Bytes of the frame. */
  public int length() {
    return (int) (dataEnd - data);
  }

  /** Bytes it has on the wire. */
  public int wireLength() {
    return length() + cutBytes;
  }

  /** Bytes a frame may have in this buffer, behind the headroom. */
  public int room() {
    return (int) (end - start) - FramePool.HEADROOM;
  }

  /** Makes room for a frame of {@code length} bytes behind the headroom, with nothing known. */
  public void begin(int length) {
    data = start + FramePool.HEADROOM;
    dataMeta = data;
    dataEnd = data + length;
    cutBytes = 0;
    egress = 0;
    targetCount = 0;
  }

  /** Adds an interface that a broadcast goes to. */
  public void addTarget(int ifindex) {
    if (targets == null) {
      targets = new int[8];
    } else if (targetCount == targets.length) {
      targets = Arrays.copyOf(targets, 2 * targetCount);
    }
    targets[targetCount++] = ifindex;
  }
}
