package org.xdp4j.engine.account;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;

/**
 * The sums over all threads' counters at one moment.
 *
 * @param counters every counter's sum
 * @param drops frames dropped, by reason; reasons nothing was dropped for are missing
 * @param inFlight frames received or generated that have not ended yet
 */
public record Books(Map<Counter, Long> counters, Map<DropReason, Long> drops, long inFlight) {
  /** Sums up. */
  public static Books of(Collection<Counters> threads, long inFlight) {
    Map<Counter, Long> counters = new EnumMap<>(Counter.class);
    Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
    for (Counters thread : threads) {
      for (Counter counter : Counter.values()) {
        counters.merge(counter, thread.get(counter), Long::sum);
      }
      for (DropReason reason : DropReason.values()) {
        long dropped = thread.dropped(reason);
        if (dropped != 0) {
          drops.merge(reason, dropped, Long::sum);
        }
      }
    }
    return new Books(counters, drops, inFlight);
  }

  /** The sum of one counter. */
  public long get(Counter counter) {
    return counters.getOrDefault(counter, 0L);
  }

  /** Frames dropped for one reason. */
  public long dropped(DropReason reason) {
    return drops.getOrDefault(reason, 0L);
  }

  /** Frames dropped for any reason. */
  public long dropped() {
    return drops.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Frames a program was run on. */
  public long judged() {
    long sum = 0;
    for (int code = -1; code <= 4; code++) {
      sum += get(Counter.ofVerdict(code));
    }
    return sum;
  }

  /** Frames that came in, less frames that ended or are in flight: 0 when the books balance. */
  public long difference() {
    long in = get(Counter.RECEIVED) + get(Counter.GENERATED);
    return in - get(Counter.TRANSMITTED) - get(Counter.DELIVERED) - dropped() - inFlight;
  }

  /**
   * Asserts the balance.
   *
   * @throws UnbalancedException with the books in it, when a frame was lost or counted twice
   */
  public void requireBalance() {
    if (difference() != 0) {
      throw new UnbalancedException(this);
    }
  }

  /** The balance in one line. */
  @Override
  public String toString() {
    return "received %d + generated %d = transmitted %d + delivered %d + dropped %d %s + in flight %d"
        .formatted(
            get(Counter.RECEIVED),
            get(Counter.GENERATED),
            get(Counter.TRANSMITTED),
            get(Counter.DELIVERED),
            dropped(),
            drops,
            inFlight);
  }
}
