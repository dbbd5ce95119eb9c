package org.xdp4j.daemon.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.engine.plan.NeighborPlan;
import org.xdp4j.net.wire.IpAddress;

/** {@code [[neighbor]]}. */
final class NeighborSection {
  static final Section SECTION =
      Section.list("neighbor", "A hardware address that is known and never asked for.");

  private static final Key<IpAddress> ADDRESS =
      SECTION.required("address", Values.ADDRESS, "Its IP address.");
  private static final Key<Long> MAC = SECTION.required("mac", Values.MAC, "Its hardware address.");
  private static final Key<String> INTERFACE =
      SECTION.optional(
          "interface",
          Values.NAME_OF_SECTION,
          "the interface on whose network it is",
          "The interface on whose link it is.");

  private NeighborSection() {}

  /**
   * Reads them.
   *
   * @param most entries of the neighbour table, which has to have room for them all
   */
  static List<NeighborPlan> read(Table root, Scope scope, RouteList routes, int most) {
    List<NeighborPlan> neighbors = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Table table : root.tables(SECTION)) {
      Located<IpAddress> address = table.find(ADDRESS).orElse(null);
      Long mac = table.get(MAC);
      Located<String> on = table.find(INTERFACE).orElse(null);
      if (address == null || mac == null || on != null && !scope.hasInterface(on)) {
        continue;
      }
      String found = on != null ? on.value() : routes.interfaceOf(address.value());
      if (found == null) {
        scope.report(
            address, address.value() + " is on no interface's network", "say which with interface");
      } else if (routes.isOwn(address.value())) {
        scope.report(address, address.value() + " is this router's own address", "");
      } else if (!seen.add(found + " " + address.value())) {
        scope.report(address, address.value() + " is named twice", "");
      } else if (seen.size() == most + 1) {
        scope.report(
            address,
            "the neighbour table has only " + most + " entries, and this is one more",
            "raise limits.neighbors");
      } else {
        neighbors.add(new NeighborPlan(found, address.value(), mac));
      }
    }
    return neighbors;
  }
}
