package org.xdp4j.daemon.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.text.MapAssignment;
import org.xdp4j.bpf.text.ProgramPlace;
import org.xdp4j.bpf.text.TextException;

/** All {@code --map} options of one command. */
final class MapOptions {
  /**
   * An option.
   *
   * @param entries what is behind the first equals sign
   */
  private record Given(MapAssignment assignment, String entries) {
    Given named(String name) {
      return new Given(assignment.named(name), entries);
    }
  }

  private final List<Given> options;

  private MapOptions(List<Given> options) {
    this.options = options;
  }

  static MapOptions parse(List<String> texts) throws CliException {
    List<Given> options = new ArrayList<>();
    for (String text : texts) {
      try {
        options.add(
            new Given(MapAssignment.parse(text), text.substring(text.indexOf('=') + 1).strip()));
      } catch (TextException e) {
        throw unusable(e);
      }
    }
    return new MapOptions(options);
  }

  /**
   * The same for several programs, each getting what is its own: an option's name is a map or a
   * global variable of one program only, or is written {@code PROGRAM:NAME}.
   */
  static List<MapOptions> share(
      List<String> texts, List<BpfObject> objects, List<BpfProgram> programs) throws CliException {
    List<List<Given>> shares = new ArrayList<>();
    objects.forEach(object -> shares.add(new ArrayList<>()));
    for (Given option : parse(texts).options) {
      String name = option.assignment().name();
      int colon = name.indexOf(':');
      List<Integer> owners = new ArrayList<>();
      Given own = option;
      if (colon > 0) {
        own = option.named(name.substring(colon + 1));
      }
      for (int i = 0; i < objects.size(); i++) {
        boolean asked = colon <= 0 || programs.get(i).name().equals(name.substring(0, colon));
        if (asked && (colon > 0 || objects.size() == 1 || own.assignment().fits(objects.get(i)))) {
          owners.add(i);
        }
      }
      shares.get(only(owners, name, programs)).add(own);
    }
    return shares.stream().map(MapOptions::new).toList();
  }

  private static int only(List<Integer> owners, String name, List<BpfProgram> programs)
      throws CliException {
    if (owners.size() == 1) {
      return owners.getFirst();
    }
    if (owners.isEmpty()) {
      throw CliException.unusable(
          name.contains(":")
              ? "--map: no program " + name.substring(0, name.indexOf(':')) + " is run"
              : "--map: no program has a map or global variable '" + name + "'");
    }
    List<String> ways = new ArrayList<>();
    owners.forEach(i -> ways.add(programs.get(i).name() + ":" + name));
    throw CliException.unusable(
        "--map: several programs have '" + name + "', write " + String.join(" or ", ways));
  }

  /** Sets global variables, before loading. */
  BpfObject prepare(BpfObject object) throws CliException {
    try {
      return MapAssignment.prepare(object, assignments(object));
    } catch (TextException e) {
      throw unusable(e);
    }
  }

  /** The programs of {@code object} that are to be put into maps, which are to be loaded too. */
  Set<String> programs(BpfObject object) throws CliException {
    Set<String> names = new LinkedHashSet<>();
    for (Given option : options) {
      for (ProgramPlace place : places(option, object)) {
        if (place.program() != null) {
          names.add(place.program());
        }
      }
    }
    for (String name : names) {
      if (object.program(name).isEmpty()) {
        throw CliException.unusable(
            "--map: %s has no program '%s'; it has %s"
                .formatted(
                    object.file(),
                    name,
                    object.programs().stream()
                        .map(BpfProgram::name)
                        .collect(Collectors.joining(", "))));
      }
    }
    return names;
  }

  /** The maps that are to be put into maps of maps, to be made though no program uses them. */
  Set<String> inner(BpfObject object) throws CliException {
    try {
      return MapAssignment.inner(object, assignments(object));
    } catch (TextException e) {
      throw unusable(e);
    }
  }

  /** Writes entries, after loading. */
  void fill(BpfObject object, LoadedObject loaded) throws CliException {
    try {
      MapAssignment.fill(object, assignments(object), loaded::map);
      for (Given option : options) {
        for (ProgramPlace place : places(option, object)) {
          PlaceFiller.put(loaded, option.assignment().name(), place);
        }
      }
    } catch (TextException e) {
      throw unusable(e);
    }
  }

  /** Those of no programs. */
  private List<MapAssignment> assignments(BpfObject object) {
    return options.stream()
        .filter(option -> holder(option, object) == null)
        .map(Given::assignment)
        .toList();
  }

  private static List<ProgramPlace> places(Given option, BpfObject object) throws CliException {
    MapSpec holder = holder(option, object);
    try {
      return holder == null ? List.of() : ProgramPlace.parse(holder, option.entries());
    } catch (TextException e) {
      throw unusable(e);
    }
  }

  /** The map that programs are put into by the option; null when it is about something else. */
  private static MapSpec holder(Given option, BpfObject object) {
    return object.maps().stream()
        .filter(map -> map.name().equals(option.assignment().name()))
        .filter(map -> ProgramPlace.isHeldBy(map) && !option.entries().startsWith("@"))
        .filter(map -> ProgramPlace.isIn(map, option.entries()))
        .findFirst()
        .orElse(null);
  }

  private static CliException unusable(TextException e) {
    return CliException.unusable("--map: " + e.getMessage(), e);
  }
}
