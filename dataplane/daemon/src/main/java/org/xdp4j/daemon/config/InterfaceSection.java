package org.xdp4j.daemon.config;

import java.util.List;
import java.util.Map;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Suggestion;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.ValueType;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.InterfacePlan.Options;
import org.xdp4j.engine.plan.InterfacePlan.Tag;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.net.stack.ReversePath;
import org.xdp4j.net.wire.IpPrefix;

/** {@code [interface.NAME]}. */
final class InterfaceSection {
  private static final int MAX_VLAN = 4094;
  private static final int SERVICE_TAG = 0x88a8;
  private static final int CUSTOMER_TAG = 0x8100;
  private static final int MIN_MTU = 68;
  private static final int MAX_MTU = 65_535;
  private static final int BITS = 8;

  /** Largest rate of a token bucket, in bytes a second. */
  private static final long MAX_RATE = 4_000_000_000L;

  private static final long DEFAULT_BURST = 64 << 10;

  static final Section SECTION =
      Section.named(
          "interface",
          "A way onto a link, with IP addresses: a port or a bridge, or a VLAN of one. The router"
              + " forwards among interfaces. Routes to the networks of its addresses follow from"
              + " it.");

  private static final Key<String> ON =
      SECTION.optional(
          "on",
          Values.NAME_OF_SECTION,
          "the port or bridge of the same name",
          "The port or bridge it is on.");
  private static final Key<List<Located<IpPrefix>>> ADDRESSES =
      SECTION.optional(
          "addresses",
          ValueType.listOf(Values.ADDRESS_IN_NETWORK),
          "none",
          "Its addresses, as in `[\"10.0.1.1/24\", \"fd00:1::1/64\"]`. With its first IPv6 address"
              + " it gets a link-local one, too.");
  private static final Key<Integer> VLAN =
      SECTION.optional(
          "vlan", Values.integer(1, MAX_VLAN), "no tag", "Its frames have this VLAN's tag.");
  private static final Key<Integer> INNER_VLAN =
      SECTION.optional(
          "inner-vlan",
          Values.integer(1, MAX_VLAN),
          "one tag",
          "Its frames have a second tag behind the first (IEEE 802.1ad).");
  private static final Key<Integer> OUTER_TYPE =
      SECTION.defaulted(
          "outer-type",
          Values.oneOf(
              new java.util.TreeMap<>(Map.of("802.1ad", SERVICE_TAG, "802.1q", CUSTOMER_TAG))),
          SERVICE_TAG,
          "`\"802.1ad\"`",
          "The EtherType of the outer of two tags: 0x88a8 or 0x8100.");
  private static final Key<Long> MAC =
      SECTION.optional("mac", Values.MAC, "the port's", "Its hardware address.");
  private static final Key<Integer> MTU =
      SECTION.optional(
          "mtu",
          Values.integer(MIN_MTU, MAX_MTU),
          "the port's",
          "The largest IP packet it sends, in bytes.");
  private static final Key<Boolean> FORWARDING =
      SECTION.defaulted(
          "forwarding", Values.BOOLEAN, true, "Whether packets from it are forwarded.");
  private static final Key<Boolean> DIRECTED_BROADCAST =
      SECTION.defaulted(
          "directed-broadcast",
          Values.BOOLEAN,
          false,
          "Whether packets to all stations of its network are sent there (RFC 2644).");
  private static final Key<Boolean> SOURCE_ROUTE =
      SECTION.defaulted(
          "source-route",
          Values.BOOLEAN,
          false,
          "Whether packets with a source route are let in (RFC 7126, section 4.3).");
  private static final Key<Boolean> REDIRECTS =
      SECTION.defaulted(
          "redirects",
          Values.BOOLEAN,
          true,
          "Whether senders are told of a better next hop on their own link.");
  private static final Key<Boolean> ADVERTISE =
      SECTION.defaulted(
          "advertise",
          Values.BOOLEAN,
          false,
          "Whether its IPv6 prefixes are advertised to hosts (RFC 4861, section 6.2).");
  private static final Key<Boolean> MIRROR =
      SECTION.defaulted(
          "mirror",
          Values.BOOLEAN,
          false,
          "Whether copies of its frames go to the port of `[mirror]`, as they came.");
  private static final Key<Boolean> DETECT_DUPLICATES =
      SECTION.defaulted(
          "detect-duplicates",
          Values.BOOLEAN,
          false,
          "Whether its addresses are looked for on the link before they are used (RFC 4862, RFC"
              + " 5227).");
  private static final Key<ReversePath> REVERSE_PATH =
      SECTION.defaulted(
          "reverse-path",
          Values.oneOf(ReversePath.class),
          ReversePath.OFF,
          "`\"off\"`",
          "How sources are checked (RFC 3704): `loose` wants a route to them, `strict` one by this"
              + " interface.");
  private static final Key<Long> POLICE_RATE =
      SECTION.optional(
          "police-rate",
          Values.bitRate(BITS, MAX_RATE * BITS),
          "any rate",
          "The most that may come in, link headers included; what is more is dropped.");
  private static final Key<Long> POLICE_BURST =
      SECTION.optional(
          "police-burst",
          Values.size(1, MAX_RATE),
          "`\"64 KiB\"`",
          "What may come in at once beyond the rate; a frame that is larger never does (RFC"
              + " 2697).");

