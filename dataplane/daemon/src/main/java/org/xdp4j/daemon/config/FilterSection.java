package org.xdp4j.daemon.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.ValueType;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.engine.plan.FilterPlan;
import org.xdp4j.engine.plan.FilterPlan.Rule;
import org.xdp4j.net.filter.FilterRule.PortRange;
import org.xdp4j.net.filter.Verdict;
import org.xdp4j.net.wire.IpPrefix;
import org.xdp4j.net.wire.IpProtocol;

/** {@code [filter]} and {@code [[filter.rule]]}. */
final class FilterSection {
  private static final int MAX_CONNECTIONS = 1 << 22;
  private static final int MAX_PROTOCOL = 255;
  private static final ValueType<Verdict> VERDICT =
      Values.oneOf(List.of(Verdict.ACCEPT, Verdict.DROP, Verdict.REJECT));

  static final Section SECTION =
      Section.table(
          "filter",
          "The stateful firewall over forwarded packets: the first rule that fits a connection's"
              + " first packet decides, and what belongs to an accepted connection passes.");

  private static final Key<Verdict> OTHERWISE =
      SECTION.defaulted(
          "otherwise", VERDICT, Verdict.DROP, "`\"drop\"`", "What happens where no rule fits.");
  private static final Key<Integer> CONNECTIONS =
      SECTION.defaulted(
          "connections",
          Values.integer(16, MAX_CONNECTIONS),
          65_536,
          "The most connections there may be.");

  private static final Section RULE =
      Section.list("filter.rule", "A rule, in order. What it does not say fits all packets.");
  private static final Key<Verdict> ACTION =
      RULE.required(
          "action", VERDICT, "`reject` tells the sender by ICMP or a TCP reset, `drop` does not.");
  private static final Key<String> FROM =
      RULE.optional("from", Values.NAME_OF_SECTION, "any", "The interface a packet came in on.");
  private static final Key<String> TO =
      RULE.optional("to", Values.NAME_OF_SECTION, "any", "The interface it leaves by.");
  private static final Key<IpPrefix> SOURCE =
      RULE.optional("source", Values.PREFIX, "any", "The prefix its source is in.");
  private static final Key<IpPrefix> DESTINATION =
      RULE.optional("destination", Values.PREFIX, "any", "The prefix its destination is in.");
  private static final Key<Integer> PROTOCOL =
      RULE.optional("protocol", protocol(), "any, or TCP and UDP where ports are said", "Of IP.");
  private static final Key<int[]> SOURCE_PORTS =
      RULE.optional("source-ports", Values.PORT_RANGE, "any", "Ports it may come from.");
  private static final Key<int[]> PORTS =
      RULE.optional(
          "ports", Values.PORT_RANGE, "any", "Ports it may go to, as in `80` or `\"8000-8080\"`.");

  static {
    SECTION.with(RULE);
  }

  private FilterSection() {}

  private static ValueType<Integer> protocol() {
    Map<String, Integer> names = new LinkedHashMap<>();
    names.put("tcp", IpProtocol.TCP);
    names.put("udp", IpProtocol.UDP);
    names.put("icmp", IpProtocol.ICMP);
    names.put("icmpv6", IpProtocol.ICMPV6);
    names.put("sctp", IpProtocol.SCTP);
    ValueType<Integer> byName = Values.oneOf(names);
    ValueType<Integer> byNumber = Values.integer(0, MAX_PROTOCOL);
    return new ValueType<>(
        byName.description() + " or a number",
        (written, problems) ->
            (written.value() instanceof Long ? byNumber : byName).reader().read(written, problems));
  }

  /** What it says; null without one. */
  static FilterPlan read(Table root, Scope scope) {
    Table table = root.table(SECTION).orElse(null);
    if (table == null) {
      return null;
    }
    List<Rule> rules = new ArrayList<>();
    for (Table each : table.tables(RULE)) {
      Rule rule = rule(each, scope);
      if (rule != null) {
        rules.add(rule);
      }
    }
    return new FilterPlan(rules, table.get(OTHERWISE), table.get(CONNECTIONS));
  }

  private static Rule rule(Table table, Scope scope) {
    Verdict action = table.get(ACTION);
    IpPrefix source = table.get(SOURCE);
    IpPrefix destination = table.get(DESTINATION);
    if (source != null
        && destination != null
        && source.address().isIpv6() != destination.address().isIpv6()) {
      table.report("source and destination are of different families", "no packet fits");
    }
    Integer protocol = table.get(PROTOCOL);
    PortRange sourcePorts = range(table.get(SOURCE_PORTS));
    PortRange ports = range(table.get(PORTS));
    if (protocol != null
        && (sourcePorts != null || ports != null)
        && !IpProtocol.hasPorts(protocol)) {
      table.report(PROTOCOL, "protocol " + protocol + " has no ports", "no packet fits");
    }
    String from = interfaceName(table, FROM, scope);
    String to = interfaceName(table, TO, scope);
    return action == null
        ? null
        : new Rule(
            from,
            to,
            source,
            destination,
            protocol == null ? -1 : protocol,
            sourcePorts,
            ports,
            action);
  }

  private static String interfaceName(Table table, Key<String> key, Scope scope) {
    return table.find(key).filter(scope::hasInterface).map(Located::value).orElse(null);
  }

  private static PortRange range(int[] ports) {
    return ports == null ? null : new PortRange(ports[0], ports[1]);
  }
}
