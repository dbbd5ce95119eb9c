package org.xdp4j.daemon.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Place;
import org.xdp4j.engine.forward.Forwarder;
import org.xdp4j.engine.forward.ForwarderException;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.plan.ProgramPlan;
import org.xdp4j.engine.plan.WorkerPlan;

/**
 * Loads the programs of a file and fills their maps as the daemon would, on ports that are none.
 * All are there together in the end, as in the daemon: what their maps may take is shared.
 */
final class ProgramTrial {
  /** No frame comes. */
  private static final int FRAMES = 64;

  private ProgramTrial() {}

  /** Reports each program that cannot be loaded beside those before it. */
  static void of(ForwarderPlan plan, Scope scope) {
    if (scope.programs.isEmpty()) {
      return;
    }
    List<PortPlan> ports = new ArrayList<>();
    for (String name : scope.portNames) {
      Located<PortPlan> port = scope.ports.get(name);
      int index = port == null ? 0 : port.value().settings().ifindex();
      ports.add(new PortPlan.Null(PortSettings.of(name).withIfindex(index)));
    }
    ForwarderPlan without =
        ForwarderPlan.empty()
            .withWorkers(WorkerPlan.one().withMost(plan.workers().possible()))
            .withLimits(plan.limits().withFrames(FRAMES).withWarmUp(Duration.ZERO))
            .withPorts(ports);
    try (Forwarder forwarder = Forwarder.start(without)) {
      for (Located<ProgramPlan> program : scope.programs.values()) {
        boolean isWhole =
            scope.problems().list().stream()
                .noneMatch(problem -> problem.path().startsWith(program.path()));
        if (isWhole) {
          attempt(program, forwarder, scope);
        }
      }
    } catch (ForwarderException e) {
      if (scope.problems().count() == 0) {
        scope.report(Place.START, "", e.getMessage(), "");
      }
    }
  }

  private static void attempt(Located<ProgramPlan> program, Forwarder forwarder, Scope scope) {
    try {
      forwarder.programs().load(program.value());
    } catch (ForwarderException e) {
      scope.report(program, e.getMessage(), "");
    }
  }
}
