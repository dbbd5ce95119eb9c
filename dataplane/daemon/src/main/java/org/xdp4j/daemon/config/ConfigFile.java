package org.xdp4j.daemon.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.daemon.config.schema.Document;
import org.xdp4j.daemon.config.schema.Place;
import org.xdp4j.daemon.config.schema.Problems;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.engine.plan.BridgePlan;
import org.xdp4j.engine.plan.FilterPlan;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.LimitPlan;
import org.xdp4j.engine.plan.NatPlan;
import org.xdp4j.engine.plan.NeighborPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.ProgramPlan;
import org.xdp4j.engine.plan.WorkerPlan;

/** Reads configuration files. */
public final class ConfigFile {
  /** Longer lists of routes belong into files of their own. */
  private static final long MAX_SIZE = 8L << 20;

  /** Everything a file may say. */
  static final Section ROOT =
      Section.root("")
          .with(PortSection.SECTION)
          .with(InterfaceSection.SECTION)
          .with(BridgeSection.SECTION)
          .with(RouteSection.SECTION)
          .with(RoutesSection.SECTION)
          .with(NeighborSection.SECTION)
          .with(ProgramSection.SECTION)
          .with(NatSection.SECTION)
          .with(FilterSection.SECTION)
          .with(PuntSection.PUNT)
          .with(PuntSection.MIRROR)
          .with(WorkerSection.SECTION)
          .with(LimitSection.SECTION)
          .with(ControlSection.SECTION)
          .with(ProcessSection.SECTION);

  private ConfigFile() {}

  /**
   * Reads one.
   *
   * @throws ConfigException with everything that is wrong with it
   */
  public static Configuration read(Path file) throws ConfigException {
    return read(file, false);
  }

  /**
   * Reads one, and tries whether its programs can be loaded and their maps be filled, which takes
   * longer.
   *
   * @throws ConfigException with everything that is wrong with it
   */
  public static Configuration check(Path file) throws ConfigException {
    return read(file, true);
  }

  private static Configuration read(Path file, boolean tried) throws ConfigException {
    Problems problems = new Problems(file.toString());
    String text = text(file, problems);
    if (text == null) {
      throw new ConfigException(problems.list());
    }
    return parse(text, file, problems, tried);
  }

  /**
   * Reads the text of one.
   *
   * @param file its name; files it names are found from there
   */
  public static Configuration parse(String text, Path file) throws ConfigException {
    return parse(text, file, new Problems(file.toString()), false);
  }

  private static String text(Path file, Problems problems) {
    try {
      String wrong = FileReference.unfit(file);
      if (wrong != null) {
        problems.add(Place.START, "", wrong, "");
        return null;
      }
      byte[] bytes;
      try (var in = Files.newInputStream(file)) {
        bytes = in.readNBytes((int) MAX_SIZE + 1);
      }
      if (bytes.length > MAX_SIZE) {
        problems.add(
            Place.START,
            "",
            "has more than " + (MAX_SIZE >> 20) + " MiB",
            "put long lists of routes into files of their own, see [routes]");
        return null;
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      problems.add(Place.START, "", "is not UTF-8 text", "");
    } catch (IOException e) {
      problems.add(Place.START, "", FileReference.unreadable(file), "");
    }
    return null;
  }

  private static Configuration parse(String text, Path file, Problems problems, boolean tried)
      throws ConfigException {
    Table root = Document.parse(text, ROOT, problems);
    Scope scope = new Scope(problems, file.toAbsolutePath().getParent());
    Configuration configuration = read(root, scope);
    if (tried) {
      ProgramTrial.of(configuration.plan(), scope);
    }
    if (problems.count() > 0) {
      throw new ConfigException(problems.list());
    }
    return configuration;
  }

  private static Configuration read(Table root, Scope scope) {
    WorkerPlan workers = WorkerSection.read(root);
    LimitPlan limits = LimitSection.read(root);
    List<PortPlan> ports = PortSection.read(root, scope);
    List<BridgePlan> bridges = BridgeSection.read(root, scope);
    List<InterfacePlan> interfaces = InterfaceSection.read(root, scope);
    RouteList routes = new RouteList(scope);
    RouteSection.read(root, scope, routes);
    RoutesSection.read(root, scope, routes);
    routes.check();
    List<NeighborPlan> neighbors = NeighborSection.read(root, scope, routes, limits.neighbors());
    NatPlan nat = NatSection.read(root, scope, routes);
    FilterPlan filter = FilterSection.read(root, scope);
    List<ProgramPlan> programs = ProgramSection.read(root, scope);
    String punt = PuntSection.readPunt(root, scope);
    String mirror = PuntSection.readMirror(root, scope);
    DaemonSettings settings = ProcessSection.read(root, ControlSection.read(root, scope));
    if (ports.isEmpty() && scope.portNames.isEmpty()) {
      scope.report(Place.START, "", "there is no port", "add one, as in [port.left]");
    }
    ForwarderPlan plan =
        new ForwarderPlan(
            workers,
            limits,
            ports,
            bridges,
            interfaces,
            routes.list(),
            neighbors,
            nat,
            filter,
            programs,
            punt,
            mirror);
    Map<String, Place> places = new HashMap<>();
    for (Section each :
        List.of(
            WorkerSection.SECTION,
            LimitSection.SECTION,
            ControlSection.SECTION,
            ProcessSection.SECTION)) {
      root.table(each).ifPresent(table -> places.putAll(table.places()));
    }
    scope.ports.values().forEach(port -> places.put(port.path(), port.place()));
    scope.programs.values().forEach(program -> places.put(program.path(), program.place()));
    return new Configuration(plan, settings, scope.problems().file(), places);
  }
}
