package org.xdp4j.engine.port;

import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/** Where frames come from. Owned by one thread. */
public interface Receiver extends AutoCloseable {
  /**
   * Fills frames.
   *
   * @param pool where frames are taken from as needed
   * @param into gets the frames, from index 0. Frames that are there already are used where they
   *     are large enough, and else given back to the pool
   * @param max frames wanted at the most
   * @return how many there are; 0 when there is nothing now or the pool is empty
   */
  int receive(FramePool pool, Frame[] into, int max);

  /** Whether no frame will ever come again. */
  boolean ended();

  /** Gives back what it holds. */
  @Override
  default void close() {}
}
