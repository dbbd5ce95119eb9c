package org.xdp4j.net.stack;

import org.xdp4j.net.route.NextHop;

/** What the short way knows of a next hop: the link header to it, and the packets it takes. */
final class ExpressHop {
  NextHop hop;

  /** When that was found out; it holds for no longer than the period lasts. */
  long period;

  int port;
  int mtu;

  /** The first eight bytes of the link header, and the four that follow. */
  long header;

  int rest;

  /** One for each place that next hops have. */
  static ExpressHop[] table() {
    ExpressHop[] table = new ExpressHop[NextHop.PLACES];
    for (int i = 0; i < table.length; i++) {
      table[i] = new ExpressHop();
    }
    return table;
  }

  void set(Interface out, long mac) {
    port = out.port;
    mtu = out.mtu;
    header = mac << 16 | out.mac >>> 32;
    rest = (int) out.mac;
  }
}
