package org.xdp4j.net.stack;

import java.util.Map;

/** Where Linux (6.18) does something else with a frame than we do, and why that is so. */
final class KernelDifferences {
  private static final String NO_STATION =
      "No station has such an address (RFC 1122, 3.2.1.3; RFC 1812, 5.3.7): dropped in silence."
          + " Linux has taken 0.0.0.0/8 and 240.0.0.0/4 for ordinary addresses since 5.3 and"
          + " 2.6.25.";

  private static final String SOURCE =
      "An ICMP error comes from an address of the interface it leaves by (RFC 1812, 4.3.2.4)."
          + " Linux sends it from the address that was asked for.";

  private static final String COPIED =
      "Options that are not copied are left out of later fragments (RFC 791, 3.1). Linux writes"
          + " no-operations over them and leaves the header as long as it was.";

  private static final String POINTER =
      "The pointer is at the byte that is wrong, the option's length (RFC 792). Linux points at"
          + " the option's first byte.";

  private static final String UNVISITED =
      "Who has a packet visit where it cannot go is told so (RFC 1812, 5.2.7.1: source route"
          + " failed). Linux drops it in silence.";

  private static final String MAPPED =
      "No packet on a link has such an address (RFC 4291, 2.5.2; RFC 6890): dropped in silence."
          + " To Linux it is one without a route, or like any other.";

  static final Map<String, String> EXPLAINED =
      Map.ofEntries(
          Map.entry(
              "echo zero",
              "The sum of a message that is zero all over is 0, its checksum 0xffff (RFC 1071)."
                  + " Linux updates the request's checksum to 0, which receivers find wrong."),
          Map.entry("fragmented with options", COPIED),
          Map.entry("fragmented with record route", COPIED),
          Map.entry("ipv4 from 0.1.2.3", NO_STATION),
          Map.entry("ipv4 from 240.0.0.1", NO_STATION),
          Map.entry("ipv4 to 0.1.2.3", NO_STATION),
          Map.entry("ipv4 to 240.0.0.1", NO_STATION),
          Map.entry(
              "ipv4 from 169.254.1.1",
              "A router does not forward link-local addresses (RFC 3927, 7). Linux does."),
          Map.entry("ipv4 to 10.0.2.1", SOURCE),
          Map.entry("udp to us far", SOURCE),
          Map.entry("loose to ours", SOURCE),
          Map.entry("loose to a broadcast", UNVISITED),
          Map.entry("loose to nobody", UNVISITED),
          Map.entry("option beyond header", POINTER),
          Map.entry("option length 0", POINTER),
          Map.entry("ipv6 from ::ffff:10.0.1.2", MAPPED),
          Map.entry("ipv6 to ::", MAPPED),
          Map.entry("ipv6 to ::ffff:10.0.2.2", MAPPED));

  private KernelDifferences() {}
}
