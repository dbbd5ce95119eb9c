package org.xdp4j.net.stack;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One stack's books. Its thread alone writes; any thread may read at any time.
 *
 * <pre>
 *  64 bytes of padding | Total ... | DropReason ... | PuntReason ... | 64 bytes of padding
 * </pre>
 */
public final class StackCounters {
  /** What is counted beside reasons. */
  public enum Total {
    RECEIVED,
    GENERATED,
    TRANSMITTED,
    DELIVERED,
    /** Held now, not in all. */
    HELD,
    /** ICMP errors not sent because of the rate limit. */
    ICMP_LIMITED,
    /** Messages not sent for want of a packet to put them in. */
    NO_BUFFER
  }

  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PADDING = 8;
  private static final int DROPS = PADDING + Total.values().length;
  private static final int PUNTS = DROPS + DropReason.count();

  private final long[] values = new long[PUNTS + PuntReason.count() + PADDING];

  void add(Total total, long amount) {
    addAt(PADDING + total.ordinal(), amount);
  }

  void drop(DropReason reason) {
    addAt(DROPS + reason.ordinal(), 1);
  }

  void punt(PuntReason reason) {
    addAt(PUNTS + reason.ordinal(), 1);
  }

  private void addAt(int index, long amount) {
    ELEMENT.setOpaque(values, index, values[index] + amount);
  }

  private long at(int index) {
    return (long) ELEMENT.getOpaque(values, index);
  }

  /** The value now. */
  public long get(Total total) {
    return at(PADDING + total.ordinal());
  }

  /** Packets dropped for this reason. */
  public long dropped(DropReason reason) {
    return at(DROPS + reason.ordinal());
  }

  /** Packets punted for this reason. */
  public long punted(PuntReason reason) {
    return at(PUNTS + reason.ordinal());
  }

  /** Packets dropped for any reason. */
  public long dropped() {
    long sum = 0;
    for (int i = DROPS; i < PUNTS; i++) {
      sum += at(i);
    }
    return sum;
  }

  /** Packets punted for any reason. */
  public long punted() {
    long sum = 0;
    for (int i = PUNTS; i < PUNTS + PuntReason.count(); i++) {
      sum += at(i);
    }
    return sum;
  }

  /** Packets that came, less packets that ended or are held: 0 between calls of the stack. */
  public long difference() {
    return get(Total.RECEIVED)
        + get(Total.GENERATED)
        - get(Total.TRANSMITTED)
        - get(Total.DELIVERED)
        - get(Total.HELD)
        - dropped()
        - punted();
  }

  /** The balance in one line, with the reasons for which packets were dropped. */
  @Override
  public String toString() {
    StringBuilder reasons = new StringBuilder();
    for (DropReason reason : DropReason.values()) {
      if (dropped(reason) != 0) {
        reasons.append(' ').append(reason.label()).append('=').append(dropped(reason));
      }
    }
    return "received %d + generated %d = transmitted %d + delivered %d + punted %d + dropped %d [%s] + held %d"
        .formatted(
            get(Total.RECEIVED),
            get(Total.GENERATED),
            get(Total.TRANSMITTED),
            get(Total.DELIVERED),
            punted(),
            dropped(),
            reasons.toString().strip(),
            get(Total.HELD));
  }
}
