package org.xdp4j.net.stack;

/** When an interface's next router advertisement is due (RFC 4861, sections 6.2.4 and 6.2.6). */
final class AdvertisementSchedule {
  private static final long SECOND = 1_000_000_000L;
  private static final long MIN_INTERVAL = 200 * SECOND;
  private static final long MAX_INTERVAL = 600 * SECOND;
  private static final long INITIAL_INTERVAL = 16 * SECOND;
  private static final int INITIAL = 3;
  private static final long MIN_DELAY_BETWEEN = 3 * SECOND;

  private long next = Long.MIN_VALUE;
  private long last = Long.MIN_VALUE / 2;
  private int sent;

  /** Whether one is to be sent now; whoever is told so sends it. */
  synchronized boolean isDue(long now) {
    if (now < next) {
      return false;
    }
    take(now);
    return true;
  }

  /** Whether a solicitation is to be answered now; whoever is told so answers. */
  synchronized boolean mayAnswer(long now) {
    if (now - last < MIN_DELAY_BETWEEN) {
      return false;
    }
    take(now);
    return true;
  }

  private void take(long now) {
    last = now;
    sent++;
    // Spread over the interval, differently each time.
    long spread = Math.floorMod(sent * 0x9E3779B97F4A7C15L, MAX_INTERVAL - MIN_INTERVAL);
    next = now + (sent < INITIAL ? INITIAL_INTERVAL : MIN_INTERVAL + spread);
  }
}
