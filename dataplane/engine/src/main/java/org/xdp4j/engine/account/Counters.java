package org.xdp4j.engine.account;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One thread's counters. That thread alone adds to them; any thread may read them at any time and
 * sees values the owner wrote, perhaps not the latest.
 *
 * <pre>
 *  64 bytes of padding | Counter ... | DropReason ... | 64 bytes of padding
 * </pre>
 */
public final class Counters {
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PADDING = 8;
  private static final int DROPS = PADDING + Counter.count();

  private final long[] values = new long[DROPS + DropReason.count() + PADDING];

  /** Adds; the owner's thread only. */
  public void add(Counter counter, long amount) {
    addAt(PADDING + counter.ordinal(), amount);
  }

  /** Counts frames dropped, and their bytes; the owner's thread only. */
  public void drop(DropReason reason, long frames, long bytes) {
    addAt(DROPS + reason.ordinal(), frames);
    add(Counter.DROPPED_BYTES, bytes);
  }

  private void addAt(int index, long amount) {
    ELEMENT.setOpaque(values, index, values[index] + amount);
  }

  /** The value now. */
  public long get(Counter counter) {
    return (long) ELEMENT.getOpaque(values, PADDING + counter.ordinal());
  }

  /** Frames dropped for this reason by now. */
  public long dropped(DropReason reason) {
    return (long) ELEMENT.getOpaque(values, DROPS + reason.ordinal());
  }
}
