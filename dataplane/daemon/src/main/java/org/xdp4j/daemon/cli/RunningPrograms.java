package org.xdp4j.daemon.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.xdp4j.bpf.LoadException;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.PinnedMaps;
import org.xdp4j.bpf.XdpChain;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.RunConfig;

/** The programs of one replay: a single one, or several that run in a chain. */
final class RunningPrograms implements AutoCloseable {
  /**
   * A program as the command line names it.
   *
   * @param config where it stands in a chain
   * @param maps what its maps are filled with
   * @param replaces the function of another one that it replaces; null when it runs by itself
   */
  record Part(
      BpfObject object,
      BpfProgram program,
      RunConfig config,
      MapOptions maps,
      Replacement.Wanted replaces) {}

  private final List<LoadedObject> objects = new ArrayList<>();

  /** Maps that objects ask libbpf to pin by name, and so share (LIBBPF_PIN_BY_NAME). */
  private final PinnedMaps pins = new PinnedMaps();

  private final List<Replacement> replacements = new ArrayList<>();
  private final XdpChain chain;
  private final XdpProgram program;

  private RunningPrograms(List<Part> parts, Region region, LoadOptions options)
      throws LoadException, CliException {
    try {
      List<XdpChain.Member> members = new ArrayList<>();
      for (Part part : parts) {
        if (part.replaces() == null) {
          LoadedObject loaded = load(part, region, options(part, options));
          XdpProgram own = loaded.program(part.program().name()).orElseThrow();
          members.add(new XdpChain.Member(own, part.config()));
        }
      }
      for (Part part : parts) {
        if (part.replaces() != null) {
          replace(part, members, region, options(part, options));
        }
      }
      chain = members.size() == 1 ? null : XdpChain.of(members, region, options);
      program = chain == null ? members.getFirst().program() : chain.program();
    } catch (LoadException | CliException | RuntimeException | Error e) {
      closeObjects();
      throw e;
    }
  }

  private LoadedObject load(Part part, Region region, LoadOptions options)
      throws LoadException, CliException {
    LoadedObject loaded = LoadedObject.load(part.object(), region, options);
    objects.add(loaded);
    part.maps().fill(part.object(), loaded);
    return loaded;
  }

  /** Loads a program and puts it in the place of a function of one that is there. */
  private void replace(Part part, List<XdpChain.Member> members, Region region, LoadOptions options)
      throws LoadException, CliException {
    String name = part.program().name();
    XdpProgram target =
        part.replaces().target(members.stream().map(XdpChain.Member::program).toList());
    String function = part.replaces().function();
    LoadOptions own = options.extend(target, function);
    for (LoadedObject before : objects) {
      if (before.object().file().equals(part.object().file())) {
        for (BpfMap map : before.maps()) { // one object, whose programs have their maps in common
          own = own.reuse(before.definition(map).name(), map);
        }
      }
    }
    LoadedObject loaded = load(part, region, own);
    loaded.extension(name).orElseThrow().attach();
    replacements.add(new Replacement(target.name(), function, name, part.object().file()));
  }

  private LoadOptions options(Part part, LoadOptions options) throws CliException {
    Set<String> names = new LinkedHashSet<>(part.maps().programs(part.object()));
    names.add(part.program().name());
    return new LoadOptions(options.cpus(), options.interpret(), options.asXdp(), names)
        .within(options.budget())
        .pinnedIn(pins)
        .making(part.maps().inner(part.object()));
  }

  /**
   * Reads the object files.
   *
   * @param maps for each program its own
   * @param sizes sizes of maps that are to be otherwise
   * @param kernel answers to what they ask of the kernel
   * @param configs {@code PROGRAM=CONFIG}, as {@link RunConfig#override} reads it
   * @param attachments {@code PROGRAM=TARGET:FUNCTION}, for programs that replace a function
   */
  static List<Part> read(
      List<String> programs,
      boolean asXdp,
      List<String> maps,
      MaxEntries sizes,
      List<String> configs,
      List<String> attachments,
      KernelFacts kernel)
      throws CliException {
    List<BpfObject> objects = new ArrayList<>();
    List<BpfProgram> chosen = new ArrayList<>();
    for (String text : programs) {
      ObjectFile file = ObjectFile.parse(text);
      BpfObject object = ObjectFile.read(file.file(), kernel);
      for (BpfProgram program : file.chooseAll(object, asXdp)) {
        objects.add(object);
        chosen.add(program);
      }
    }
    Map<String, Replacement.Wanted> replacing = Replacement.wanted(attachments, chosen);
    if (chosen.stream().allMatch(program -> replacing.containsKey(program.name()))) {
      throw CliException.unusable(
          "%s replaces a function of another program: name that one with --program as well"
              .formatted(chosen.getFirst().name()));
    }
    objects = sizes.applyTo(objects);
    Map<String, String> overrides = overrides(configs, chosen);
    List<MapOptions> fillings = MapOptions.share(maps, objects, chosen);
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < objects.size(); i++) {
      BpfProgram program = chosen.get(i);
      BpfObject object = fillings.get(i).prepare(objects.get(i));
      RunConfig config = config(object, program.name(), overrides.get(program.name()));
      Replacement.Wanted replaces = replacing.get(program.name());
      parts.add(new Part(object, program, config, fillings.get(i), replaces));
    }
    return parts;
  }

  private static Map<String, String> overrides(List<String> configs, List<BpfProgram> programs)
      throws CliException {
    Map<String, String> overrides = new HashMap<>();
    for (String text : configs) {
      int equals = text.indexOf('=');
      if (equals <= 0) {
        throw CliException.unusable("--run-config is PROGRAM=CONFIG, not " + text);
      }
      String name = text.substring(0, equals);
      if (programs.stream().noneMatch(p -> p.name().equals(name))) {
        throw CliException.unusable("--run-config " + text + ": no program " + name + " is run");
      }
      overrides.put(name, text.substring(equals + 1));
    }
    return overrides;
  }

  private static RunConfig config(BpfObject object, String program, String override)
      throws CliException {
    try {
      RunConfig own = RunConfig.of(object, program);
      return override == null ? own : own.override(override);
    } catch (ObjectException e) {
      throw CliException.unusable(e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw CliException.unusable(
          "--run-config " + program + "=" + override + ": " + e.getMessage(), e);
    }
  }

  /** Loads them and fills their maps. */
  static RunningPrograms load(List<Part> parts, Region region, LoadOptions options)
      throws LoadException, CliException {
    return new RunningPrograms(parts, region, options);
  }

  /** What runs on each frame. */
  XdpProgram program() {
    return program;
  }

  /** The chain, or null for a single program. */
  XdpChain chain() {
    return chain;
  }

  /** The functions that are replaced. */
  List<Replacement> replacements() {
    return replacements;
  }

  /** The objects, in the order they were loaded. */
  List<LoadedObject> objects() {
    return objects;
  }

  /** All of their maps, those that they share once. */
  List<BpfMap> maps() {
    return objects.stream().flatMap(object -> object.maps().stream()).distinct().toList();
  }

  @Override
  public void close() {
    if (chain != null) {
      chain.close();
    }
    closeObjects();
  }

  private void closeObjects() {
    objects.forEach(LoadedObject::close);
    pins.close();
  }
}
