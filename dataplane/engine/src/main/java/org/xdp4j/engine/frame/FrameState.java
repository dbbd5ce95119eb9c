package org.xdp4j.engine.frame;

import org.xdp4j.net.wire.PacketBuffer;

/**
 * What every frame's way reads and writes. In a class of its own because the JVM puts the fields of
 * a class together, behind those of its superclass: so these and the bounds are in two cache lines
 * of a frame, and what few frames need is in others.
 */
abstract sealed class FrameState extends PacketBuffer permits Frame {
  /** The interface it came in on, from 1. */
  public int ingress;

  /** The frame's metadata. */
  public long dataMeta;

  /** When its worker received it, on the clock of {@link System#nanoTime}. */
  public long received;

  /** When it was seen, on a clock that never goes back, for programs. */
  public long nanos;

  /** What the program returned. */
  public int verdict;

  /** What is to become of it: one of {@link Fate}. */
  public int fate;

  /** The interface it leaves by when it is transmitted; 0 for the one it came in on. */
  public int egress;

  /** The number of the story that is written down about its way; 0 for none. */
  public int story;

  FrameState(long start, long end) {
    super(start, end);
  }
}
