package org.xdp4j.daemon.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.ValueType;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.daemon.config.schema.Values.Endpoint;
import org.xdp4j.engine.plan.NatPlan;
import org.xdp4j.engine.plan.NatPlan.Forward;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;
import org.xdp4j.net.wire.IpProtocol;

/** {@code [nat]} and {@code [[nat.forward]]}. */
final class NatSection {
  private static final int MAX_MAPPINGS = 1 << 22;

  static final Section SECTION =
      Section.table(
          "nat",
          "NAT44 with port translation (RFC 4787, 5382, 5508): what leaves by an outside interface"
              + " has an address of ours.");

  private static final Key<List<Located<String>>> OUTSIDE =
      SECTION.required(
          "outside",
          ValueType.nonEmptyListOf(Values.NAME_OF_SECTION),
          "The interfaces whose links are outside.");
  private static final Key<List<Located<IpAddress>>> ADDRESSES =
      SECTION.optional(
          "addresses",
          ValueType.nonEmptyListOf(Values.ADDRESS4),
          "the first IPv4 address of each outside interface",
          "Addresses of ours that stand for inside ones; each an interface's.");
  private static final Key<Integer> MAPPINGS =
      SECTION.defaulted(
          "mappings", Values.integer(16, MAX_MAPPINGS), 65_536, "The most mappings there may be.");
  private static final Key<Integer> PER_HOST =
      SECTION.optional(
          "mappings-per-host",
          Values.integer(1, MAX_MAPPINGS),
          "as many as `mappings`",
          "The most that one inside host may have (RFC 6888, REQ-4): what it wants beyond is"
              + " dropped as `nat-host-limit`, and it is told that the host is unreachable.");
  private static final Key<Long> SEED =
      SECTION.optional(
          "seed",
          Values.wholeNumber(Long.MIN_VALUE, Long.MAX_VALUE),
          "ports nobody can tell beforehand",
          "Of the ports chosen where the inside one is taken: the same seed, the same ports for the"
              + " same packets. For replays only (RFC 6056).");

  private static final Section FORWARD =
      Section.list("nat.forward", "An outside endpoint that leads inside: a port forward.");
  private static final Key<Integer> PROTOCOL =
      FORWARD.defaulted(
          "protocol",
          Values.oneOf(new TreeMap<>(Map.of("tcp", IpProtocol.TCP, "udp", IpProtocol.UDP))),
          IpProtocol.TCP,
          "`\"tcp\"`",
          "Of IP.");
  private static final Key<Endpoint> FROM =
      FORWARD.required(
          "outside", Values.ENDPOINT4, "The endpoint outside, as in `\"192.0.2.1:80\"`.");
  private static final Key<Endpoint> TO =
      FORWARD.required("inside", Values.ENDPOINT4, "The endpoint inside that gets it.");

  static {
    SECTION.with(FORWARD);
  }

  private NatSection() {}

  /** What it says; null without one. */
  static NatPlan read(Table root, Scope scope, RouteList routes) {
    Table table = root.table(SECTION).orElse(null);
    if (table == null) {
      return null;
    }
    List<String> outside =
        table.list(OUTSIDE).stream().filter(scope::hasInterface).map(Located::value).toList();
    List<IpAddress> pool = pool(table, outside, scope, routes);
    List<Forward> forwards = forwards(table, pool, scope);
    Integer perHost = table.get(PER_HOST);
    Long seed = table.get(SEED);
    return outside.isEmpty() || pool.isEmpty()
        ? null
        : new NatPlan(
            outside,
            pool,
            table.get(MAPPINGS),
            perHost == null ? Integer.MAX_VALUE : perHost,
            seed == null ? OptionalLong.empty() : OptionalLong.of(seed),
            forwards);
  }

  private static List<IpAddress> pool(
      Table table, List<String> outside, Scope scope, RouteList routes) {
    List<IpAddress> pool = new ArrayList<>();
    if (table.has(ADDRESSES)) {
      for (Located<IpAddress> each : table.list(ADDRESSES)) {
        if (!routes.isOwn(each.value())) {
          scope.report(
              each,
              each.value() + " is no interface's address",
              "add it to an outside interface's addresses");
        }
        pool.add(each.value());
      }
      return pool;
    }
    for (String name : outside) {
      if (scope.interfaces.get(name) != null) {
        scope.interfaces.get(name).value().addresses().stream()
            .map(IpPrefix::address)
            .filter(address -> !address.isIpv6())
            .findFirst()
            .ifPresentOrElse(
                pool::add,
                () ->
                    table.report(
                        OUTSIDE,
                        "interface " + name + " has no IPv4 address to stand for inside ones",
                        "give it one, or say which with addresses"));
      }
    }
    return pool;
  }

  private static List<Forward> forwards(Table table, List<IpAddress> pool, Scope scope) {
    List<Forward> forwards = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (Table each : table.tables(FORWARD)) {
      Integer protocol = each.get(PROTOCOL);
      Located<Endpoint> from = each.find(FROM).orElse(null);
      Located<Endpoint> to = each.find(TO).orElse(null);
      if (from == null || to == null) {
        continue;
      }
      if (!pool.contains(from.value().address())) {
        scope.report(
            from,
            from.value().address() + " is none of NAT's outside addresses",
            pool.isEmpty() ? "" : "one is " + pool.getFirst());
      } else if (!taken.add("outside " + protocol + " " + from.value())) {
        scope.report(from, from.value() + " is forwarded twice", "");
      } else if (!taken.add("inside " + protocol + " " + to.value())) {
        scope.report(to, to.value() + " stands behind another endpoint already", "");
      } else {
        forwards.add(
            new Forward(
                protocol,
                from.value().address(),
                from.value().port(),
                to.value().address(),
                to.value().port()));
      }
    }
    return forwards;
  }
}
