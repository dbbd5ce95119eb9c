package org.xdp4j.net.stack;

import org.xdp4j.net.police.TokenBucket;

/**
 * How many errors may be sent, as the router's settings say at the time (RFC 1812, section 4.3.2.8;
 * RFC 4443, section 2.4 (f)). Owned by one worker.
 */
final class ErrorLimit {
  private final StackContext context;
  private RouterSettings of;
  private TokenBucket bucket;

  ErrorLimit(StackContext context) {
    this.context = context;
  }

  /** Whether one more may be sent now. */
  boolean take() {
    RouterSettings settings = context.settings;
    if (of != settings) {
      boolean isSame =
          of != null
              && of.icmpRate() == settings.icmpRate()
              && of.icmpBurst() == settings.icmpBurst();
      bucket = isSame ? bucket : new TokenBucket(settings.icmpRate(), settings.icmpBurst());
      of = settings;
    }
    return bucket.take(1, context.now);
  }
}
