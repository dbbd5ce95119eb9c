package org.xdp4j.engine.forward;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.account.DropReason;

/**
 * What one worker counts. Its thread alone writes; any thread may read.
 *
 * <pre>
 *  64 bytes of padding | Total ... | when each engine reason, then each stack reason was last used |
 *  64 bytes of padding
 * </pre>
 */
final class WorkerCounters {
  enum Total {
    RECEIVED,
    RECEIVED_BYTES,
    /** Copies made here. */
    GENERATED,
    /** Frames that ports took, and their bytes. */
    TRANSMITTED,
    TRANSMITTED_BYTES,
    /** Of these, frames that ports gave up since, of ports that are gone. */
    RETIRED_ERRORS,
    RETIRED_PUNT_ERRORS,
    RETIRED_NO_BUFFER,
    RETIRED_RX_LOST,
    RETIRED_RX_DOUBLED,
    RETIRED_TX_LOST,
    RETIRED_TX_DOUBLED,
    PUNTED,
    /** Frames that went to consumers of XSKMAPs. */
    CONSUMED,
    STACK_DROPPED_BYTES,
    /** Frames given to and got from other workers. */
    HANDED_OUT,
    HANDED_IN,
    ROUNDS,
    BUSY_ROUNDS,
    BUSY_NANOS
  }

  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PADDING = 8;
  private static final int ENGINE_SEEN = PADDING + Total.values().length;
  private static final int STACK_SEEN = ENGINE_SEEN + DropReason.count();

  /** Drops of the engine, by reason. */
  final Counters drops = new Counters();

  private final long[] values =
      new long[STACK_SEEN + org.xdp4j.net.stack.DropReason.count() + PADDING];

  void add(Total total, long amount) {
    int index = PADDING + total.ordinal();
    ELEMENT.setOpaque(values, index, values[index] + amount);
  }

  long get(Total total) {
    return (long) ELEMENT.getOpaque(values, PADDING + total.ordinal());
  }

  void drop(DropReason reason, long frames, long bytes, long now) {
    drops.drop(reason, frames, bytes);
    saw(reason, now);
  }

  /** Frames were dropped for a reason, and are counted elsewhere. */
  void saw(DropReason reason, long now) {
    ELEMENT.setOpaque(values, ENGINE_SEEN + reason.ordinal(), now);
  }

  void sawStackDrop(org.xdp4j.net.stack.DropReason reason, long bytes, long now) {
    ELEMENT.setOpaque(values, STACK_SEEN + reason.ordinal(), now);
    add(Total.STACK_DROPPED_BYTES, bytes);
  }

  /** When a reason of the engine was last used, on the clock of {@link System#nanoTime}; or 0. */
  long lastSeen(DropReason reason) {
    return (long) ELEMENT.getOpaque(values, ENGINE_SEEN + reason.ordinal());
  }

  /** The same for a reason of the stack. */
  long lastSeen(org.xdp4j.net.stack.DropReason reason) {
    return (long) ELEMENT.getOpaque(values, STACK_SEEN + reason.ordinal());
  }
}
