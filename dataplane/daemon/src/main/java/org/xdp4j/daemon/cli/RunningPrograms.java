package org.xdp4j.daemon.cli;

import java.util.ArrayList;
import java.util.HashMap;
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
   */
  record Part(BpfObject object, BpfProgram program, RunConfig config, MapOptions maps) {}

  private final List<LoadedObject> objects = new ArrayList<>();

  /** Maps that objects ask libbpf to pin by name, and so share (LIBBPF_PIN_BY_NAME). */
  private final PinnedMaps pins = new PinnedMaps();

  private final XdpChain chain;
  private final XdpProgram program;

  private RunningPrograms(List<Part> parts, Region region, LoadOptions options)
      throws LoadException, CliException {
    try {
      List<XdpChain.Member> members = new ArrayList<>();
      for (Part part : parts) {
        LoadedObject loaded =
            LoadedObject.load(
                part.object(), region, named(options, part.program().name()).pinnedIn(pins));
        objects.add(loaded);
        part.maps().fill(part.object(), loaded);
        XdpProgram own = loaded.program(part.program().name()).orElseThrow();
        members.add(new XdpChain.Member(own, part.config()));
      }
      chain = members.size() == 1 ? null : XdpChain.of(members, region, options);
      program = chain == null ? members.getFirst().program() : chain.program();
    } catch (LoadException | CliException | RuntimeException e) {
      objects.forEach(LoadedObject::close);
      pins.close();
      throw e;
    }
  }

  private static LoadOptions named(LoadOptions options, String name) {
    return new LoadOptions(options.cpus(), options.interpret(), options.asXdp(), Set.of(name))
        .within(options.budget());
  }

  /**
   * Reads the object files.
   *
   * @param maps for each program its own
   * @param sizes sizes of maps that are to be otherwise
   * @param kernel answers to what they ask of the kernel
   * @param configs {@code PROGRAM=CONFIG}, as {@link RunConfig#override} reads it
   */
  static List<Part> read(
      List<String> programs,
      boolean asXdp,
      List<String> maps,
      MaxEntries sizes,
      List<String> configs,
      KernelFacts kernel)
      throws CliException {
    List<BpfObject> objects = new ArrayList<>();
    List<BpfProgram> chosen = new ArrayList<>();
    for (String text : programs) {
      ObjectFile file = ObjectFile.parse(text);
      objects.add(ObjectFile.read(file.file(), kernel));
      chosen.add(file.choose(objects.getLast(), asXdp));
    }
    objects = sizes.applyTo(objects);
    Map<String, String> overrides = overrides(configs, chosen);
    List<MapOptions> fillings = MapOptions.share(maps, objects, chosen);
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < objects.size(); i++) {
      BpfProgram program = chosen.get(i);
      BpfObject object = fillings.get(i).prepare(objects.get(i));
      RunConfig config = config(object, program.name(), overrides.get(program.name()));
      parts.add(new Part(object, program, config, fillings.get(i)));
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

  /** The objects, in the order they were named. */
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
    objects.forEach(LoadedObject::close);
    pins.close();
  }
}
