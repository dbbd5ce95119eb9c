package org.xdp4j.net.route;

/**
 * Destinations that will be looked up soon. Looking them up together, which changes nothing, brings
 * what each needs of the tables into the cache: a loop of few instructions has the loads of a dozen
 * look-ups under way at once, which one that does more for each has not. Owned by one thread.
 */
public final class Destinations {
  private int[] ipv4 = {};
  private long[] highs = {};
  private long[] lows = {};
  private Object[] found = {};
  private int count4;
  private int count6;

  /** The first IPv6 destination that has not been recalled. */
  private int next6;

  /** Sums of what was found; keeps the looks from being left out. */
  private long seen;

  /** Forgets all; has room for a number of each family. */
  public void begin(int most) {
    if (ipv4.length < most) {
      ipv4 = new int[most];
      highs = new long[most];
      lows = new long[most];
      found = new Object[most];
    }
    count4 = 0;
    count6 = 0;
    next6 = 0;
  }

  /** Adds an IPv4 destination. */
  public void add(int destination) {
    ipv4[count4++] = destination;
  }

  /** Adds an IPv6 destination. */
  public void add(long high, long low) {
    highs[count6] = high;
    lows[count6++] = low;
  }

  /** Looks all up in the tables that are large enough for it. */
  public void expect(Fib table4, Fib table6) {
    if (count4 > 0 && table4.isLarge()) {
      seen += table4.expect(ipv4, count4);
    }
    if (count6 > 0 && table6.isLarge()) {
      seen += table6.expect(highs, lows, found, count6);
    } else {
      count6 = 0;
    }
  }

  /**
   * What {@link Fib#onlyHop(long, long)} says of an IPv6 destination: as it was found out together
   * with the others when they are asked for in their order, so that nothing is looked up twice.
   */
  public NextHop onlyHop(Fib table6, long high, long low) {
    for (int i = next6; i < count6; i++) {
      if (lows[i] == low && highs[i] == high) {
        next6 = i + 1;
        return found[i] == null ? null : ((Way) found[i]).only;
      }
    }
    return table6.onlyHop(high, low);
  }

  @Override
  public String toString() {
    return count4 + " and " + count6 + " destinations, " + seen + " found";
  }
}
