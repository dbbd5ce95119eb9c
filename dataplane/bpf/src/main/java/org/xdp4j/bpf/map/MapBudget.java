package org.xdp4j.bpf.map;

import java.util.concurrent.atomic.AtomicLong;
import org.xdp4j.bpf.memory.Allowance;

/**
 * How much memory some maps may take together: keys and values in the region, and what their
 * indexes take of the Java heap. A map that would go beyond is not made; one that grows as it is
 * filled ({@code LPM_TRIE}) answers -ENOMEM, as in Linux where the memory of a cgroup is used up.
 * Any thread.
 */
public final class MapBudget implements Allowance {
  private volatile long limit;
  private final AtomicLong used = new AtomicLong();

  /**
   * @param limit bytes
   * @throws IllegalArgumentException when it is negative
   */
  public MapBudget(long limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("maps cannot share " + limit + " bytes");
    }
    this.limit = limit;
  }

  /** One that is never used up. */
  public static MapBudget unlimited() {
    return new MapBudget(Long.MAX_VALUE);
  }

  /** Bytes that all maps may take. */
  public long limit() {
    return limit;
  }

  /**
   * Sets another limit, for what is made from now on. Maps that take more already keep it: nothing
   * is made until enough is given back.
   */
  public void setLimit(long bytes) {
    limit = bytes;
  }

  /** Bytes they take now. */
  public long used() {
    return used.get();
  }

  /**
   * @throws OverBudgetException when there is not as much left
   */
  void take(long bytes) {
    if (!tryTake(bytes)) {
      throw new OverBudgetException(
          "of %s that maps may take together, %s are left, and it needs more"
              .formatted(size(limit), size(Math.max(0, limit - used.get()))));
    }
  }

  @Override
  public boolean tryTake(long bytes) {
    return tryTake(bytes, limit);
  }

  /** The same for what a map can do without: half of everything is left for what none can. */
  boolean trySpare(long bytes) {
    return tryTake(bytes, limit / 2);
  }

  /** Counts what is taken already, even beyond the limit. */
  void force(long bytes) {
    used.addAndGet(bytes);
  }

  private boolean tryTake(long bytes, long most) {
    long before;
    do {
      before = used.get();
      if (bytes > most - before) {
        return false;
      }
    } while (!used.compareAndSet(before, before + bytes));
    return true;
  }

  @Override
  public void give(long bytes) {
    used.addAndGet(-bytes);
  }

  private static String size(long bytes) {
    String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    double amount = bytes;
    while (amount >= 1024 && unit < units.length - 1) {
      amount /= 1024;
      unit++;
    }
    String text = "%.1f".formatted(amount).replace(".0", "");
    return text + " " + units[unit];
  }
}
