package org.xdp4j.daemon.config;

import java.util.List;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.engine.plan.InterfacePlan;

/** {@code [punt]} and {@code [mirror]}: ports that get what is not forwarded. */
final class PuntSection {
  static final Section PUNT =
      Section.table(
          "punt",
          "Who gets what is for this router but not for its stack, like routing protocols. Without"
              + " it, senders are refused as by a host: ICMP port or protocol unreachable, a TCP"
              + " reset.");
  private static final Key<String> PUNT_PORT =
      PUNT.required(
          "port", Values.NAME_OF_SECTION, "The port that gets it; no interface is on it.");

  static final Section MIRROR =
      Section.table("mirror", "Who gets copies of what comes in on interfaces with `mirror`.");
  private static final Key<String> MIRROR_PORT =
      MIRROR.required(
          "port",
          Values.NAME_OF_SECTION,
          "The port that gets them, often a `capture-out`; no interface is on it.");

  private PuntSection() {}

  /** The punt port's name, or null. */
  static String readPunt(Table root, Scope scope) {
    return read(root, PUNT, PUNT_PORT, scope);
  }

  /** The mirror port's name, or null. */
  static String readMirror(Table root, Scope scope) {
    String port = read(root, MIRROR, MIRROR_PORT, scope);
    List<Located<InterfacePlan>> mirrored =
        scope.interfaces.values().stream().filter(each -> each.value().options().mirror()).toList();
    if (!mirrored.isEmpty() && root.table(MIRROR).isEmpty()) {
      scope.report(
          mirrored.getFirst(), "is mirrored, but no port gets the copies", "say which in [mirror]");
    }
    return port;
  }

  private static String read(Table root, Section section, Key<String> key, Scope scope) {
    Located<String> port =
        root.table(section).flatMap(table -> table.find(key)).filter(scope::hasPort).orElse(null);
    if (port == null) {
      return null;
    }
    String bridge = scope.bridgeOfPort.get(port.value());
    if (bridge != null) {
      scope.report(port, "port " + port.value() + " is on bridge " + bridge, "");
    }
    for (Located<InterfacePlan> each : scope.interfaces.values()) {
      if (port.value().equals(each.value().on())) {
        scope.report(port, "interface " + each.value().name() + " is on port " + port.value(), "");
      }
    }
    return port.value();
  }
}
