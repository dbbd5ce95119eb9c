package org.xdp4j.engine.port;

import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/**
 * One queue of a port. Owned by one worker's thread, which never waits in it; {@link #counters} are
 * for any. The pool given is always that worker's. The owner may change, when the one before has
 * done with it, and the pool with it, but where {@link Port#ownersChange} says no.
 *
 * <p>Always: frames {@link #transmit} took + {@link PortCounters#txDoubled} = {@link
 * PortCounters#txFrames} + {@link PortCounters#txErrors} + {@link PortCounters#txLost} + {@link
 * #inFlight}.
 */
public interface PortQueue {
  /**
   * Fills frames with what came in: data, length, time, ingress interface, and what the sender left
   * to a device ({@link Frame#checksumPartial}, {@link Frame#segmentTo}).
   *
   * @param pool where frames are taken from as needed
   * @param into gets the frames, from index 0. Frames that are there already are used where they
   *     are large enough, and else given back to the pool
   * @param max frames wanted at the most
   * @return how many there are; 0 when there is nothing now or the pool is empty
   */
  int receive(FramePool pool, Frame[] into, int max);

  /**
   * Takes frames to be sent: the first of those given, in order. They are the queue's until it
   * gives them back to the pool, which may be before this returns. The others stay the caller's:
   * the queue is full ({@link PortCounters#txFull}).
   *
   * @param frames not null from index 0 to {@code count}
   * @return how many it took
   */
  int transmit(FramePool pool, Frame[] frames, int count);

  /**
   * Sends what was held back to be sent together, and gives frames that are sent back to the pool.
   * To be called once after every round of {@link #transmit} calls, and when idle.
   *
   * @return how much there was to do, 0 when idle
   */
  int poll(FramePool pool);

  /** Frames taken by {@link #transmit} that are not known to be sent yet. */
  int inFlight();

  /**
   * What poll(2) can wait on until a frame comes in, or -1 when there is no such thing. It may
   * change when an interface returns.
   */
  int descriptor();

  /** What was counted here. */
  PortCounters counters();

  /**
   * Ends the queue: what was taken is sent as far as it can be, and every frame that is held, for
   * whatever reason, is given back to the pool. Nothing comes in or goes out afterwards.
   */
  void drain(FramePool pool);
}
