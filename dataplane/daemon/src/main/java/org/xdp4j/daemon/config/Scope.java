package org.xdp4j.daemon.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Place;
import org.xdp4j.daemon.config.schema.Problems;
import org.xdp4j.daemon.config.schema.Suggestion;
import org.xdp4j.engine.plan.BridgePlan;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.ProgramPlan;

/** What one file has named so far, for other sections to refer to. */
final class Scope {
  private final Problems problems;
  private final Path directory;

  /** All ports' names, those of ports that could not be read included. */
  final Set<String> portNames = new TreeSet<>();

  final Set<String> bridgeNames = new TreeSet<>();
  final Set<String> interfaceNames = new TreeSet<>();
  final Map<String, Located<PortPlan>> ports = new LinkedHashMap<>();
  final Map<String, Located<BridgePlan>> bridges = new LinkedHashMap<>();
  final Map<String, Located<InterfacePlan>> interfaces = new LinkedHashMap<>();
  final Map<String, Located<ProgramPlan>> programs = new LinkedHashMap<>();

  /** What is put into the maps of each of them, where it stands. */
  final Map<String, List<Located<String>>> entries = new LinkedHashMap<>();

  /** Which bridge a port belongs to. */
  final Map<String, String> bridgeOfPort = new LinkedHashMap<>();

  /**
   * Begins with nothing.
   *
   * @param directory what files named in the file are relative to
   */
  Scope(Problems problems, Path directory) {
    this.problems = problems;
    this.directory = directory;
  }

  Problems problems() {
    return problems;
  }

  /** A file as named in this one. */
  Path resolve(Path named) {
    return directory.resolve(named).normalize();
  }

  /** Whether there is a port of this name; reports it if not. */
  boolean hasPort(Located<String> name) {
    return has("port", name, portNames);
  }

  /** Whether there is an interface of this name; reports it if not. */
  boolean hasInterface(Located<String> name) {
    return has("interface", name, interfaceNames);
  }

  private boolean has(String kind, Located<String> name, Set<String> known) {
    if (known.contains(name.value())) {
      return true;
    }
    report(
        name.place(),
        name.path(),
        "there is no " + kind + " '" + name.value() + "'",
        Suggestion.of(name.value(), known));
    return false;
  }

  void report(Place place, String path, String reason, String advice) {
    problems.add(place, path, reason, advice);
  }

  /** Reports what is wrong with something where it stands. */
  void report(Located<?> where, String reason, String advice) {
    report(where.place(), where.path(), reason, advice);
  }
}
