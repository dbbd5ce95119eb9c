package org.xdp4j.daemon.config;

import java.util.HashMap;
import java.util.Map;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/** What must hold among the interfaces of one file. */
final class InterfaceCheck {
  private InterfaceCheck() {}

  static void check(Scope scope) {
    Map<String, String> frames = new HashMap<>();
    Map<IpAddress, String> addresses = new HashMap<>();
    Map<IpPrefix, String> networks = new HashMap<>();
    for (Located<InterfacePlan> each : scope.interfaces.values()) {
      InterfacePlan plan = each.value();
      if (plan.on() != null) {
        checkPlace(scope, each, frames);
      }
      for (IpPrefix prefix : plan.addresses()) {
        if (!prefix.address().isLinkLocal()) {
          refuseTaken(scope, each, addresses, prefix.address());
          String other = networks.putIfAbsent(prefix.network(), plan.name());
          if (other != null && !other.equals(plan.name())) {
            scope.report(
                each, "network " + prefix.network() + " is interface " + other + "'s already", "");
          }
        }
      }
    }
  }

  private static void refuseTaken(
      Scope scope, Located<InterfacePlan> each, Map<IpAddress, String> taken, IpAddress address) {
    String other = taken.putIfAbsent(address, each.value().name());
    if (other != null) {
      String whose = other.equals(each.value().name()) ? "named twice" : other + "'s already";
      scope.report(each, "address " + address + " is " + whose, "");
    }
  }

  private static void checkPlace(
      Scope scope, Located<InterfacePlan> each, Map<String, String> frames) {
    InterfacePlan plan = each.value();
    String bridge = scope.bridgeOfPort.get(plan.on());
    if (bridge != null) {
      scope.report(
          each,
          "port " + plan.on() + " is on bridge " + bridge,
          "put the interface on the bridge: on = \"" + bridge + "\"");
      return;
    }
    if (scope.bridgeNames.contains(plan.on()) && plan.tag().inner() != 0) {
      scope.report(each, "on a bridge frames have one tag, not two", "");
    }
    int tag = plan.tag().vlan();
    String key = plan.on() + " " + tag + " " + plan.tag().inner();
    String other = frames.putIfAbsent(key, plan.name());
    if (other != null) {
      scope.report(
          each,
          "interface " + other + " has the same frames of " + plan.on(),
          tag == 0 ? "give one of them a vlan" : "give one of them another vlan");
    }
  }
}
