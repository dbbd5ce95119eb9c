package org.xdp4j.net.stack;

import java.util.EnumMap;
import java.util.Map;
import org.xdp4j.net.police.TokenBucket;

/**
 * How many errors may be sent, as the router's settings say at the time (RFC 1812, section 4.3.2.8;
 * RFC 4443, section 2.4 (f)). Owned by one worker.
 *
 * <p>Each kind has a rate of its own: whoever sends packets that expire must not keep others from
 * being told how large their packets may be, without which path MTU discovery fails. And no host
 * (IPv6: no /64) gets more than half of a kind's rate, so that one alone does not use it up.
 */
final class ErrorLimit {
  /** What errors are counted as. */
  enum Kind {
    /** What path MTU discovery lives on (RFC 1191, RFC 8201). */
    TOO_BIG,
    /** One a second is enough for a host to learn a better way; it may choose not to. */
    REDIRECT,
    OTHER
  }

  private static final long SECOND = 1_000_000_000L;

  private final StackContext context;
  private final Map<Kind, TokenBucket> buckets = new EnumMap<>(Kind.class);
  private final Map<Kind, HostShares> shares = new EnumMap<>(Kind.class);
  private RouterSettings of;

  ErrorLimit(StackContext context) {
    this.context = context;
    for (Kind kind : Kind.values()) {
      shares.put(kind, new HostShares());
    }
  }

  /**
   * Whether one more may be sent now.
   *
   * @param host whom it goes to
   * @param about for a redirect, the destination it is about
   */
  boolean take(Kind kind, long host, long about) {
    RouterSettings settings = context.settings;
    if (of != settings) {
      change(settings);
    }
    HostShares hosts = shares.get(kind);
    int slot = hosts.slot(host, kind == Kind.REDIRECT ? about : 0);
    long now = context.now;
    if (!hosts.mayTake(slot, now) || !buckets.get(kind).take(1, now)) {
      return false;
    }
    hosts.take(slot, now);
    return true;
  }

  private void change(RouterSettings settings) {
    boolean isSame =
        of != null
            && of.icmpRate() == settings.icmpRate()
            && of.icmpBurst() == settings.icmpBurst();
    of = settings;
    if (isSame) {
      return;
    }
    for (Kind kind : Kind.values()) {
      buckets.put(kind, new TokenBucket(settings.icmpRate(), settings.icmpBurst()));
      if (kind == Kind.REDIRECT) {
        shares.get(kind).limit(SECOND, 1);
      } else {
        shares.get(kind).limit(2 * SECOND / settings.icmpRate(), (settings.icmpBurst() + 1) / 2);
      }
    }
  }
}
