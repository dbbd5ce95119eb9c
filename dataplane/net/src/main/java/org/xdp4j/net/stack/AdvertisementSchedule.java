package org.xdp4j.net.stack;

import java.util.List;
import org.xdp4j.net.wire.IpPrefix;

/**
 * When an interface's next router advertisement is due (RFC 4861, sections 6.2.4 and 6.2.6). Shared
 * by workers; whoever is told that it is due sends it.
 */
final class AdvertisementSchedule {
  private static final long SECOND = 1_000_000_000L;
  private static final long MIN_INTERVAL = 200 * SECOND;
  private static final long MAX_INTERVAL = 600 * SECOND;
  private static final long INITIAL_INTERVAL = 16 * SECOND;
  private static final int INITIAL = 3;
  private static final long MIN_DELAY_BETWEEN = 3 * SECOND;

  /** MAX_RA_DELAY_TIME: routers of one link must not all answer at once. */
  private static final long MAX_ANSWER_DELAY = SECOND / 2;

  private long next = Long.MIN_VALUE;
  private long last = Long.MIN_VALUE / 2;
  private int sent;
  private final Chance chance;
  private Interface seen;
  private List<IpPrefix> told;

  /** Makes one for the station with this hardware address. */
  AdvertisementSchedule(long mac) {
    chance = new Chance(mac);
  }

  /** Whether one is to be sent now. */
  synchronized boolean isDue(Interface out, long now) {
    if (seen != out) {
      look(out, now);
    }
    if (now < next) {
      return false;
    }
    last = now;
    sent++;
    long spread = chance.below(MAX_INTERVAL - MIN_INTERVAL);
    next = now + (sent < INITIAL ? INITIAL_INTERVAL : MIN_INTERVAL + spread);
    return true;
  }

  /** An interface with other prefixes tells them as a new one does (section 6.2.4). */
  private void look(Interface out, long now) {
    List<IpPrefix> prefixes = RouterAdvertiser.prefixes(out);
    if (told != null && !told.equals(prefixes)) {
      sent = 0;
      sendAt(now, now);
    }
    seen = out;
    told = prefixes;
  }

  /** A host asked: all are told soon, but not sooner after the last time than is allowed. */
  synchronized void solicited(long now) {
    sendAt(now, now + chance.below(MAX_ANSWER_DELAY));
  }

  private void sendAt(long now, long time) {
    if (next > now) {
      next = Math.min(next, Math.max(time, last + MIN_DELAY_BETWEEN));
    }
  }
}
