package org.xdp4j.daemon.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.ValueType;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.engine.plan.BridgePlan;
import org.xdp4j.engine.plan.BridgePlan.Member;

/** {@code [bridge.NAME]}, and {@code [bridge.NAME.port.PORT]} where VLANs are told apart. */
final class BridgeSection {
  private static final int MAX_VLAN = 4094;

  static final Section SECTION =
      Section.named(
          "bridge",
          "Ports that are one link: a learning bridge (IEEE 802.1Q). An interface may be on it.");

  private static final Key<List<Located<String>>> PORTS =
      SECTION.optional(
          "ports",
          ValueType.listOf(Values.NAME_OF_SECTION),
          "those with sections of their own",
          "Its ports that carry frames without a tag.");

  private static final Section PORT =
      Section.named("bridge.NAME.port", "A port of a bridge and the VLANs it carries.");
  private static final Key<Integer> UNTAGGED =
      PORT.optional(
          "untagged",
          Values.integer(1, MAX_VLAN),
          "frames without a tag are dropped",
          "The VLAN of frames without a tag.");
  private static final Key<List<Located<Integer>>> TAGGED =
      PORT.optional(
          "tagged",
          ValueType.listOf(Values.integer(1, MAX_VLAN)),
          "none",
          "The VLANs of frames with a tag that are taken.");

  static {
    SECTION.with(PORT);
  }

  private BridgeSection() {}

  static List<BridgePlan> read(Table root, Scope scope) {
    List<Table> tables = root.tables(SECTION);
    tables.forEach(table -> scope.bridgeNames.add(table.name()));
    for (Table table : tables) {
      if (scope.portNames.contains(table.name())) {
        table.report("a port has the same name", "interfaces could not tell them apart");
      }
      Map<String, Located<Member>> members = members(table, scope);
      if (members.size() < 2) {
        table.report(
            "has " + (members.isEmpty() ? "no port" : "only one port"),
            "a bridge joins two or more");
      }
      BridgePlan plan =
          new BridgePlan(table.name(), members.values().stream().map(Located::value).toList());
      scope.bridges.put(table.name(), table.locate(plan));
    }
    return scope.bridges.values().stream().map(Located::value).toList();
  }

  private static Map<String, Located<Member>> members(Table table, Scope scope) {
    Map<String, Located<Member>> members = new LinkedHashMap<>();
    for (Located<String> port : table.list(PORTS)) {
      add(port.with(Member.of(port.value())), table, members, scope);
    }
    for (Table each : table.tables(PORT)) {
      Integer untagged = each.get(UNTAGGED);
      List<Integer> tagged = each.list(TAGGED).stream().map(Located::value).toList();
      if (untagged == null && tagged.isEmpty()) {
        each.report("carries no VLAN", "say which with untagged and tagged");
      }
      if (untagged != null && tagged.contains(untagged)) {
        each.report(TAGGED, "VLAN " + untagged + " is its untagged one already", "");
      }
      Member member = new Member(each.name(), untagged == null ? 0 : untagged, tagged);
      add(each.locate(member), table, members, scope);
    }
    return members;
  }

  private static void add(
      Located<Member> member, Table table, Map<String, Located<Member>> members, Scope scope) {
    String port = member.value().port();
    if (!scope.hasPort(member.with(port))) {
      return;
    }
    String other = scope.bridgeOfPort.putIfAbsent(port, table.name());
    if (other != null) {
      scope.report(member, "port " + port + " is on bridge " + other + " already", "");
    }
    members.putIfAbsent(port, member);
  }
}
