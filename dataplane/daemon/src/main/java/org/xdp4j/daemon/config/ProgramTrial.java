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
        attempt(program, forwarder, scope);
      }
    } catch (ForwarderException e) {
      if (scope.problems().count() == 0) {
        scope.report(Place.START, "", e.getMessage(), "");
      }
    }
  }

  private static void attempt(Located<ProgramPlan> program, Forwarder forwarder, Scope scope)
      throws ForwarderException {
    String maps = program.path() + ".maps";
    String ports = program.path() + ".ports";
    boolean hasObject =
        scope.problems().list().stream()
            .map(problem -> problem.path())
            .filter(path -> path.equals(program.path()) || path.startsWith(program.path() + "."))
            .allMatch(path -> path.startsWith(maps + ".") || path.startsWith(ports));
    if (!hasObject || program.value().ports().isEmpty()) {
      return;
    }
    List<Located<String>> entries =
        scope.entries.get(program.value().name()).stream()
            .filter(each -> !isReported(each, scope))
            .toList();
    String refused = load(program.value(), entries, forwarder);
    if (refused != null) {
      blame(program, entries, refused, forwarder, scope);
    }
  }

  private static boolean isReported(Located<?> where, Scope scope) {
    return scope.problems().list().stream()
        .anyMatch(problem -> problem.path().equals(where.path()));
  }

  /** Reports each entry that cannot be had even alone; the program where none is to blame. */
  private static void blame(
      Located<ProgramPlan> program,
      List<Located<String>> entries,
      String refused,
      Forwarder forwarder,
      Scope scope)
      throws ForwarderException {
    boolean isSaid = false;
    if (tried(program.value(), List.of(), forwarder) == null) {
      for (Located<String> each : entries) {
        String alone = tried(program.value(), List.of(each), forwarder);
        if (alone != null) {
          scope.report(each, alone, "");
          isSaid = true;
        }
      }
    }
    if (!isSaid) {
      scope.report(program, refused, "");
    }
  }

  /** Why the program cannot be loaded with these entries, or null; it is not there afterwards. */
  private static String tried(
      ProgramPlan program, List<Located<String>> entries, Forwarder forwarder)
      throws ForwarderException {
    String refused = load(program, entries, forwarder);
    if (refused == null) {
      for (String port : program.ports()) {
        forwarder.programs().detach(port);
      }
    }
    return refused;
  }

  /** Why the program cannot be loaded with these entries; null when it is there now. */
  private static String load(
      ProgramPlan program, List<Located<String>> entries, Forwarder forwarder) {
    try {
      String[] maps = entries.stream().map(Located::value).toArray(String[]::new);
      forwarder.programs().load(program.withMaps(maps));
      return null;
    } catch (ForwarderException e) {
      return e.getMessage();
    }
  }
}
