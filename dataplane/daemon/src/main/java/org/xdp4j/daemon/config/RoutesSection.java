package org.xdp4j.daemon.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.ValueType;
import org.xdp4j.daemon.config.schema.Values;

/** {@code [routes]}: lists of routes in files of their own. */
final class RoutesSection {
  static final Section SECTION =
      Section.table(
          "routes",
          "Long lists of routes, in files of their own: a line each, in the words of `ip route`"
              + " (`198.51.100.0/24 via 10.0.2.2`, `2001:db8::/32 via fe80::1 dev wan`, `blackhole"
              + " 192.0.2.0/24`, `203.0.113.0/24 nexthop via 10.0.2.2 weight 2 nexthop via"
              + " 10.0.3.2`); what follows a `#` is skipped. Read again at each reload.");

  private static final Key<List<Located<Path>>> FILES =
      SECTION.required("files", ValueType.nonEmptyListOf(Values.PATH), "The files.");

  private RoutesSection() {}

  static void read(Table root, Scope scope, RouteList routes) {
    Table table = root.table(SECTION).orElse(null);
    if (table == null) {
      return;
    }
    for (Located<Path> each : table.list(FILES)) {
      Path file = scope.resolve(each.value());
      try {
        RouteFile.read(file, scope, routes);
      } catch (IOException e) {
        scope.report(each, FileReference.unreadable(file), "");
      }
    }
  }
}
