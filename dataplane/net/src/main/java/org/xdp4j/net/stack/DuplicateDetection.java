package org.xdp4j.net.stack;

import java.security.SecureRandom;

/**
 * Checks that nobody on the link has our new addresses (RFC 4862, section 5.4; RFC 5227, section
 * 2.1) before they are used. Owned by one worker; an address says whose turn it is.
 *
 * <pre>
 *  IPv4   0-1 s  probe  1-2 s  probe  1-2 s  probe  2 s  use it, announce  2 s  announce
 *  IPv6   0-1 s  probe  1 s    use it
 * </pre>
 */
final class DuplicateDetection {
  private static final long SECOND = 1_000_000_000L;

  /** PROBE_WAIT (RFC 5227) and MAX_RTR_SOLICITATION_DELAY (RFC 4861): stations do not meet. */
  private static final long FIRST_WAIT = SECOND;

  /** DupAddrDetectTransmits (RFC 4862) and PROBE_NUM (RFC 5227). */
  private static final int PROBES_6 = 1;

  private static final int PROBES_4 = 3;
  private static final int ANNOUNCEMENTS_4 = 2;

  /** PROBE_MIN and PROBE_MAX less it; ANNOUNCE_WAIT and ANNOUNCE_INTERVAL (RFC 5227). */
  private static final long PROBE_INTERVAL = SECOND;

  private static final long PROBE_SPREAD = SECOND;
  private static final long ANNOUNCE_WAIT = 2 * SECOND;

  /** RetransTimer (RFC 4862). */
  private static final long PROBE_INTERVAL_6 = SECOND;

  private static final long NONCE_MASK = (1L << 48) - 1;

  private final StackContext context;
  private final ArpSender arp;
  private final NdSender nd;
  private final SecureRandom random = new SecureRandom();

  DuplicateDetection(StackContext context, ArpSender arp, NdSender nd) {
    this.context = context;
    this.arp = arp;
    this.nd = nd;
  }

  void tick() {
    for (Interface each : context.topology.interfaces()) {
      if (!context.canSpeak(each)) {
        continue;
      }
      for (InterfaceAddress address : each.ipv4) {
        check4(each, address);
      }
      for (InterfaceAddress address : each.ipv6) {
        check6(each, address);
      }
    }
  }

  private void check4(Interface on, InterfaceAddress address) {
    int step = address.nextStep(context.now);
    if (step == InterfaceAddress.NOTHING) {
      return;
    }
    int own = address.address().ipv4();
    if (step == 0) {
      address.setDue(context.now + spread(on, address, step, FIRST_WAIT));
    } else if (step <= PROBES_4) {
      arp.probe(on, own);
      long next = PROBE_INTERVAL + spread(on, address, step, PROBE_SPREAD);
      address.setDue(context.now + (step < PROBES_4 ? next : ANNOUNCE_WAIT));
    } else if (address.prefer()) {
      arp.announce(on, own);
      address.setDue(context.now + ANNOUNCE_WAIT);
      if (step >= PROBES_4 + ANNOUNCEMENTS_4) {
        address.finish();
      }
    }
  }

  private void check6(Interface on, InterfaceAddress address) {
    int step = address.nextStep(context.now);
    if (step == InterfaceAddress.NOTHING) {
      return;
    }
    if (step == 0) {
      address.setDue(context.now + spread(on, address, step, FIRST_WAIT));
    } else if (step <= PROBES_6) {
      address.setNonce(random.nextLong() & NONCE_MASK);
      nd.probe(on, address.address(), address.nonce());
      address.setDue(context.now + PROBE_INTERVAL_6);
    } else if (address.prefer()) {
      address.finish();
    }
  }

  /**
   * From nothing to {@code span}, differently for each station, address and step, and the same
   * whenever it is done again.
   */
  private static long spread(Interface on, InterfaceAddress address, int step, long span) {
    long mixed = on.mac * 0x9E3779B97F4A7C15L ^ address.address().high();
    mixed = (mixed ^ mixed >>> 32) * 0xD6E8FEB86659FD93L ^ address.address().low() + step;
    mixed = (mixed ^ mixed >>> 29) * 0x9E3779B97F4A7C15L;
    return (mixed >>> 33) * span >>> 31;
  }
}
