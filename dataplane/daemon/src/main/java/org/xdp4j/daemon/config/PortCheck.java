package org.xdp4j.daemon.config;

import java.util.HashMap;
import java.util.Map;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Suggestion;
import org.xdp4j.engine.plan.PortPlan;

/** What must hold among the ports of one file. */
final class PortCheck {
  /** Of ports that are no device of this system's. */
  private static final int DEFAULT_MTU = 1500;

  private PortCheck() {}

  static void check(Scope scope) {
    Map<Integer, String> byIndex = new HashMap<>();
    Map<String, String> byDevice = new HashMap<>();
    Map<Object, String> byFile = new HashMap<>();
    Map<Object, String> read = new HashMap<>();
    for (Located<PortPlan> port : scope.ports.values()) {
      if (inner(port.value()) instanceof PortPlan.CaptureInput input) {
        input.files().forEach(file -> read.putIfAbsent(file, input.name()));
      }
    }
    for (Located<PortPlan> port : scope.ports.values()) {
      PortPlan plan = port.value();
      int index = plan.settings().ifindex();
      if (index != 0) {
        refuseTaken(scope, port, byIndex.putIfAbsent(index, plan.name()), "ifindex " + index);
      }
      String device = device(inner(plan));
      if (device != null) {
        refuseTaken(scope, port, byDevice.putIfAbsent(device, plan.name()), "device " + device);
      }
      if (inner(plan) instanceof PortPlan.CaptureOutput output) {
        Object file = output.file();
        refuseTaken(scope, port, byFile.putIfAbsent(file, plan.name()), "file " + file);
        refuseTaken(scope, port, read.get(file), "file " + file);
      }
      if (plan instanceof PortPlan.Loopback end) {
        checkPeer(scope, port, end);
      }
    }
  }

  /** What is behind faults, where there are some. */
  private static PortPlan inner(PortPlan plan) {
    return plan instanceof PortPlan.Fault fault ? fault.inner() : plan;
  }

  /** The MTU a port surely has; 0 for a device's own, which is not known yet. */
  static int mtu(PortPlan plan) {
    int said = plan.settings().mtu();
    return said == 0 && device(inner(plan)) == null ? DEFAULT_MTU : said;
  }

  private static String device(PortPlan plan) {
    return switch (plan) {
      case PortPlan.Tap tap -> tap.device();
      case PortPlan.Live live -> live.device();
      case PortPlan.PacketRing ring -> ring.device();
      case PortPlan.AfXdp xdp -> xdp.device();
      default -> null;
    };
  }

  private static void refuseTaken(Scope scope, Located<PortPlan> port, String other, String what) {
    if (other != null) {
      scope.report(port, what + " is port " + other + "'s already", "");
    }
  }

  private static void checkPeer(Scope scope, Located<PortPlan> port, PortPlan.Loopback end) {
    String name = end.name();
    if (end.peer().equals(name)) {
      scope.report(port, "is its own peer", "a wire has two ends, each a port");
      return;
    }
    if (!scope.portNames.contains(end.peer())) {
      scope.report(
          port,
          "there is no port '" + end.peer() + "', which is its peer",
          Suggestion.of(end.peer(), scope.portNames));
      return;
    }
    Located<PortPlan> other = scope.ports.get(end.peer());
    boolean mutual =
        other == null
            || other.value() instanceof PortPlan.Loopback back && back.peer().equals(name);
    if (!mutual) {
      scope.report(
          port,
          "its peer " + end.peer() + " is no loopback port with the peer " + name,
          "both ends name each other");
    }
  }
}
