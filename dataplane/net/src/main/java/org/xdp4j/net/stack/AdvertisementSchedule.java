package org.xdp4j.net.stack;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.net.wire.IpPrefix;

/**
 * When an interface's next router advertisement is due (RFC 4861, sections 6.2.4 and 6.2.6), and
 * which prefixes it takes back. Shared by workers; whoever is told that it is due sends it.
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
  private Interface owner;
  private boolean begun;
  private boolean changed;
  private boolean ended;

  /** Prefixes that are no longer on the link, and how often that is still to be said. */
  private final Map<IpPrefix, Integer> withdrawn = new LinkedHashMap<>();

  AdvertisementSchedule(Interface owner) {
    this.owner = owner;
    chance = new Chance(owner.mac);
  }

  /**
   * Goes on for an interface that takes the place of the one before. With other prefixes it tells
   * them as a new one does (section 6.2.4), and takes back those it told before (section 6.2.5).
   */
  synchronized void setOwner(Interface fresh) {
    List<IpPrefix> before = RouterAdvertiser.prefixes(owner);
    List<IpPrefix> after = RouterAdvertiser.prefixes(fresh);
    if (owner.advertise && begun) {
      before.forEach(prefix -> withdrawn.put(prefix, INITIAL));
    }
    withdrawn.keySet().removeIf(prefix -> !fresh.advertise || after.contains(prefix));
    changed |=
        !before.equals(after)
            || !keepsSource(owner, fresh)
            || owner.mtu != fresh.mtu
            || owner.forwarding != fresh.forwarding
            || owner.advertise != fresh.advertise;
    ended &= !fresh.advertise;
    owner = fresh;
  }

  /**
   * Whether hosts that know an interface by the address it advertises from find it by that after a
   * change, too. Else they are told from the old one that there is no router by it (section 6.2.8).
   */
  static boolean keepsSource(Interface old, Interface fresh) {
    InterfaceAddress source = old.linkLocal6();
    return source == null || fresh.find6(source.address().high(), source.address().low()) != null;
  }

  /** Whether hosts have been told of the interface, and nothing since. */
  synchronized boolean isKnown() {
    return begun && !ended;
  }

  /** None is due any more; says whether there has been one, so that hosts are to be told. */
  synchronized boolean end() {
    boolean known = isKnown();
    ended = true;
    return known;
  }

  /** Whether one is to be sent now. */
  synchronized boolean isDue(Interface out, long now) {
    if (out != owner || ended) {
      return false;
    }
    if (changed) {
      changed = false;
      sent = 0;
      sendAt(now, now);
    }
    if (now < next) {
      return false;
    }
    last = now;
    sent++;
    begun = true;
    long spread = chance.below(MAX_INTERVAL - MIN_INTERVAL);
    next = now + (sent < INITIAL ? INITIAL_INTERVAL : MIN_INTERVAL + spread);
    return true;
  }

  /** The prefixes that the one that is due takes back. */
  synchronized List<IpPrefix> takeWithdrawn() {
    List<IpPrefix> now = List.copyOf(withdrawn.keySet());
    withdrawn.replaceAll((prefix, times) -> times - 1);
    withdrawn.values().removeIf(times -> times == 0);
    return now;
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
