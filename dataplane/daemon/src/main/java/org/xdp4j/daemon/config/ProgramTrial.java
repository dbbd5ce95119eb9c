package org.xdp4j.daemon.config;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.engine.forward.Forwarder;
import org.xdp4j.engine.forward.ForwarderException;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.LimitPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.plan.ProgramPlan;

/**
 * Loads the programs of a file and fills their maps as the daemon would, on ports that are none.
 */
final class ProgramTrial {
  /** No frame comes. */
  private static final int FRAMES = 64;

  private ProgramTrial() {}

  /** Reports each program that cannot be loaded. */
  static void of(LimitPlan limits, Scope scope) {
    List<PortPlan> ports = new ArrayList<>();
    for (String name : scope.portNames) {
      Located<PortPlan> port = scope.ports.get(name);
      int index = port == null ? 0 : port.value().settings().ifindex();
      ports.add(new PortPlan.Null(PortSettings.of(name).withIfindex(index)));
    }
    for (Located<ProgramPlan> program : scope.programs.values()) {
      boolean isWhole =
          scope.problems().list().stream()
              .noneMatch(problem -> problem.path().startsWith(program.path()));
      if (isWhole) {
        attempt(program, limits, ports, scope);
      }
    }
  }

  private static void attempt(
      Located<ProgramPlan> program, LimitPlan limits, List<PortPlan> ports, Scope scope) {
    ForwarderPlan plan =
        ForwarderPlan.empty()
            .withLimits(limits.withFrames(FRAMES))
            .withPorts(ports)
            .withPrograms(List.of(program.value()));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      forwarder.stop();
    } catch (ForwarderException e) {
      scope.report(program, e.getMessage(), "");
    }
  }
}