  private InterfaceSection() {}

  static List<InterfacePlan> read(Table root, Scope scope) {
    List<Table> tables = root.tables(SECTION);
    tables.forEach(table -> scope.interfaceNames.add(table.name()));
    for (Table table : tables) {
      InterfacePlan plan = read0(table, scope);
      scope.interfaces.put(plan.name(), table.locate(plan));
    }
    InterfaceCheck.check(scope);
    return scope.interfaces.values().stream().map(Located::value).toList();
  }

  private static InterfacePlan read0(Table table, Scope scope) {
    Long mac = table.get(MAC);
    Integer mtu = table.get(MTU);
    List<Located<IpPrefix>> addresses = table.list(ADDRESSES);
    addresses.forEach(each -> checkAddress(each, mtu, scope));
    String on = on(table, scope);
    if (mtu != null) {
      checkMtu(table, mtu, on, scope);
    }
    return new InterfacePlan(
        table.name(),
        on,
        tag(table),
        mac == null ? 0 : mac,
        mtu == null ? 0 : mtu,
        addresses.stream().map(Located::value).toList(),
        options(table));
  }

  /** A port whose MTU is not said has its device's, which is not known yet. */
  private static void checkMtu(Table table, int mtu, String on, Scope scope) {
    for (Located<PortPlan> port : scope.ports.values()) {
      String name = port.value().name();
      boolean under = name.equals(on) || on != null && on.equals(scope.bridgeOfPort.get(name));
      int most = PortCheck.mtu(port.value());
      if (under && most != 0 && mtu > most) {
        table.report(MTU, "is more than the " + most + " that port " + name + " takes", "");
      }
    }
  }

  private static void checkAddress(Located<IpPrefix> written, Integer mtu, Scope scope) {
    IpPrefix prefix = written.value();
    var address = prefix.address();
    if (address.isMulticast()
        || address.isUnspecified()
        || address.isLoopback()
        || prefix.length() == 0) {
      scope.report(written, prefix + " is no station's address", "");
    } else if (address.isIpv6() && mtu != null && mtu < 1280) {
      scope.report(written, "an MTU of " + mtu + " is too small for IPv6, which needs 1280", "");
    } else if (!address.isIpv6()
        && prefix.length() < 31
        && (address.equals(prefix.network().address()) || address.ipv4() == prefix.broadcast4())) {
      scope.report(
          written,
          prefix + " is the address of a network or of all its stations",
          "an interface needs one between them");
    }
  }

  /** The port or bridge; null when there is none, which is reported. */
  private static String on(Table table, Scope scope) {
    boolean said = table.has(ON);
    String on = said ? table.get(ON) : table.name();
    if (on == null || scope.portNames.contains(on) || scope.bridgeNames.contains(on)) {
      return on;
    }
    java.util.Set<String> known = new java.util.TreeSet<>(scope.portNames);
    known.addAll(scope.bridgeNames);
    String advice = Suggestion.of(on, known);
    if (said) {
      table.report(ON, "there is no port or bridge '" + on + "'", advice);
    } else {
      table.report("there is no port or bridge of this name", "say which it is on; " + advice);
    }
    return null;
  }

  private static Tag tag(Table table) {
    Integer vlan = table.get(VLAN);
    Integer inner = table.get(INNER_VLAN);
    if (inner != null && vlan == null && !table.has(VLAN)) {
      table.report(INNER_VLAN, "there is no outer tag", "say which with vlan");
    }
    return new Tag(
        vlan == null ? 0 : vlan, inner == null || vlan == null ? 0 : inner, table.get(OUTER_TYPE));
  }

  private static Options options(Table table) {
    Long rate = table.get(POLICE_RATE);
    Long burst = table.get(POLICE_BURST);
    if (table.has(POLICE_BURST) && !table.has(POLICE_RATE)) {
      table.report(POLICE_BURST, "there is no police-rate that it is beyond", "");
    }
    return new Options(
        table.get(FORWARDING),
        table.get(DIRECTED_BROADCAST),
        table.get(SOURCE_ROUTE),
        table.get(REDIRECTS),
        table.get(ADVERTISE),
        table.get(MIRROR),
        table.get(DETECT_DUPLICATES),
        table.get(REVERSE_PATH),
        rate == null ? 0 : rate / BITS,
        rate == null ? 0 : burst == null ? DEFAULT_BURST : burst);
  }
}
