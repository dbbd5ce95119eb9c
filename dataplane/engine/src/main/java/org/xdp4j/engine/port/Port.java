package org.xdp4j.engine.port;

import java.util.Map;
import org.xdp4j.net.wire.MacAddress;

/**
 * Where frames come from and go to: an interface of the forwarder. Made and closed on a control
 * thread; its frames are moved by {@link PortQueue}s, each owned by one worker.
 */
public interface Port extends AutoCloseable {
  /** What it is called in configurations, tables and metrics. */
  String name();

  /** The interface index that programs see, from 1. */
  int ifindex();

  /** Its hardware address ({@link MacAddress}). */
  long mac();

  /** The largest IP packet it takes, in bytes. */
  int mtu();

  /**
   * Whether it takes frames whose checksums or segmentation are left to a device. Frames sent to
   * one that does not have to be finished before ({@link Segmenter}).
   */
  default boolean offloads() {
    return false;
  }

  /** How many queues it has, 1 or more. */
  int queues();

  /**
   * One of its queues.
   *
   * @param number from 0
   */
  PortQueue queue(int number);

  /**
   * Whether a queue can be another worker's from one moment to the next, with another pool. Where
   * the pool's memory is the device's too, it cannot.
   */
  default boolean ownersChange() {
    return true;
  }

  /**
   * It is part of what runs now, and the ports it replaces are closed: what opening it left as it
   * was, since it might have been given up again, is changed now or when its queue is next polled.
   */
  default void begin() {}

  /** Whether frames can be moved now. Any thread. */
  PortState state();

  /** How often {@link #state} changed, so that none is missed by whoever looks now and then. */
  default long stateChanges() {
    return 0;
  }

  /** Why it does not work, in words: its interface cannot be attached; or null. Any thread. */
  default String problem() {
    return null;
  }

  /** Whether no frame will ever come again: a capture read to its end. Any thread. */
  default boolean ended() {
    return false;
  }

  /** What it counted by now, over all queues and the kernel's side. Any thread. */
  default PortStatistics statistics() {
    return PortStatistics.of(this);
  }

  /**
   * Frames that the kernel dropped before they came here, where it tells, by the name of what was
   * too small or too slow. Any thread.
   */
  default Map<String, Long> kernelDropsByName() {
    return Map.of();
  }

  /** The sum of {@link #kernelDropsByName}. */
  default long kernelDrops() {
    return kernelDropsByName().values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Gives back what it holds of the system, once no worker uses its queues any more ({@link
   * PortQueue#drain}).
   */
  @Override
  void close();
}
