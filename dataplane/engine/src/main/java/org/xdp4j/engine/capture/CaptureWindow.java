package org.xdp4j.engine.capture;

import java.lang.foreign.MemorySegment;

/**
 * Memory that captures are read into, given by whoever reads them so that frames come to lie where
 * they are wanted. Readers use it one after the other, never two at a time; one that meets
 * something larger takes memory of its own.
 *
 * @param memory what {@link CaptureReader#memory} then is
 * @param start the first byte to use
 * @param size bytes to use
 */
public record CaptureWindow(MemorySegment memory, long start, long size) {
  /**
   * Bytes that are enough to be fast: many records at once, and few enough that they are still in a
   * core's own cache when they are looked at.
   */
  public static final int SIZE = 1 << 19;
}
