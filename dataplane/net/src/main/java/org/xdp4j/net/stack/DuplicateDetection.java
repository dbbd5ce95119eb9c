package org.xdp4j.net.stack;

/**
 * Checks that nobody on the link has our new addresses (RFC 4862, section 5.4; RFC 5227, section
 * 2.1) before they are used. Owned by one worker; an address says whose turn it is.
 */
final class DuplicateDetection {
  private static final long SECOND = 1_000_000_000L;

  /** DupAddrDetectTransmits (RFC 4862) and PROBE_NUM (RFC 5227). */
  private static final int PROBES_6 = 1;

  private static final int PROBES_4 = 3;
  private static final int ANNOUNCEMENTS_4 = 2;

  private final StackContext context;
  private final ArpSender arp;
  private final NdSender nd;

  DuplicateDetection(StackContext context, ArpSender arp, NdSender nd) {
    this.context = context;
    this.arp = arp;
    this.nd = nd;
  }

  void tick() {
    for (Interface each : context.topology.interfaces()) {
      if (!each.isUp()) {
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
    if (address.state() != InterfaceAddress.State.TENTATIVE) {
      return;
    }
    int sent = address.nextProbe(context.now, SECOND);
    if (sent < 0) {
      return;
    }
    if (sent < PROBES_4) {
      arp.probe(on, address.address().ipv4());
      return;
    }
    address.setState(InterfaceAddress.State.PREFERRED);
    for (int i = 0; i < ANNOUNCEMENTS_4; i++) {
      arp.announce(on, address.address().ipv4());
    }
  }

  private void check6(Interface on, InterfaceAddress address) {
    if (address.state() != InterfaceAddress.State.TENTATIVE) {
      return;
    }
    int sent = address.nextProbe(context.now, SECOND);
    if (sent >= 0 && sent < PROBES_6) {
      nd.probe(on, address.address());
    } else if (sent >= 0) {
      address.setState(InterfaceAddress.State.PREFERRED);
    }
  }
}
